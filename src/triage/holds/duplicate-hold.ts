import { NiiError } from '../../core/errors.ts';
import type { Move } from '../../core/person/move.ts';
import {
  type Hold,
  holdsAllNear,
  marksOfJoin,
  type OccupancyIdentity,
  saidByRecord,
  scansHeld,
} from '../../core/radiation/hold.ts';
import type { AlarmCategory } from '../../core/radiation/radiation.ts';
import { appendEvent, earlierAlarms, isGrave, isHolding, requireMove, wasReal } from '../radiation.ts';
import { isAgreed, proposed } from './hand-join.ts';

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
 * One step for two holds of one occupancy, by the word of two officers: the one ends as a duplicate, the other goes on for
 * the vehicles of both, and both keep their histories. The word of the first officer is a proposal.
 * @throws NII_STATE_CONFLICT where they are not marked as possibly the same, and where the original would hold less, or end more easily
 */
export function settleDuplicate(current: Hold, original: Hold, why: string, move: Move): Duplicated {
  requireMove(current, 'settled as a duplicate');
  requireMarked(current, original);
  requireRoot(current, original);
  requireNothingFreed(current, original);
  const said = { duplicateOf: original.id, why };
  if (!isAgreed(current, said, move)) return { duplicate: proposed(current, said, move), original };
  const { proposal: _, joinProposal: __, ...unproposed } = current;
  const duplicate: Hold = { ...unproposed, state: 'duplicate', duplicateOf: original.id };
  const others = (original.duplicates ?? []).filter(({ holdId }) => holdId !== current.id);
  const marks = marksOfJoin(current.join);
  const copy = {
    holdId: current.id,
    scanIds: [...scansHeld(current)],
    ...(marks.length > 0 && { marks: [...marks] }),
  };
  const duplicates = [...others, copy];
  const { proposal: ___, joinProposal: ____, ...going } = original; // they were made without the copy
  return {
    duplicate: appendEvent(duplicate, move, 'duplicate', { of: original.id, why }),
    original: appendEvent({ ...going, duplicates }, move, 'duplicate-found', { holdId: current.id, why }),
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

/** The original holds whatever the copy holds, and takes as much to end. */
function requireNothingFreed(current: Hold, original: Hold): void {
  const { id } = original;
  if (!isHolding(original))
    throw conflict(`Hold "${id}" has ended, and this alarm has not: reopen that hold first`);
  if (holdsAllNear(current) && !holdsAllNear(original))
    throw conflict(
      `This alarm holds every vehicle near it, and hold "${id}" does not: have two officers join this alarm to its vehicle first, or adjudicate it`,
    );
  const named = new Set(containersOf(original));
  const unnamed = containersOf(current).find((container) => !named.has(container));
  if (unnamed !== undefined)
    throw conflict(
      `The record of hold "${id}" does not name container "${unnamed}": if both are of one vehicle, make that hold the duplicate of this one`,
    );
  const known = categoriesOf(original);
  const other = [...categoriesOf(current)].find((category) => !known.has(category));
  if (other !== undefined)
    throw conflict(`Hold "${id}" has no alarm "${other}": use a hold with the same alarms`);
  if (current.notMeasured !== undefined && original.notMeasured === undefined)
    throw conflict(`The portal measured hold "${id}" but not this one: they are different occupancies`);
  if (isGrave(current) && !isGrave(original))
    throw conflict(
      `Hold "${id}" is not of neutrons or nuclear material, and this one is: use a hold with the same alarms`,
    );
  if (wasReal(current) && !wasReal(original))
    throw conflict(
      `An officer has called this alarm real, and hold "${id}" not: make that hold the duplicate of this one`,
    );
}

/** That any revision of its record names. */
function containersOf(hold: Hold): readonly string[] {
  return [hold, ...saidByRecord(hold)].flatMap(({ containers = [] }) => containers);
}

function categoriesOf(hold: Hold): ReadonlySet<AlarmCategory> {
  return new Set([...hold.alarms, ...earlierAlarms(hold)].map(({ category }) => category));
}

function conflict(detail: string): NiiError {
  return new NiiError('NII_STATE_CONFLICT', detail);
}
