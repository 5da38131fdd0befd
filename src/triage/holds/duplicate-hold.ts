import { NiiError } from '../../core/errors.ts';
import type { Move } from '../../core/person/move.ts';
import { type Hold, scansHeld } from '../../core/radiation/hold.ts';
import type { AlarmCategory } from '../../core/radiation/radiation.ts';
import { appendEvent, earlierAlarms, hasNeutrons, isHolding, requireMove } from '../radiation.ts';

export interface Duplicated {
  readonly duplicate: Hold;
  readonly original: Hold;
}

/**
 * One step for two holds of one occupancy: the one ends as a duplicate, the other goes on for the vehicles of both, and
 * both keep their histories.
 * @throws NII_STATE_CONFLICT where they are not marked as possibly the same, and where that would end more than a copy
 */
export function settleDuplicate(current: Hold, original: Hold, why: string, move: Move): Duplicated {
  requireMove(current, 'settled as a duplicate');
  requireMarked(current, original);
  requireRoot(current, original);
  requireNothingFreed(current, original);
  const { proposal: _, ...unproposed } = current;
  const duplicate: Hold = { ...unproposed, state: 'duplicate', duplicateOf: original.id };
  const others = (original.duplicates ?? []).filter(({ holdId }) => holdId !== current.id);
  const duplicates = [...others, { holdId: current.id, scanIds: [...scansHeld(current)] }];
  return {
    duplicate: appendEvent(duplicate, move, 'duplicate', { of: original.id, why }),
    original: appendEvent({ ...original, duplicates }, move, 'duplicate-found', { holdId: current.id, why }),
  };
}

function requireMarked(current: Hold, original: Hold): void {
  const isMarked = (a: Hold, b: Hold) => a.possiblySameAs?.includes(b.id) === true;
  if (isMarked(current, original) || isMarked(original, current)) return;
  throw conflict(`Invalid hold "${original.id}": use a hold that possiblySameAs of this hold names`);
}

/** A duplicate of a duplicate would lead nowhere. */
function requireRoot(current: Hold, original: Hold): void {
  if (original.state === 'duplicate')
    throw conflict(`Hold "${original.id}" is itself a duplicate: use "${original.duplicateOf}"`);
  const [copy] = current.duplicates ?? [];
  if (copy !== undefined)
    throw conflict(`Hold "${copy.holdId}" is already a duplicate of this hold: make this hold the original`);
}

/** A copy has no other alarm, and a neutron alarm ends by two officers, not by being a copy of one that has ended. */
function requireNothingFreed(current: Hold, original: Hold): void {
  const known = categoriesOf(original);
  const other = [...categoriesOf(current)].find((category) => !known.has(category));
  if (other !== undefined)
    throw conflict(`Hold "${original.id}" has no alarm "${other}": use a hold with the same alarms`);
  if (current.notMeasured !== undefined && original.notMeasured === undefined)
    throw conflict(
      `The portal measured hold "${original.id}" and not this one: they are not the same occupancy`,
    );
  if (hasNeutrons(current) && !isHolding(original))
    throw conflict(
      `A neutron alarm is no duplicate of ${original.id}, which has ended: reopen that one first`,
    );
}

function categoriesOf(hold: Hold): ReadonlySet<AlarmCategory> {
  return new Set([...hold.alarms, ...earlierAlarms(hold)].map(({ category }) => category));
}

function conflict(detail: string): NiiError {
  return new NiiError('NII_STATE_CONFLICT', detail);
}
