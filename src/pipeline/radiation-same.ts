import type { Hold, RadiationLink } from '../core/hold.ts';
import type { RecordsTx, ScanRow } from '../core/ports.ts';
import { isSameOccupancy, type Occupancy } from '../triage/radiation-same.ts';
import { holdIdOf } from './identity.ts';
import type { Scans } from './radiation-candidates.ts';

/**
 * The hold of an occupancy that is the same as this one, of another record of the site or earlier in this one's file,
 * whatever became of it since. Only what has a hold of its own counts, so that none points to one that points on.
 */
export async function heldBefore(
  tx: RecordsTx,
  scans: Scans,
  scan: ScanRow,
  seen: Occupancy,
  before: readonly RadiationLink[],
): Promise<Hold | undefined> {
  const { from, to, timeFrom } = seen.link;
  if (from === undefined || to === undefined || timeFrom !== 'file') return undefined;
  const elsewhere = (await tx.radiationNear(scan, from, to)).filter(({ scanId }) => scanId !== scan.id);
  for (const link of [...before, ...elsewhere]) {
    if (link.from !== from || link.to !== to) continue;
    const hold = await tx.hold(scan, holdIdOf(link.scanId, link.recordId));
    const record = hold === undefined ? undefined : (await scans.converted(link.scanId))?.record;
    const occupancy = record?.radiation?.find(({ id }) => id === link.recordId);
    if (record === undefined || occupancy === undefined) continue;
    if (isSameOccupancy(seen, { link, record, occupancy })) return hold;
  }
  return undefined;
}
