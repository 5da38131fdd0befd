import type { Scope } from '../../access.ts';
import type { RadiationLink } from '../../radiation/hold.ts';

/** Occupancies of portals, and the scans to which they belong. */
export interface Radiation {
  /** In order of scan and record, as the next two. */
  radiationOf(scanId: string): Promise<readonly RadiationLink[]>;
  /** Occupancies that are, or may be, of this X-ray scan. */
  radiationFor(scanId: string): Promise<readonly RadiationLink[]>;
  /** Occupancies at exactly this site that touch the time, and name one of the containers where they are given. */
  radiationNear(
    scope: Scope,
    from: string,
    to: string,
    containers?: readonly string[],
  ): Promise<readonly RadiationLink[]>;
}

export interface RadiationWrites {
  /** Replaces all occupancies of the scan; `scope` is where it was received. */
  putRadiation(scope: Scope, scanId: string, rows: readonly RadiationLink[]): Promise<void>;
}
