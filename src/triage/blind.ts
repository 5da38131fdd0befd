import type { Case, CaseEvent, QueueReason } from '../core/case/case.ts';
import { caseStates } from '../core/case/case-states.ts';

/** What nobody is told who may still read the image: whether somebody read it before, what he said, and why again. */

const shownEvents: ReadonlySet<CaseEvent['kind']> = new Set([
  'opened',
  'analysed',
  'revised',
  'risk-changed',
  'customs-release',
]);
const hiddenReasons: ReadonlySet<QueueReason['code']> = new Set(['second-opinion', 'reopened']);

/** The case as it is shown while anybody may still read it; else as it is. Readings of before a reopening are hidden, too. */
export function blind(current: Case): Case {
  if (!caseStates[current.state].hidesVerdicts) return current;
  return {
    ...current,
    verdicts: [],
    reasons: current.reasons.filter(({ code }) => !hiddenReasons.has(code)),
    history: shownHistory(current.history),
  };
}

/** The last entry stays, if only by its number, which is the version of the case. */
function shownHistory(history: Case['history']): Case['history'] {
  const last = history.at(-1);
  const shown = history.filter(({ kind }) => shownEvents.has(kind));
  if (last === undefined || shown.at(-1) === last) return shown;
  const { seq, at } = last;
  const isOwnClaim = last.kind === 'claimed';
  return [...shown, isOwnClaim ? last : { seq, at, actor: 'system', kind: 'not-shown', detail: {} }];
}
