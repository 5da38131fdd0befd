import { defined } from '../core/defined.ts';
import { NiiError } from '../core/errors.ts';
import { isOther, type Move } from '../core/person/move.ts';
import type {
  Adjudication,
  Hold,
  HoldEvent,
  HoldOutcome,
  Passage,
  RadiationJoin,
} from '../core/radiation/hold.ts';
import {
  type HoldMoveName,
  holdStates,
  holdStatesThat,
  isVehicleFree,
} from '../core/radiation/hold-states.ts';
import type { RadiationAlarm } from '../core/radiation/radiation.ts';

/**
 * Radiation holds as pure transitions: a hold and what happened in, the next hold out, every move kept. Only officers
 * end a hold; evidence opens, joins and reopens it. A move that the state does not allow is NII_STATE_CONFLICT.
 */

/** What the radiation record says of the occupancy now. */
export interface HoldEvidence {
  readonly revision: number;
  readonly alarms: readonly RadiationAlarm[];
  readonly containers: readonly string[];
  readonly occupancy?: number;
  readonly passage?: Passage;
}

export type HoldOpening = Pick<Hold, 'id' | 'administration' | 'site' | 'scanId' | 'recordId' | 'openedAt'>;

export function openHold(opening: HoldOpening, evidence: HoldEvidence, join: RadiationJoin): Hold {
  const hold: Hold = { ...opening, ...seen(evidence), state: 'open', join, history: [] };
  const detail = { ...seen(evidence), join };
  return moved(hold, { actor: 'system', at: opening.openedAt }, 'opened', detail);
}

/**
 * The join as it is now known. Once adjudicated a hold stays with the scan that it was adjudicated with, and an open
 * one never lets go of a vehicle because the image was read again with another time.
 */
export function rejoin(current: Hold, join: RadiationJoin, move: Move): Hold {
  if (join.kind === 'none' && current.join.kind !== 'none') return current;
  if (holdStates[current.state].isAdjudicated || same(current.join, asKept(current, join))) return current;
  return moved({ ...current, join }, move, 'joined', { join });
}

/** As a hold of before it was kept says it: without whether a zone was assumed. */
function asKept({ passage }: Hold, join: RadiationJoin): RadiationJoin {
  if (passage !== undefined || join.kind !== 'joined') return join;
  const { isZoneAssumed: _, ...kept } = join;
  return kept;
}

/**
 * A newer revision of the record. Alarms that nobody has judged open the hold again; alarms that are gone do not end
 * it: that is for an officer to say.
 */
export function withRecord(current: Hold, evidence: HoldEvidence, move: Move): Hold {
  // A hold of before passages were kept stays without: what it was told of the record has not changed
  const { passage, ...others } = evidence;
  const known = current.passage === undefined ? others : evidence;
  const next: Hold = { ...current, ...seen(known) };
  if (same(current, next)) return current;
  const revised = moved(next, move, 'revised', seen(known));
  const judged = new Set(current.alarms.map(textOf));
  const isNew = evidence.alarms.some((alarm) => !judged.has(textOf(alarm)));
  if (!isNew) return revised;
  const { proposal: _, ...unproposed } = revised; // it was made without these alarms
  if (isHolding(current)) return unproposed;
  return reopenHold(revised, `revision ${evidence.revision} brought other alarms`, move);
}

/**
 * An officer's word on the alarm. That a neutron alarm is innocent takes two of them who say the same: the word of the
 * first is a proposal.
 * @throws NII_BAD_REQUEST for `other` without a note; of neutrons without identification, or by goods or a patient,
 *   neither of which emits any
 */
export function adjudicate(current: Hold, given: Adjudication, move: Move): Hold {
  requireMove(current, 'adjudicated');
  if (given.decision === 'innocent' && given.reason === 'other' && (given.note ?? '').trim() === '') {
    throw new NiiError('NII_BAD_REQUEST', {
      detail: 'The reason "other" says in a note which',
      field: 'note',
    });
  }
  const said = { officer: move.actor, at: move.at, given };
  if (given.decision === 'confirmed' || !hasNeutrons(current)) return adjudicated(current, said, move);
  requireOfNeutrons(given);
  const { proposal } = current;
  const isSecond = proposal !== undefined && isOther(move, proposal.officer) && isSame(proposal.given, given);
  if (!isSecond) return moved({ ...current, proposal: said }, move, 'proposed', { ...given });
  return adjudicated(current, { ...said, second: proposal.officer }, move);
}

