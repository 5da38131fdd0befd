import type { Scope } from '../../access.ts';
import type { Case } from '../../case/case.ts';
import type { ImportedReport } from '../../scan/scan.ts';
import type { StationDecision, StoredDecisions } from '../../scanner/station.ts';

/** A case and its scan. */
export interface OurCase {
  readonly case: Case;
  readonly groupKey: string;
  /** When the scan was taken, or else received; RFC 3339 in UTC. */
  readonly at: string;
}

/** Reports that came with a scan. */
export interface ScanReports {
  readonly scanId: string;
  readonly receivedAt: string;
  readonly reports: readonly ImportedReport[];
}

export interface StationDecisions {
  // What a station decided, and what is compared with it; a scope names exactly one site, both ends are included.
  /** By the time as it is written. */
  stationDecisions(scope: Scope, from: string, to: string): Promise<readonly StationDecision[]>;
  /** Cases of scans that were received then, in order of that. */
  casesReceived(scope: Scope, from: string, to: string): Promise<readonly OurCase[]>;
  /** Reports in the newest revision of scans that were received then. */
  reportsReceived(scope: Scope, from: string, to: string): Promise<readonly ScanReports[]>;

  /** False: the file is here, and nothing was changed. */
  putStationDecisions(value: StoredDecisions): Promise<boolean>;
}
