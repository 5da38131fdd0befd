import { defined } from '../core/defined.ts';
import { NiiError } from '../core/errors.ts';
import { isOther, type Move } from '../core/person/move.ts';
import type { Adjudication } from '../core/radiation/adjudication.ts';
import {
  type Hold,
  type HoldEvent,
  type HoldNotMeasured,
  type HoldOutcome,
  isSureJoin,
  isSurelyJoined,
  type OccupancyIdentity,
  type Passage,
  type RadiationJoin,
  saidByRecord,
  scansOfJoin,
} from '../core/radiation/hold.ts';
import {
  type HoldMoveName,
  holdStates,
  holdStatesThat,
  isVehicleFree,
} from '../core/radiation/hold-states.ts';
import { isGraveNuclide } from '../core/radiation/nuclides.ts';
import type { RadiationAlarm } from '../core/radiation/radiation.ts';
import { areSame, namesGraveNuclide, requireTable, stateOfDecision } from './holds/adjudication.ts';
import { type Evidence, passedAgainIn, requireEvidence } from './holds/evidence.ts';

/**
 * Radiation holds as pure transitions: a hold and what happened in, the next hold out, every move kept. Only officers
 * end a hold; evidence opens, joins and reopens it. A move that the state does not allow is NII_STATE_CONFLICT.
 */

/** What the radiation record says of the occupancy now. */
export interface HoldEvidence {
  readonly revision: number;
  readonly alarms: readonly RadiationAlarm[];
  readonly notMeasured?: readonly HoldNotMeasured[];
  readonly containers: readonly string[];
  readonly occupancy?: number;
  readonly passage?: Passage;
  readonly identity?: OccupancyIdentity;
  /** Of the record that says it, where another one opened the hold. */
  readonly record?: { readonly scanId: string; readonly recordId: string };
}

export type HoldOpening = Pick<Hold, 'id' | 'administration' | 'site' | 'scanId' | 'recordId' | 'openedAt'> &
  Partial<Pick<Hold, 'possiblySameAs' | 'dueAt'>>;

export function openHold(opening: HoldOpening, evidence: HoldEvidence, join: RadiationJoin): Hold {
  const hold: Hold = { ...opening, ...seen(evidence), state: 'open', join, history: [] };
  const detail = { ...seen(evidence), join };
  return appendEvent(hold, { actor: 'system', at: opening.openedAt }, 'opened', detail);
}

/**
 * The join as it is now found. What an officer said of it stands. Once adjudicated a hold stays with the scan that it was adjudicated with, and an open
 * one never lets go of a vehicle because the image was read again with another time.
 */
export function rejoin(current: Hold, join: RadiationJoin, move: Move): Hold {
  if (isByHand(current.join)) return current;
  return rejoinFound(current, withoutScans(join, current.notOf ?? []), move);
}

function rejoinFound(current: Hold, join: RadiationJoin, move: Move): Hold {
  const found = join.kind === 'none' ? withoutPair(current.join) : besideMarked(current, join);
  const next = holdStates[current.state].isAdjudicated ? stayingWith(current, found) : found;
  if (same(current.join, asKept(current, next))) return current;
  const { joinProposal: _, proposal: __, ...kept } = current; // they were made of another join
  return appendEvent({ ...kept, join: next }, move, 'joined', { join: next });
}

/** No pair says any longer that its time is sure. What is found nowhere now was near all the same. */
function withoutPair(join: RadiationJoin): RadiationJoin {
  if (join.kind !== 'joined' || join.by !== 'time') return join;
  const { isPaired: _, ...unsure } = join;
  return unsure;
}

/** A real alarm stays with the scan that it was judged with. It may be of others as well, and its time may no longer be sure. */
function stayingWith(current: Hold, found: RadiationJoin): RadiationJoin {
  if (!isHolding(current)) return current.join;
  if (isWider(current.join, found)) return found;
  return isSureJoin(found) ? current.join : withoutPair(current.join);
}