function adjudicated(
  { proposal: _, ...current }: Hold,
  adjudication: NonNullable<Hold['adjudication']>,
  move: Move,
): Hold {
  const { given, second } = adjudication;
  const detail = { ...given, ...defined({ second }) };
  return moved({ ...current, state: given.decision, adjudication }, move, 'adjudicated', detail);
}

/** In any revision of the record: an alarm that a later one no longer has was there. */
function hasNeutrons({ alarms, history }: Pick<Hold, 'alarms' | 'history'>): boolean {
  const earlier = history
    .filter(({ kind }) => kind === 'opened' || kind === 'revised')
    // The detail of these events is what `seen` made.
    .flatMap(({ detail }) => (detail as Partial<Pick<Hold, 'alarms'>>).alarms ?? []);
  return [...alarms, ...earlier].some(
    ({ category }) => category === 'neutron' || category === 'gamma-neutron',
  );
}

type Innocent = Extract<Adjudication, { readonly decision: 'innocent' }>;

/** IAEA-TECDOC-1312: goods of natural radioactivity and patients emit no neutrons. */
function requireOfNeutrons({ reason, identification }: Innocent): void {
  if (reason === 'norm-cargo' || reason === 'medical-patient') {
    const detail = `A neutron alarm is not innocent by ${reason}; declared-source, instrument-fault or other are allowed`;
    throw new NiiError('NII_BAD_REQUEST', { detail, field: 'reason' });
  }
  if (identification === undefined) {
    const detail = 'A neutron alarm is adjudicated with what was identified, or that nothing was';
    throw new NiiError('NII_BAD_REQUEST', { detail, field: 'identification' });
  }
}

/** The same decision by the same reason; two officers word their notes each in their way. */
function isSame(a: Adjudication, b: Adjudication): boolean {
  return a.decision === 'innocent' && b.decision === 'innocent' && a.reason === b.reason;
}

/** What became of a confirmed alarm; an innocent one has ended with its adjudication. */
export function closeHold(current: Hold, outcome: HoldOutcome, move: Move): Hold {
  requireMove(current, 'closed');
  const isReleased = isVehicleFree[outcome.kind];
  if (isReleased && hasNeutrons(current) && !isOther(move, current.adjudication?.officer ?? '')) {
    const detail =
      'A vehicle with a neutron alarm is released by another, linked officer than the one who confirmed it';
    throw new NiiError('NII_STATE_CONFLICT', detail);
  }
  return moved({ ...current, state: 'closed', outcome }, move, 'closed', { ...outcome });
}

/** Back to the officers; what was said before stays in the history. */
export function reopenHold(current: Hold, why: string, move: Move): Hold {
  requireMove(current, 'reopened');
  if (why.trim() === '') {
    throw new NiiError('NII_BAD_REQUEST', { detail: 'A hold is reopened with a reason', field: 'why' });
  }
  const { adjudication, outcome, proposal: _, ...kept } = current;
  return moved({ ...kept, state: 'open' }, move, 'reopened', {
    why,
    ...defined({ adjudication, outcome }),
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

/** Why the lane waits, in words. */
export function holdInWords({ state, alarms, outcome }: Pick<Hold, 'state' | 'alarms' | 'outcome'>): string {
  const what = [...new Set(alarms.map(({ category }) => category))].join(', ');
  const alarm = what === '' ? 'radiation alarm' : `radiation alarm (${what})`;
  const { inWords, saysOutcome } = holdStates[state];
  return `${alarm} ${inWords}${saysOutcome ? `: ${outcome?.kind ?? 'no outcome'}` : ''}`;
}

function seen({ revision, alarms, containers, occupancy, passage }: HoldEvidence) {
  return {
    revision,
    alarms: [...alarms],
    containers: [...containers],
    ...defined({ occupancy, passage }),
  };
}

function requireMove({ state }: Hold, move: HoldMoveName): void {
  const states = holdStatesThat(({ canBe }) => canBe.includes(move));
  if (states.includes(state)) return;
  throw new NiiError(
    'NII_STATE_CONFLICT',
    `The hold is ${state} and cannot be ${move}; that takes ${states.join(' or ')}`,
  );
}

function moved(value: Hold, move: Move, kind: HoldEvent['kind'], detail: Record<string, unknown>): Hold {
  const event: HoldEvent = { seq: value.history.length + 1, at: move.at, actor: move.actor, kind, detail };
  return { ...value, history: [...value.history, event] };
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
