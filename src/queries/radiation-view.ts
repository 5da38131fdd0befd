import type { Tx } from '../core/ports/records.ts';
import type { Hold, RadiationLink } from '../core/radiation/hold.ts';
import { holdIdOf } from '../stored/identity.ts';

/** An occupancy with its hold, where its alarm opened one. */
export interface RadiationView {
  readonly link: RadiationLink;
  readonly hold: Hold | undefined;
}

/** Occupancies that the scan holds, and those that are or may be of it. */
export async function radiationOfScan(
  tx: Tx<'radiationOf' | 'radiationFor' | 'holdsOn'>,
  scanId: string,
): Promise<readonly RadiationView[]> {
  const links = [...(await tx.radiationOf(scanId)), ...(await tx.radiationFor(scanId))];
  if (links.length === 0) return [];
  const holds = new Map((await tx.holdsOn(scanId)).map((hold) => [hold.id, hold]));
  const distinct = new Map(links.map((link) => [holdIdOf(link.scanId, link.recordId), link]));
  return [...distinct].map(([id, link]) => ({ link, hold: holds.get(link.holdId ?? id) }));
}