/** It may be of others besides those that it is of, by what has come since. */
function isWider(before: RadiationJoin, next: RadiationJoin): boolean {
  const [were, are] = [scansOfJoin(before), scansOfJoin(next)];
  return were.length > 0 && are.length > were.length && were.every((id) => are.includes(id));
}

/**
 * What ended by the papers or a later passage of the only scan in the window of its pair, or with that vehicle kept, opens again
 * when another scan comes that it may be of.
 * @param dueAt - when it is due, should it open again
 */
export function reopenForAnother(current: Hold, join: RadiationJoin, move: Move, dueAt: string): Hold {
  const { join: before, state, notOf = [] } = current;
  if (isHolding(current) || state === 'duplicate' || before.kind !== 'joined') return current;
  const isByPair = before.by === 'time' && isSureJoin(before);
  const isAnother = scansOfJoin(withoutScans(join, notOf)).some((id) => id !== before.scanId);
  if (!isByPair || !isAnother || !endedByOneVehicle(current)) return current;
  return reopenHold(current, 'the alarm may be of another scan', move, dueAt);
}

/** By what belongs to the scan that it was joined to, not by what somebody saw of the vehicle that stood there. */
function endedByOneVehicle(hold: Hold): boolean {
  const given = hold.adjudication?.given;
  if (given === undefined || isKept(hold)) return isKept(hold);
  return given.decision === 'innocent' || passedAgainIn(given) !== undefined;
}

/**
 * What is found, with the scans that a mark led to before: what is found by less may be of those, too, and a mark that led
 * there before is no news. Two records of one occupancy so come to the same, in whichever order they are read. A sure time
 * takes nothing from those that the alarm may be of, and a time that was sure once is only as sure as the pairs say now.
 */
function besideMarked(hold: Hold, join: RadiationJoin): RadiationJoin {
  const now = scansOfJoin(join);
  const marked = markedJoins(hold);
  const last = marked.at(-1);
  const isKnown = marked.some((one) => now.every((id) => scansOfJoin(one).includes(id)));
  if (isMarked(join)) return isKnown && hold.join.kind === 'ambiguous' ? hold.join : join;
  if (now.length === 0) return join;
  if (last !== undefined && now.every((id) => scansOfJoin(last).includes(id)))
    return hold.join.kind === 'ambiguous' ? hold.join : last;
  const before = isSureJoin(join) ? scansOfJoin(hold.join) : [];
  const all = new Set([...before, ...now, ...marked.flatMap(scansOfJoin)]);
  if (all.size === now.length) return join;
  return { kind: 'ambiguous', scanIds: [...all].slice(0, MOST_JOINED) };
}

function isMarked(join: RadiationJoin): boolean {
  return isSureJoin(join) && !(join.kind === 'joined' && join.by === 'time');
}

type Found = Pick<Hold, 'history' | 'notOf'>;

/** What the service has found, the newest last. */
function foundJoins({ history }: Pick<Hold, 'history'>): readonly RadiationJoin[] {
  return (
    history
      .filter(({ actor, kind }) => actor === 'system' && (kind === 'opened' || kind === 'joined'))
      // The join of these events is what `openHold` and `rejoin` found.
      .map(({ detail }) => detail.join as RadiationJoin)
  );
}

/** What marks have led to, and no officer has taken back. */
function markedJoins({ history, notOf = [] }: Found): readonly RadiationJoin[] {
  return foundJoins({ history }).filter(
    (join) => isMarked(join) && !scansOfJoin(join).some((id) => notOf.includes(id)),
  );
}

/** What the service had found before officers joined it, as far as they have not taken that back. Others may have come since. */
export function joinFound({ history, notOf = [] }: Found): RadiationJoin {
  const [last = notOfNearest] = foundJoins({ history }).slice(-1);
  const left = withoutPair(withoutScans(last, notOf));
  return left.kind === 'none' ? (markedJoins({ history, notOf }).at(-1) ?? notOfNearest) : left;
}

