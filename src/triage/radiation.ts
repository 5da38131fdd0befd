import { defined } from '../core/defined.ts';
import { NiiError } from '../core/errors.ts';
import type { Adjudication, Hold, HoldEvent, HoldOutcome, RadiationJoin } from '../core/radiation/hold.ts';
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

/** Who moves the hold, and when (ISO 8601, UTC). */
export interface HoldMove {
  readonly actor: string;
  readonly at: string;
}

/** What the radiation record says of the occupancy now. */
export interface HoldEvidence {
  readonly revision: number;
  readonly alarms: readonly RadiationAlarm[];
  readonly containers: readonly string[];
  readonly occupancy?: number;
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
export function rejoin(current: Hold, join: RadiationJoin, move: HoldMove): Hold {
  if (join.kind === 'none' && current.join.kind !== 'none') return current;
  if (holdStates[current.state].isAdjudicated || same(current.join, join)) return current;
  return moved({ ...current, join }, move, 'joined', { join });
}

/**
 * A newer revision of the record. Alarms that nobody has judged open the hold again; alarms that are gone do not end
 * it: that is for an officer to say.
 */
export function withRecord(current: Hold, evidence: HoldEvidence, move: HoldMove): Hold {
  const next: Hold = { ...current, ...seen(evidence) };
  if (same(current, next)) return current;
  const revised = moved(next, move, 'revised', seen(evidence));
  const known = new Set(current.alarms.map(textOf));
  const isNew = evidence.alarms.some((alarm) => !known.has(textOf(alarm)));
  if (!isNew || isHolding(current)) return revised;
  return reopenHold(revised, `revision ${evidence.revision} brought other alarms`, move);
}

/** @throws NII_BAD_REQUEST for `other` without a note */
export function adjudicate(current: Hold, given: Adjudication, move: HoldMove): Hold {
  requireMove(current, 'adjudicated');
  if (given.decision === 'innocent' && given.reason === 'other' && (given.note ?? '').trim() === '') {
    throw new NiiError('NII_BAD_REQUEST', {
      detail: 'The reason "other" says in a note which',
      field: 'note',
    });
  }
  const adjudication = { officer: move.actor, at: move.at, given };
  return moved({ ...current, state: given.decision, adjudication }, move, 'adjudicated', { ...given });
}

/** What became of a confirmed alarm; an innocent one has ended with its adjudication. */
export function closeHold(current: Hold, outcome: HoldOutcome, move: HoldMove): Hold {
  requireMove(current, 'closed');
  return moved({ ...current, state: 'closed', outcome }, move, 'closed', { ...outcome });
}

/** Back to the officers; what was said before stays in the history. */
export function reopenHold(current: Hold, why: string, move: HoldMove): Hold {
  requireMove(current, 'reopened');
  if (why.trim() === '') {
    throw new NiiError('NII_BAD_REQUEST', { detail: 'A hold is reopened with a reason', field: 'why' });
  }
  const { adjudication, outcome, ...kept } = current;
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

function seen({ revision, alarms, containers, occupancy }: HoldEvidence) {
  return {
    revision,
    alarms: [...alarms],
    containers: [...containers],
    ...defined({ occupancy }),
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

function moved(value: Hold, move: HoldMove, kind: HoldEvent['kind'], detail: Record<string, unknown>): Hold {
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
