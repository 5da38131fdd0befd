import type { Case, Danger } from '../core/case/case.ts';
import { defined } from '../core/defined.ts';
import { NiiError } from '../core/errors.ts';
import { isBy, isOther, type Move } from '../core/person/move.ts';
import { appendEvent } from './case-moves.ts';
import { isDangerOpen } from './instruction.ts';

/** A person in the vehicle, or in danger: an alarm beside the queue, which holds the vehicle until somebody has seen to it. */

/**
 * Where the alarm is open already, a second person who raises it stands beside the first.
 * @param minutes - this long it may wait before it escalates
 */
export function raiseDanger(current: Case, note: string | undefined, minutes: number, move: Move): Case {
  if (isDangerOpen(current))
    return hasRaised(current, move)
      ? current
      : appendEvent(current, move, 'danger-raised', defined({ note }));
  const dueAt = new Date(Date.parse(move.at) + minutes * 60_000).toISOString();
  const danger: Danger = { at: move.at, by: move.actor, dueAt, ...defined({ note }) };
  return appendEvent({ ...current, danger }, move, 'danger-raised', { dueAt, ...defined({ note }) });
}

/** Whether the person is one of those who raised the alarm that is open. */
function hasRaised(current: Case, move: Move): boolean {
  return raisersOf(current).some((actor) => isBy(move, actor));
}

/** Those who raised the alarm that is open. */
function raisersOf({ history }: Case): readonly string[] {
  const seenTo = history.findLastIndex(({ kind }) => kind === 'danger-acknowledged');
  return history
    .slice(seenTo + 1)
    .filter(({ kind }) => kind === 'danger-raised')
    .map(({ actor }) => actor);
}

/**
 * Somebody else sees to it, and says how.
 * @throws NII_STATE_CONFLICT where no alarm is open, and for anyone who is not surely another person than those who raised it
 */
export function acknowledgeDanger(current: Case, words: string, move: Move): Case {
  const danger = openDanger(current);
  if (![danger.by, ...raisersOf(current)].every((id) => isOther(move, id))) {
    const detail =
      'Another linked person must acknowledge this alarm: you raised it, are not linked, or recently entered the person who raised it';
    throw new NiiError('NII_STATE_CONFLICT', detail);
  }
  const acknowledged = { at: move.at, by: move.actor, words };
  return appendEvent({ ...current, danger: { ...danger, acknowledged } }, move, 'danger-acknowledged', {
    words,
  });
}

/** Nobody has seen to it in time. @throws NII_STATE_CONFLICT where no alarm is open */
export function escalateDanger(current: Case, move: Move): Case {
  const danger = { ...openDanger(current), escalatedAt: move.at };
  return appendEvent({ ...current, danger }, move, 'danger-escalated', { dueAt: danger.dueAt });
}

function openDanger(current: Case): Danger {
  const { danger } = current;
  if (danger === undefined || !isDangerOpen(current)) {
    const detail =
      'The case has no open alarm of a person in danger: nobody raised one, or it was acknowledged';
    throw new NiiError('NII_STATE_CONFLICT', detail);
  }
  return danger;
}
