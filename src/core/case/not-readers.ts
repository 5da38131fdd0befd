import type { Case } from './case.ts';

type Read = Pick<Case, 'verdicts' | 'history'>;

/** People who may not read the image: its readers, those who asked for another reading, and observers, since the last opening. */
export function notReaders(current: Read): readonly string[] {
  const asked = sinceOpened(current)
    .filter(({ kind, actor }) => kind === 'second-opinion-due' && actor !== 'system')
    .map(({ actor }) => actor);
  return [...new Set([...current.verdicts.map(({ analyst }) => analyst), ...asked, ...advisers(current)])];
}

/** Observers since the case was last opened. */
export function advisers(current: Pick<Case, 'history'>): readonly string[] {
  return sinceOpened(current)
    .filter(({ kind }) => kind === 'advice-joined')
    .map(({ actor }) => actor);
}

/** Whom the case is not assigned to: who does not read it, and who had it and gave it back or let it lapse. */
export function ineligibleReaders(current: Read): readonly string[] {
  return [
    ...new Set([...notReaders(current), ...handBacks(sinceOpened(current)).map(({ person }) => person)]),
  ];
}

/** A case that its reader did not decide. */
export interface HandBack {
  /** Number of its event in the history of the case. */
  readonly seq: number;
  readonly at: string;
  readonly person: string;
  readonly kind: 'handed-back' | 'taken-back' | 'lease-over';
  readonly why?: string;
}

/** Every one since the case was first opened. */
export function handBacks(history: Case['history']): readonly HandBack[] {
  return history.flatMap(({ seq, at, actor, kind, detail }): readonly HandBack[] => {
    const { analyst, why } = detail;
    const words = typeof why === 'string' ? { why } : {};
    if (kind === 'lease-over') return [{ seq, at, person: String(analyst), kind: 'lease-over' }];
    if (kind !== 'released' || actor === 'system') return [];
    if (typeof analyst === 'string') return [{ seq, at, person: analyst, kind: 'taken-back', ...words }];
    return [{ seq, at, person: actor, kind: 'handed-back', ...words }];
  });
}

function sinceOpened({ history }: Pick<Case, 'history'>): Case['history'] {
  const opened = history.findLastIndex(({ kind }) => kind === 'opened' || kind === 'reopened');
  return history.slice(opened + 1);
}
