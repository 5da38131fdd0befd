import type { Case } from './case.ts';

type Read = Pick<Case, 'verdicts' | 'history'>;

/**
 * People who may not read the image: its readers, those who asked for another reading, and observers. A reopening gives nobody
 * a second reading.
 */
export function notReaders(current: Read): readonly string[] {
  return [
    ...new Set([...readers(current), ...actorsOf(current, 'second-opinion-due'), ...advisers(current)]),
  ];
}

/** Everybody who ever gave a verdict on it, also one that was taken back. */
export function readers({ verdicts, history }: Read): readonly string[] {
  const given = [...actorsOf({ history }, 'decided'), ...actorsOf({ history }, 'settled')];
  return [...new Set([...verdicts.map(({ analyst }) => analyst), ...given])];
}

/** Everybody who observed a reader. */
export function advisers(current: Pick<Case, 'history'>): readonly string[] {
  return actorsOf(current, 'advice-joined');
}

/** Everybody who ever sent it to a search. */
export function searchOrderers(current: Pick<Case, 'history'>): readonly string[] {
  return actorsOf(current, 'referred');
}

function actorsOf({ history }: Pick<Case, 'history'>, wanted: Case['history'][number]['kind']) {
  return history.filter(({ kind, actor }) => kind === wanted && actor !== 'system').map(({ actor }) => actor);
}

/** Whom the case is not assigned to: who does not read it, and who had it and gave it back or let it lapse. */
export function ineligibleReaders(current: Read): readonly string[] {
  return [...new Set([...notReaders(current), ...handBacks(current.history).map(({ person }) => person)])];
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
