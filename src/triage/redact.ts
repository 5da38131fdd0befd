import type { Case, CaseEvent } from '../core/case/case.ts';
import { caseStates } from '../core/case/case-states.ts';
import { isReasonToReturn } from './priority.ts';

/** Hidden from everyone who may still read the image: earlier readings, their verdicts, and the reason for another one. */

const shownEvents: ReadonlySet<CaseEvent['kind']> = new Set([
  'opened',
  'analysed',
  'revised',
  'risk-changed',
  'customs-release',
]);

/** The case as it is shown while anybody may still read it; else as it is. Readings from before a reopening are hidden, too. */
export function redactForReaders(current: Case): Case {
  if (!isRedacted(current)) return current;
  // What was open at a release, and an earlier search, say whether the image had been read
  const { releasedWhileOpen: _, find: __, owedSearch: ___, ...shown } = current;
  return {
    ...shown,
    ...withoutAdvice(current),
    verdicts: [],
    reasons: current.reasons.filter(({ code }) => !isReasonToReturn(code)),
    history: redactedHistory(current),
  };
}

/** Answers of colleagues are visible only to the reader and the observers. */
function withoutAdvice({ claim }: Case): Pick<Case, 'claim'> {
  if (claim?.advice === undefined) return {};
  const { advice: _, ...kept } = claim;
  return { claim: kept };
}

/** The same, but who gave the verdict that may be taken back sees it, and advice is for who asked and who looks along. */
export function redactExceptOwn(current: Case, own: readonly string[]): Case {
  const { claim } = current;
  if (claim?.advice !== undefined && isInHandOrLookedAt(current, own))
    return { ...redactForReaders(current), claim };
  const last = current.undoWindow === undefined ? undefined : current.verdicts.at(-1);
  if (last === undefined || !own.includes(last.analyst)) return redactForReaders(current);
  return { ...redactForReaders(current), verdicts: [last] };
}

/** One of these has claimed the case, or observes it. */
export function isInHandOrLookedAt({ claim }: Pick<Case, 'claim'>, own: readonly string[]): boolean {
  if (claim === undefined) return false;
  return [claim.analyst, ...(claim.advice?.colleagues ?? []).map(({ by }) => by)].some((id) =>
    own.includes(id),
  );
}

/** Somebody may still read the image; while the verdict may be taken back nobody knows whether somebody will. */
export function isRedacted({ state, undoWindow }: Pick<Case, 'state' | 'undoWindow'>): boolean {
  return caseStates[state].hidesVerdicts || undoWindow !== undefined;
}

/** Numbered anew: a gap would tell how much is left out. Of claims, that of who holds it now. */
function redactedHistory({ history, state }: Case): Case['history'] {
  const claim = state === 'claimed' ? history.findLast(({ kind }) => kind === 'claimed') : undefined;
  return history
    .filter((event) => shownEvents.has(event.kind) || event === claim)
    .map((event, at) => ({ ...event, seq: at + 1 }));
}
