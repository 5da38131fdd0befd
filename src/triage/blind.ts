import type { Case, CaseEvent } from '../core/case/case.ts';
import { caseStates } from '../core/case/case-states.ts';
import { isReasonToReturn } from './priority.ts';

/** What nobody is told who may still read the image: whether somebody read it before, what he said, and why again. */

const shownEvents: ReadonlySet<CaseEvent['kind']> = new Set([
  'opened',
  'analysed',
  'revised',
  'risk-changed',
  'customs-release',
]);

/** The case as it is shown while anybody may still read it; else as it is. Readings of before a reopening are hidden, too. */
export function blind(current: Case): Case {
  if (!isBlind(current)) return current;
  // What was open at a release says whether the image had been read
  const { releasedWhileOpen: _, ...shown } = current;
  return {
    ...shown,
    verdicts: [],
    reasons: current.reasons.filter(({ code }) => !isReasonToReturn(code)),
    history: blindHistory(current),
  };
}

/** Somebody may still read the image. */
export function isBlind({ state }: Pick<Case, 'state'>): boolean {
  return caseStates[state].hidesVerdicts;
}

/** Numbered anew: a gap would tell how much is left out. Of claims, that of who holds it now. */
function blindHistory({ history, state }: Case): Case['history'] {
  const claim = state === 'claimed' ? history.findLast(({ kind }) => kind === 'claimed') : undefined;
  return history
    .filter((event) => shownEvents.has(event.kind) || event === claim)
    .map((event, at) => ({ ...event, seq: at + 1 }));
}
