import type { Scope } from '../../access.ts';
import type { RadiationLink } from '../../radiation/hold.ts';

export interface Radiation {
  // Occupancies of portals, and the scans to which they belong.
  /** In order of scan and record, as the next two. */
  radiationOf(scanId: string): Promise<readonly RadiationLink[]>;
  /** Occupancies that are, or may be, of this X-ray scan; of records with these purposes, where they are given. */
  radiationFor(scanId: string, purposes?: readonly string[]): Promise<readonly RadiationLink[]>;
  /** What was kept of the content of each occupancy, by record id; none of those stored before it was kept. */
  radiationContents(scanId: string): Promise<ReadonlyMap<string, string>>;
  /** Radiation records that tell of the occupancy of this hold without being the one that opened it. */
  scansOfHold(holdId: string): Promise<readonly string[]>;
  /** Occupancies at exactly this site with this visit id that touch the time, have none, or were received then. */
  radiationOfVisit(scope: Scope, visit: string, from: string, to: string): Promise<readonly RadiationLink[]>;
  /** Occupancies at exactly this site that touch the time, and name one of the containers where they are given. */
  radiationNear(
    scope: Scope,
    from: string,
    to: string,
    containers?: readonly string[],
  ): Promise<readonly RadiationLink[]>;

  /** Replaces all occupancies of the scan; `scope` is where it was received, `contents` by record id. */
  putRadiation(
    scope: Scope,
    scanId: string,
    rows: readonly RadiationLink[],
    contents?: ReadonlyMap<string, string>,
  ): Promise<void>;
  /** Replaces these occupancies of the scan, and leaves its others. */
  updateRadiation(
    scope: Scope,
    scanId: string,
    rows: readonly RadiationLink[],
    contents: ReadonlyMap<string, string>,
  ): Promise<void>;
}
