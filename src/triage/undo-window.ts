import type { Case, Verdict } from '../core/case/case.ts';
import { defined } from '../core/defined.ts';
import { NiiError } from '../core/errors.ts';
import { isBy, type Move } from '../core/person/move.ts';
import { drawSearch, followVerdict } from './case.ts';
import { appendEvent } from './case-moves.ts';
import { laneRows, rowOfCase } from './instruction.ts';
import type { CasePolicy, TriagePolicy } from './policy.ts';
import { standingVerdict } from './readings.ts';

/**
 * A verdict that moves the vehicle may be taken back for some seconds. Until they are over it lets nothing go, no other reader
 * is asked, and nobody but who gave it sees it.
 */

/** The verdict that may still be taken back. */
function verdictInWindow({ undoWindow, verdicts }: Case): Verdict | undefined {
  return undoWindow === undefined ? undefined : verdicts.at(-1);
}

/**
 * Back to who gave it, with the case claimed again; a settlement back to what it settled.
 * @throws NII_STATE_CONFLICT where the time is over, for a verdict that holds the vehicle, and for another person
 */
export function takeVerdictBack(
  current: Case,
  move: Move,
  { claimMinutes }: Pick<TriagePolicy, 'claimMinutes'>,
): Case {
  const verdict = verdictInWindow(current);
  const until = current.undoWindow?.until;
  if (verdict === undefined || until === undefined || Date.parse(until) <= Date.parse(move.at)) {
    const detail =
      'The time is over, or the last verdict holds the vehicle, which cannot be taken back: ask for another reading, or ask a supervisor to open the case again';
    throw new NiiError('NII_STATE_CONFLICT', detail);
  }
  if (!isBy(move, verdict.analyst))
    throw new NiiError('NII_STATE_CONFLICT', 'Only the person who gave the verdict can take it back');
  const before = withoutWindow({ ...current, verdicts: current.verdicts.slice(0, -1) });
  return appendEvent(inHandAgain(before, verdict, move, claimMinutes), move, 'verdict-taken-back', {
    verdict,
  });
}

function inHandAgain(before: Case, verdict: Verdict, move: Move, claimMinutes: number): Case {
  if (verdict.settles === true)
    return { ...before, state: standingVerdict(before) === undefined ? 'disputed' : 'decided' };
  const until = new Date(Date.parse(move.at) + claimMinutes * 60_000).toISOString();
  return {
    ...before,
    state: 'claimed',
    claim: { analyst: move.actor, until, revision: verdict.revision, ...defined({ chosen: verdict.chosen }) },
  };
}

/** What nobody can foresee, each in [0, 1): whether another analyst reads, and whether what may go is searched all the same. */
export interface Draws {
  readonly reading: number;
  readonly search: number;
}

/**
 * The time is over, or somebody goes on: the verdict stands, and what follows from it comes now. This must never throw: all
 * windows that end together share a transaction, so that one case would stop the others.
 */
export function finalizeVerdict(current: Case, policy: CasePolicy, draws: Draws, move: Move): Case {
  const verdict = verdictInWindow(current);
  if (verdict === undefined) return current;
  const stands = appendEvent(withoutWindow(current), move, 'verdict-stands', { kind: verdict.kind });
  const mayNeedReader = verdict.settles !== true && stands.state === 'decided';
  const followed = mayNeedReader ? followVerdict(stands, policy, draws.reading, move) : stands;
  return drawSearch(followed, policy, draws.search, move);
}

/** @throws NII_STATE_CONFLICT while a verdict that moves the vehicle may still be taken back */
export function rejectEarly(current: Case): void {
  const { undoWindow } = current;
  if (undoWindow === undefined) return;
  const { instruction } = laneRows[rowOfCase(withoutWindow(current))];
  if (instruction === 'hold') return;
  const detail = `The verdict can be taken back until ${undoWindow.until}: retry then`;
  throw new NiiError('NII_STATE_CONFLICT', detail);
}

function withoutWindow(current: Case): Case {
  const { undoWindow: _, ...rest } = current;
  return rest;
}
