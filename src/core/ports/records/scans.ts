import type { Scope } from '../../access.ts';
import type { Page } from '../../page.ts';
import type { ScanState } from '../../scan/scan-states.ts';
import type { ScanRow } from '../../scan/stored-scan.ts';

export interface ScanFilter {
  readonly state?: ScanState;
  readonly container?: string;
  readonly receivedFrom?: string;
  readonly receivedTo?: string;
}

/** Scans that a key may see. */
export interface Scans {
  scan(scope: Scope, id: string): Promise<ScanRow | undefined>;
  scans(scope: Scope, filter: ScanFilter, limit: number, cursor?: string): Promise<Page<ScanRow>>;
}

/** Scans of every administration: for the service's own steps and metrics, never for a request. */
export interface AllScans {
  scanById(id: string): Promise<ScanRow | undefined>;
  /** Number of scans in each state. */
  scanCounts(): Promise<Readonly<Record<ScanState, number>>>;
}

export interface ScanWrites {
  insertScan(row: ScanRow): Promise<void>;
  /** The scan as it is now, and nobody else may change it until this transaction ends. */
  lockScan(id: string): Promise<ScanRow | undefined>;
  /** Replaces state, revision, purpose, acquiredAt, completeness and containers. */
  updateScan(row: ScanRow): Promise<void>;
}

/** The scan to which files that come later belong. */
export interface ScanGroups {
  /**
   * Newest scan of this converter and group key at exactly this site received since the time, if any. With `scanner`,
   * none whose upload named another scanner.
   */
  scanByGroup(
    administration: string,
    site: string,
    converter: string,
    groupKey: string,
    since: string,
    scanner?: string,
  ): Promise<ScanRow | undefined>;
  /**
   * Newest scan at exactly this site received since the time whose index file names this file, and its role there.
   * With `scanner`, none whose upload named another scanner.
   */
  scanNaming(
    administration: string,
    site: string,
    baseName: string,
    since: string,
    scanner?: string,
  ): Promise<{ readonly scan: ScanRow; readonly role: string } | undefined>;
}

/** Scans of the same container, or of the same place and time. */
export interface NearbyScans {
  scansByContainer(
    administration: string,
    containers: readonly string[],
    from: string,
    to: string,
  ): Promise<readonly ScanRow[]>;
  /** Scans of exactly this site in order of the time that they were taken, or else received; both ends included. */
  scansTaken(scope: Scope, from: string, to: string, limit: number): Promise<readonly ScanRow[]>;
}