/** As many as a hold names. */
const MOST_JOINED = 64;

function isByHand(join: RadiationJoin): boolean {
  return join.kind === 'vehicle' || (join.kind === 'joined' && join.by === 'hand');
}

const notOfNearest: RadiationJoin = {
  kind: 'none',
  why: 'an officer stated that it does not belong to the nearest scan',
};

/** What is found, but for the scans that an officer has said it is not of. */
function withoutScans(join: RadiationJoin, notOf: readonly string[]): RadiationJoin {
  const scans = scansOfJoin(join).filter((id) => !notOf.includes(id));
  if (scans.length === scansOfJoin(join).length) return join;
  return scans.length > 1 ? { kind: 'ambiguous', scanIds: scans } : notOfNearest;
}

/** As a hold of before it was kept says it: without whether a zone was assumed. */
function asKept({ passage }: Hold, join: RadiationJoin): RadiationJoin {
  if (passage !== undefined || join.kind !== 'joined') return join;
  const { isZoneAssumed: _, ...kept } = join;
  return kept;
}

/**
 * What a record says of the occupancy now: a newer revision, or another file that tells of it, too. What was said before
 * moves nothing, so a log that is sent again and again moves each hold once. Alarms that nobody has judged open the hold
 * again; alarms that are gone do not end it: that is for an officer to say.
 * @param dueAt - when it is due, should it open again
 */
export function withRecord(current: Hold, given: HoldEvidence, move: Move, dueAt: string): Hold {
  const evidence = asKnown(current, given);
  if (isOlder(current, evidence) || wasSaid(current, evidence)) return current;
  const { proposal: _, ...before } = current; // it was made of what the record said then
  const revised = appendEvent({ ...before, ...seen(evidence) }, move, 'revised', {
    ...seen(evidence),
    ...defined({ record: evidence.record }),
  });
  const judged = new Set([...current.alarms, ...earlierAlarms(current)].map(textOf));
  const isNew =
    evidence.alarms.some((alarm) => !judged.has(textOf(alarm))) ||
    (evidence.notMeasured ?? []).some((reason) => current.notMeasured?.includes(reason) !== true);
  if (!isNew) return revised;
  const { joinProposal: __, ...unproposed } = revised; // it was made without these alarms
  if (isHolding(current)) return unproposed;
  return reopenHold(unproposed, `revision ${given.revision} has other alarms`, move, dueAt);
}

/**
 * A hold of before passages or identities were kept stays without: what it was told of the record has not changed. The
 * vehicle passed when the first record that told of it was received; a revision is counted in the record that opened the
 * hold alone.
 */
function asKnown(current: Hold, { passage, identity, ...others }: HoldEvidence): HoldEvidence {
  const { receivedAt } = current.passage ?? {};
  return {
    ...others,
    revision: others.record === undefined ? others.revision : current.revision,
    ...defined({
      passage: passage && receivedAt ? { ...passage, receivedAt } : undefined,
      identity: current.identity && identity,
    }),
  };
}

/** A copy that ends before the occupancy does tells nothing new of one that has ended. */
function isOlder({ identity }: Hold, evidence: HoldEvidence): boolean {
  return identity?.ended === true && evidence.identity?.ended === false;
}

/** The record itself said the same last: what it takes back counts. Of one that has said nothing new yet, any other said it. */
function wasSaid(hold: Hold, evidence: HoldEvidence): boolean {
  const all = saidByRecord(hold);
  const own = all.filter(({ record }) => same(record ?? {}, evidence.record ?? {}));
  const said = own.length > 0 ? own.slice(-1) : all;
  return said.some((one) => wordsOf(one) === wordsOf(evidence));
}

