import type { Case } from './case.ts';

/** Who does not read the image again: who has, and who asked for another reading, since the case was last opened. */
export function notReaders({ verdicts, history }: Pick<Case, 'verdicts' | 'history'>): readonly string[] {
  const opened = history.findLastIndex(({ kind }) => kind === 'opened' || kind === 'reopened');
  const asked = history
    .slice(opened + 1)
    .filter(({ kind, actor }) => kind === 'second-opinion-due' && actor !== 'system')
    .map(({ actor }) => actor);
  return [...new Set([...verdicts.map(({ analyst }) => analyst), ...asked])];
}
