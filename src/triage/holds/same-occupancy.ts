import type { Hold, OccupancyIdentity } from '../../core/radiation/hold.ts';

/** What is known of an occupancy beside its key. */
export interface SeenOccupancy {
  /** As the portal counts them; absent while it goes on, and where the format has none. */
  readonly number?: number;
  readonly identity: OccupancyIdentity;
}

export type Sameness = 'same' | 'possibly' | 'other';

/**
 * Whether an occupancy with the same key is the one that the hold is of. Both began at the same moment in the same
 * portal. The safe side is a second hold: what only may be the same is marked so.
 *
 * @param known - the hold; one of before its occupancy was kept says the number alone
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