/** All that a record says of the vehicle; in which revision, and how it is known again, is beside it. */
function wordsOf({
  alarms = [],
  containers = [],
  occupancy,
  notMeasured,
  passage,
}: Partial<HoldEvidence>): string {
  return textOf({ alarms, containers, ...defined({ occupancy, notMeasured, passage }) });
}

/**
 * An officer's word on the alarm. That an alarm of neutrons or nuclear material, or one that was real before, is anything
 * but real takes two of them who say the same, and so does what nothing but their word shows: the word of the first is a
 * proposal.
 * @throws NII_BAD_REQUEST for what the table of decisions does not allow, and for evidence that is missing
 */
export function adjudicate(current: Hold, given: Adjudication, move: Move, evidence: Evidence): Hold {
  requireMove(current, 'adjudicated');
  const isOfGrave = isGrave(current) || namesGraveNuclide(given);
  requireTable({ ...current, isGrave: isOfGrave }, given);
  const isShown = requireEvidence(given, { hold: current, evidence, move });
  const takesTwo = isOfGrave || wasReal(current) || !isShown;
  const said = { officer: move.actor, at: move.at, given };
  if (given.decision === 'real' || !takesTwo) return adjudicated(current, said, move);
  const { proposal } = current;
  const isSecond =
    proposal !== undefined && isOther(move, proposal.officer) && areSame(proposal.given, given);
  if (!isSecond) return appendEvent({ ...current, proposal: said }, move, 'proposed', { ...given });
  return adjudicated(current, { ...said, second: proposal.officer }, move);
}

function adjudicated(
  { proposal: _, ...current }: Hold,
  adjudication: NonNullable<Hold['adjudication']>,
  move: Move,
): Hold {
  const { given, second } = adjudication;
  const detail = { ...given, ...defined({ second }) };
  const state = stateOfDecision[given.decision];
  return appendEvent({ ...current, state, adjudication }, move, 'adjudicated', detail);
}

/** An officer has said that the alarm is real, before it was reopened. */
export function wasReal({ history }: Pick<Hold, 'history'>): boolean {
  return history.some(({ kind, detail }) => kind === 'adjudicated' && detail.decision === 'real');
}

/**
 * Of neutrons or special nuclear material, by any revision of the record or any officer's instrument: what a later one no
 * longer has was there.
 */
export function isGrave(hold: Pick<Hold, 'alarms' | 'history'>): boolean {
  const alarms = [...hold.alarms, ...earlierAlarms(hold)];
  return (
    alarms.some(
      ({ category, written = '' }) =>
        category === 'neutron' || category === 'gamma-neutron' || isGraveNuclide(written),
    ) || hold.history.some(isOfficerOnGraveNuclide)
  );
}

function isOfficerOnGraveNuclide({ kind, detail }: HoldEvent): boolean {
  if (kind !== 'proposed' && kind !== 'adjudicated') return false;
  return namesGraveNuclide(detail as Partial<Pick<Adjudication, 'identification'>>);
}

export function earlierAlarms(hold: Pick<Hold, 'history'>): readonly RadiationAlarm[] {
  return saidByRecord(hold).flatMap(({ alarms = [] }) => alarms);
}

/**
 * What became of a confirmed alarm; an innocent one has ended with its adjudication. Who called it real does not release it:
 * one officer could end any alarm that way. A vehicle is kept where it is surely known which one: the alarm holds no other from
 * then on.
 */
export function closeHold(current: Hold, outcome: HoldOutcome, move: Move): Hold {
  requireMove(current, 'closed');
  const isReleased = isVehicleFree[outcome.kind];
  if (isReleased && !isOther(move, current.adjudication?.officer ?? '')) {
    const detail =
      'A vehicle must be released by a linked officer other than the one who confirmed the alarm';
    throw new NiiError('NII_STATE_CONFLICT', detail);
  }
  if (!isReleased && !isSurelyJoined(current)) {
    const detail =
      'The alarm is not surely joined to a vehicle, and it would no longer hold those near it: have two officers join the alarm to its scan, or to a container, visit or plate of the vehicle, and then record the result';
    throw new NiiError('NII_STATE_CONFLICT', detail);
  }
  return appendEvent({ ...current, state: 'closed', outcome }, move, 'closed', { ...outcome });
}

