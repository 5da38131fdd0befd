import type { Case, CaseEvent } from '../core/case/case.ts';
import type { LaneReason } from '../core/case/lane.ts';
import { FACTS_OF_PASSAGE, type LanePassage, type OpenFact } from '../core/case/lane-passage.ts';
import type { Hold, HoldEvent } from '../core/radiation/hold.ts';
import { type HoldEnding, isVehicleFree } from '../core/radiation/hold-states.ts';
import { laneRows } from './instruction.ts';

/** What is open against a vehicle that left, and since when. Times are RFC 3339. */

/** It holds the vehicle wherever it is seen again. */
export function isAdverse(code: LaneReason): boolean {
  return laneRows[code].goesAlong === 'adverse' || code === 'held-by-hand';
}

/** Of an image that was clear when the vehicle passed: the case was opened again. */
const ofImages: readonly LaneReason[] = ['undecided', 'inconclusive', 'incomplete', 'rescan'];

export function isOfImage(code: LaneReason): boolean {
  return ofImages.includes(code);
}

/** A verdict or an outcome by which the lane may be told to proceed. */
export function isGoodWord({ kind, detail }: CaseEvent): boolean {
  if (kind === 'accepted') return true;
  if (kind === 'outcome') return detail.kind === 'nothing-found';
  if (kind === 'verdict-stands') return detail.kind === 'normal';
  // One that could be taken back let nothing go before it stood
  const isAtOnce = (kind === 'decided' || kind === 'settled') && detail.until === undefined;
  return isAtOnce && detail.kind === 'normal';
}

const badWords: readonly CaseEvent['kind'][] = ['reopened', 'referred', 'disputed', 'danger-raised'];

function isBadWord({ kind, detail }: CaseEvent): boolean {
  if (kind === 'outcome') return detail.kind !== 'nothing-found';
  return badWords.includes(kind) || ((kind === 'decided' || kind === 'settled') && detail.kind !== 'normal');
}

/** Since when something is open of a case: since the first bad word after the last good one. */
export function openSince({ openedAt, history }: Pick<Case, 'openedAt' | 'history'>): string {
  const events = history.slice(history.findLastIndex(isGoodWord) + 1);
  return events.find(isBadWord)?.at ?? events[0]?.at ?? openedAt;
}

const comesNearer: readonly HoldEvent['kind'][] = ['opened', 'reopened', 'joined', 'unjoined'];

/** Since when an alarm is open and is, or may be, of the vehicles that it concerns now. */
export function heldSince({ openedAt, history }: Pick<Hold, 'openedAt' | 'history'>): string {
  return history.findLast(({ kind }) => comesNearer.includes(kind))?.at ?? openedAt;
}

/** Whether an alarm held its vehicle at this time. */
export function wasHolding({ history }: Pick<Hold, 'history'>, at: string): boolean {
  const until = Date.parse(at);
  const word = history
    .filter((event) => Date.parse(event.at) <= until)
    .map(holdsAfter)
    .findLast((holds) => holds !== undefined);
  return word === true;
}

function holdsAfter({ kind, detail }: HoldEvent): boolean | undefined {
  switch (kind) {
    case 'opened':
    case 'reopened':
      return true;
    case 'adjudicated':
      return detail.decision === 'real';
    case 'closed':
      return !isVehicleFree[detail.kind as HoldEnding];
    case 'duplicate':
      return false;
    default:
      return undefined;
  }
}

/**
 * The passage with what is new of these facts, open again; undefined where nothing is. A vehicle that was brought back is at
 * the site again, so what becomes known of it then is no concern of this passage.
 */
export function withFacts(
  passage: LanePassage,
  found: readonly OpenFact[],
  now: string,
): LanePassage | undefined {
  const { facts = [], reason, settled, state, reported, report } = passage;
  if (settled?.outcome === 'recalled') return undefined;
  const added = factsThatCount(reason, found)
    .filter((fact) => !facts.some((one) => isSame(one, fact, settled)))
    .slice(0, FACTS_OF_PASSAGE - facts.length);
  if (added.length === 0) return undefined;
  const since = state === 'open' ? (passage.since ?? reported.at) : clockOf(added, report.at, now);
  return {
    ...passage,
    state: 'open',
    reason: reason ?? 'left-with-fact',
    since,
    facts: [...facts, ...added],
  };
}

/** Of a passage without a valid instruction only what is adverse: that its image is undecided was known. */
export function factsThatCount(
  reason: LanePassage['reason'],
  found: readonly OpenFact[],
): readonly OpenFact[] {
  const wasValid = reason === undefined || reason === 'left-with-fact' || reason === 'something-open';
  return wasValid ? found : found.filter(({ code }) => isAdverse(code));
}

/** When the first of them was open and the vehicle away. */
export function clockOf(facts: readonly OpenFact[], passedAt: string, now: string): string {
  const times = facts.map(({ since }) => Math.max(Date.parse(since), Date.parse(passedAt)));
  return new Date(Math.min(Date.parse(now), ...times)).toISOString();
}

function isSame(known: OpenFact, fact: OpenFact, settled: LanePassage['settled']): boolean {
  const isNewer = settled !== undefined && Date.parse(fact.since) > Date.parse(settled.at);
  return !isNewer && keyOfFact(known) === keyOfFact(fact);
}

/** Equal for the same row about the same thing. */
export function keyOfFact({ code, scanId, unitId, holdId }: OpenFact): string {
  return JSON.stringify([code, scanId, unitId, holdId]);
}
