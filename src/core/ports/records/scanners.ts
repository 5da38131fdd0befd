import type { Scope } from '../../access.ts';
import type { Page } from '../../page.ts';
import type { ScannerClock } from '../../scanner/register.ts';
import type { Observation, ScannerDay, ScannerRow } from '../../scanner/scanner.ts';

export interface Scanners {
  /** Of exactly this site. */
  scanner(scope: Scope, id: string): Promise<ScannerRow | undefined>;
  /** In rising order of site and id. */
  scanners(scope: Scope, limit: number, cursor?: string): Promise<Page<ScannerRow>>;
  /** Days that have scans, in rising order. */
  scannerDays(
    administration: string,
    site: string,
    scanner: string,
    from: string,
  ): Promise<readonly ScannerDay[]>;

  // How the times of scanners and portals are to be read.
  /** By id, those at exactly this site of which something is said. */
  scannerClocks(scope: Scope): Promise<ReadonlyMap<string, ScannerClock>>;

  /** Replaces what an earlier revision of the same scan told; an older revision changes nothing. */
  putObservation(row: Observation): Promise<void>;
  /** The scanner as it is, or as given where it is new; nobody else may change it until this transaction ends. */
  lockScanner(initial: ScannerRow): Promise<ScannerRow>;
  putScanner(row: ScannerRow): Promise<void>;
}
