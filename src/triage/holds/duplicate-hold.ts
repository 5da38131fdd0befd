import { defined } from '../../core/defined.ts';
import { NiiError } from '../../core/errors.ts';
import type { Move } from '../../core/person/move.ts';
import {
  type Hold,
  holdsAllNear,
  markOfJoin,
  type OccupancyIdentity,
  scansHeld,
} from '../../core/radiation/hold.ts';
import type { AlarmCategory } from '../../core/radiation/radiation.ts';
import { appendEvent, earlierAlarms, isGrave, isHolding, requireMove } from '../radiation.ts';

/** What is known of an occupancy beside its key. */
interface SeenOccupancy {
  /** As the portal counts them; absent while it goes on, and where the format has none. */
  readonly number?: number;
  readonly identity: OccupancyIdentity;
}

type Sameness = 'same' | 'possibly' | 'other';

/**
 * Whether an occupancy with the same key is the one that the hold is of. Both began at the same moment in the same
 * portal. The safe side is a second hold: what only may be the same is marked so.
 *
 * @param known - the hold; an older one has only the number of its occupancy
 */
export function samenessOf(known: Pick<Hold, 'occupancy' | 'identity'>, seen: SeenOccupancy): Sameness {
  const { identity } = known;
  const isUnsure = identity?.unidentified === true || seen.identity.unidentified === true;
  if (!isUnsure && known.occupancy !== undefined && seen.number !== undefined)
    return known.occupancy === seen.number ? 'same' : 'other';
  if (identity === undefined || isUnsure) return 'possibly';
  if (!identity.ended || !seen.identity.ended) return 'same';
  if (identity.content === seen.identity.content) return 'same';
  const { document } = identity;
  return document !== undefined && document === seen.identity.document ? 'same' : 'possibly';
}

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
  const copy = {
    holdId: current.id,
    scanIds: [...scansHeld(current)],
    ...defined({ mark: markOfJoin(current.join) }),
  };
  const duplicates = [...others, copy];
  return {
    duplicate: appendEvent(duplicate, move, 'duplicate', { of: original.id, why }),
    original: appendEvent({ ...original, duplicates }, move, 'duplicate-found', { holdId: current.id, why }),
  };
}

function requireMarked(current: Hold, original: Hold): void {
  const isMarked = (a: Hold, b: Hold) => a.possiblySameAs?.includes(b.id) === true;
  if (isMarked(current, original) || isMarked(original, current)) return;
  throw conflict(`Invalid hold "${original.id}": use a hold listed in possiblySameAs of this hold`);
}

/** A duplicate of a duplicate would lead nowhere. */
function requireRoot(current: Hold, original: Hold): void {
  if (original.state === 'duplicate')
    throw conflict(`Hold "${original.id}" is itself a duplicate: use "${original.duplicateOf}"`);
  const [copy] = current.duplicates ?? [];
  if (copy !== undefined)
    throw conflict(`Hold "${copy.holdId}" is already a duplicate of this hold: make this hold the original`);
}

/** A copy names no other container, has no other alarm and frees no vehicle near it, and a neutron alarm ends by two officers, not by being a copy of one that has ended. */
function requireNothingFreed(current: Hold, original: Hold): void {
  if (holdsAllNear(current) && !holdsAllNear(original))
    throw conflict(
      `This alarm holds every vehicle near it, and hold "${original.id}" does not: have two officers join this alarm to its vehicle first, or adjudicate it`,
    );
  const isOther = (container: string) => !original.containers.includes(container);
  if (original.containers.length > 0 && current.containers.some(isOther))
    throw conflict(`Hold "${original.id}" names another container: they are different vehicles`);
  const known = categoriesOf(original);
  const other = [...categoriesOf(current)].find((category) => !known.has(category));
  if (other !== undefined)
    throw conflict(`Hold "${original.id}" has no alarm "${other}": use a hold with the same alarms`);
  if (current.notMeasured !== undefined && original.notMeasured === undefined)
    throw conflict(
      `The portal measured hold "${original.id}" but not this one: they are different occupancies`,
    );
  if (isGrave(current) && !isGrave(original))
    throw conflict(
      `Hold "${original.id}" is not of neutrons or nuclear material, and this one is: use a hold with the same alarms`,
    );
  if (isGrave(current) && !isHolding(original))
    throw conflict(
      `An alarm of neutrons or nuclear material cannot be a duplicate of hold "${original.id}", which has ended: reopen that hold first`,
    );
}

function categoriesOf(hold: Hold): ReadonlySet<AlarmCategory> {
  return new Set([...hold.alarms, ...earlierAlarms(hold)].map(({ category }) => category));
}

function conflict(detail: string): NiiError {
  return new NiiError('NII_STATE_CONFLICT', detail);
}
