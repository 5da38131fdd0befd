import type { Scope } from '../../access.ts';
import type { Case } from '../../case/case.ts';
import type { Hold } from '../../radiation/hold.ts';
import type { ScanRow } from '../../scan/stored-scan.ts';

/** A time between two others, both included; ISO 8601. */
interface Window {
  readonly from: string;
  readonly to: string;
}

export interface ScansOfContainers extends Window {
  readonly administration: string;
  readonly containers: readonly string[];
}

export interface ScansOfVisit extends Window {
  /** Of exactly this site. */
  readonly scope: Scope;
  readonly visit: string;
}

export interface ScansOfMark extends Window {
  /** Of exactly this site. */
  readonly scope: Scope;
  /** Container number or visit id. */
  readonly mark: string;
}

/**
 * What a list reads of each of its rows, for all of them at once. Each answers what the method of its name for one answers
 * (Scans, Cases, Holds), in the order in which it was asked.
 */
export interface ReadsOfMany {
  /** At exactly this site. */
  scanOfEach(
    asked: readonly { readonly scope: Scope; readonly id: string }[],
  ): Promise<(ScanRow | undefined)[]>;
  scansByContainerOfEach(asked: readonly ScansOfContainers[]): Promise<(readonly ScanRow[])[]>;
  scansOfVisitOfEach(asked: readonly ScansOfVisit[]): Promise<(readonly ScanRow[])[]>;
  /** As `scansNamingContainers` and `scansOfVisit` with a limit, which is that of each, and purposes. */
  newestScansOfEachMark(
    kind: 'container' | 'visit',
    asked: readonly ScansOfMark[],
    limit: number,
    purposes?: readonly string[],
  ): Promise<(readonly ScanRow[])[]>;
  casesOfEachScan(scanIds: readonly string[]): Promise<(readonly Case[])[]>;
  holdsOnEach(scanIds: readonly string[]): Promise<(readonly Hold[])[]>;
}
