import type { RadiationLink } from '../core/hold.ts';
import type { RadiationRecord } from '../core/radiation.ts';
import type { NiiScan } from '../core/scan.ts';
import { textOf } from './radiation.ts';

/** One occupancy of a record, with what the join reads from both. */
export interface Occupancy {
  readonly link: Omit<RadiationLink, 'join' | 'sameAs'>;
  readonly record: Pick<NiiScan, 'source'>;
  readonly occupancy: RadiationRecord;
}

/**
 * True where two records of a site tell of one occupancy: each has a time in its file, and sender, portal, lane, times,
 * containers and everything that was counted are equal. Without a time nothing tells a copy from a second vehicle.
 */
export function isSameOccupancy(a: Occupancy, b: Occupancy): boolean {
  return a.link.timeFrom === 'file' && textOf(identityOf(a)) === textOf(identityOf(b));
}

function identityOf({ link, record, occupancy }: Occupancy) {
  const { from, to, timeFrom, lane, containers } = link;
  const { id: _, ...content } = occupancy;
  return { from, to, timeFrom, lane, containers: containers.toSorted(), source: record.source, content };
}