/** Back to the officers, until it is due anew; what was said before stays in the history. */
export function reopenHold(current: Hold, why: string, move: Move, dueAt: string): Hold {
  requireMove(current, 'reopened');
  if (why.trim() === '') {
    throw new NiiError('NII_BAD_REQUEST', {
      detail: 'Missing why: give the reason to reopen the hold',
      field: 'why',
    });
  }
  const {
    adjudication,
    outcome,
    duplicateOf,
    proposal: _,
    joinProposal: __,
    escalatedAt: ___,
    ...kept
  } = current;
  return appendEvent({ ...kept, state: 'open', dueAt }, move, 'reopened', {
    why,
    ...defined({ adjudication, outcome, duplicateOf }),
  });
}

/** True while nobody may let the vehicle go: the alarm is not adjudicated, or it is real and not ended. */
export function isHolding({ state }: Pick<Hold, 'state'>): boolean {
  return holdStates[state].isHolding;
}

/** Ended, and the vehicle does not go. */
export function isKept({ state, outcome }: Pick<Hold, 'state' | 'outcome'>): boolean {
  return !isHolding({ state }) && outcome !== undefined && !isVehicleFree[outcome.kind];
}

type Worded = Pick<Hold, 'state' | 'alarms' | 'outcome'> & Partial<Pick<Hold, 'notMeasured'>>;

/** Why the lane waits, in words. */
export function holdInWords({ state, alarms, outcome, notMeasured }: Worded): string {
  const what = [...new Set(alarms.map(({ category }) => category))].join(', ');
  const alarm = what === '' ? 'radiation alarm' : `radiation alarm (${what})`;
  const fault = `vehicle not measured by the portal (${notMeasured?.join(', ')})`;
  const subject = notMeasured === undefined ? alarm : what === '' ? fault : `${alarm}, ${fault},`;
  const { inWords, saysOutcome } = holdStates[state];
  return `${subject} ${inWords}${saysOutcome ? `: ${outcome?.kind ?? 'no outcome'}` : ''}`;
}

function seen(evidence: HoldEvidence) {
  const { revision, alarms, containers, occupancy, notMeasured, passage, identity } = evidence;
  return {
    revision,
    alarms: [...alarms],
    containers: [...containers],
    ...defined({ occupancy, notMeasured: notMeasured && [...notMeasured], passage, identity }),
  };
}

export function requireMove({ state }: Hold, move: HoldMoveName): void {
  const states = holdStatesThat(({ canBe }) => canBe.includes(move));
  if (states.includes(state)) return;
  throw new NiiError(
    'NII_STATE_CONFLICT',
    `The hold is ${state} and cannot be ${move}: this needs a hold that is ${states.join(' or ')}`,
  );
}

/** The hold after one more event. */
export function appendEvent(
  value: Hold,
  move: Move,
  kind: HoldEvent['kind'],
  detail: Record<string, unknown>,
): Hold {
  const event: HoldEvent = { seq: value.history.length + 1, at: move.at, actor: move.actor, kind, detail };
  return { ...value, history: [...value.history, event] };
}

/** With more in the detail of its last event, which is not kept yet. */
export function withDetail(value: Hold, more: Record<string, unknown>): Hold {
  const { history } = value;
  const seq = history.length;
  return {
    ...value,
    history: history.map((one) => (one.seq === seq ? { ...one, detail: { ...one.detail, ...more } } : one)),
  };
}

function same(a: object, b: object): boolean {
  return textOf(a) === textOf(b);
}

/** The order of an object's names says nothing. */
function textOf(value: object): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
