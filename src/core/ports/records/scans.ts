import type { Scope, SentScope } from '../../access.ts';
import type { Page } from '../../page.ts';
import type { NotAnalysedReason } from '../../scan/not-analysed.ts';
import type { ScanState } from '../../scan/scan-states.ts';
import type { OriginalFile, RevisionRow, ScanRow } from '../../scan/stored-scan.ts';

export interface ScanFilter {
  readonly state?: ScanState;
  readonly container?: string;
  readonly visit?: string;
  /** As `termOf` makes them; a scan has all of them. */
  readonly terms?: readonly string[];
  readonly receivedFrom?: string;
  readonly receivedTo?: string;
}

/** Where and since when a stored scan may take a file that comes after it, and from whom. */
export interface JoinScope {
  readonly administration: string;
  /** Exactly this site. */
  readonly site: string;
  /** RFC 3339, of receipt. */
  readonly since: string;
  /** Only scans that this sender began, or whose scanner's register lets it join. */
  readonly sender: string;
  /** As the sender names it: none whose upload named another scanner. Names of files repeat from scanner to scanner. */
  readonly scanner?: string;
}

/** A scan and the files of its newest revision. */
export interface ScanWithFiles {
  readonly scan: ScanRow;
  readonly files: readonly OriginalFile[];
}

export interface Scans {
  // Scans that a key may see.
  scan(scope: Scope, id: string): Promise<ScanRow | undefined>;
  scans(scope: Scope, filter: ScanFilter, limit: number, cursor?: string): Promise<Page<ScanRow>>;

  // Scans of every administration: for the service's own steps and metrics, never for a request.
  scanById(id: string): Promise<ScanRow | undefined>;
  /** Number of scans in each state. */
  scanCounts(): Promise<Readonly<Record<ScanState, number>>>;

  insertScan(row: ScanRow): Promise<void>;
  /** The scan as it is now, and nobody else may change it until this transaction ends. */
  lockScan(id: string): Promise<ScanRow | undefined>;
  /** Replaces converter, groupKey, state, revision, purpose, acquiredAt, completeness, containers, terms, visit and senders. */
  updateScan(row: ScanRow): Promise<void>;

  // The scan to which files that come later belong.
  /** The newest scans of this converter, as many as the limit. */
  newestScans(scope: JoinScope, converter: string, limit: number): Promise<readonly ScanWithFiles[]>;
  /** Newest scan of this converter and group key, if any. */
  scanByGroup(scope: JoinScope, converter: string, groupKey: string): Promise<ScanRow | undefined>;
  /** Newest scan whose index file names this file, and its role there. */
  scanNaming(
    scope: JoinScope,
    baseName: string,
  ): Promise<{ readonly scan: ScanRow; readonly role: string } | undefined>;
  /** Whether the sender may add files to this scan. */
  mayJoin(sender: string, scanId: string): Promise<boolean>;

  // Scans of the same container or visit, or of the same place and time.
  scansByContainer(
    administration: string,
    containers: readonly string[],
    from: string,
    to: string,
  ): Promise<readonly ScanRow[]>;
  /**
   * Scans of exactly this site that name one of these containers and were taken or received then, because a clock may be wrong by
   * years, or whose search was ordered or danger raised then. The newest received first, as many as the limit; of these purposes, where they are given.
   */
  scansNamingContainers(
    scope: Scope,
    containers: readonly string[],
    from: string,
    to: string,
    limit: number,
    purposes?: readonly string[],
  ): Promise<readonly ScanRow[]>;
  /** The same with this visit id; without a limit in order of the time that they were taken. */
  scansOfVisit(
    scope: Scope,
    visit: string,
    from: string,
    to: string,
    limit?: number,
    purposes?: readonly string[],
  ): Promise<readonly ScanRow[]>;
  /** Higher than every earlier number, also after a restore. Reads that follow in the transaction see all that was committed before. */
  nextInstructionNumber(): Promise<number>;
  /** Scans of exactly this site in order of the time that they were taken, or else received; both ends included. */
  scansTaken(scope: Scope, from: string, to: string, limit: number): Promise<readonly ScanRow[]>;
  /** The same by the time of receipt alone. */
  scansReceived(scope: Scope, from: string, to: string, limit: number): Promise<readonly ScanRow[]>;
  /** The newest converted revision of each of these scans that has one. */
  newestConvertedOf(scanIds: readonly string[]): Promise<readonly RevisionRow[]>;
}

export interface Revisions {
  revision(scanId: string, revision: number): Promise<RevisionRow | undefined>;
  revisions(scanId: string): Promise<readonly RevisionRow[]>;
  /** The newest revision that has a record: one that is under way or failed does not hide it. */
  newestConverted(scanId: string): Promise<RevisionRow | undefined>;
  /** Revisions at exactly this site that have exactly this content, of scans that this sender sent to: up to 256, the newest first. */
  revisionsByContent(scope: SentScope, contentHash: string): Promise<readonly RevisionRow[]>;

  insertRevision(row: RevisionRow): Promise<void>;
  /** Replaces state, converter, scan and problem. */
  updateRevision(row: RevisionRow): Promise<void>;
}

export interface NotAnalysedRow {
  readonly scanId: string;
  readonly reason: NotAnalysedReason;
}

export interface NotAnalysedScans {
  // Scans that are no analysts' case.
  /** Newest first, with those whose newest files cannot be read. */
  notAnalysed(scope: Scope, limit: number, cursor?: string): Promise<Page<NotAnalysedRow>>;

  /** Inserts or replaces. A scan that failed is listed by its state, and is not put here. */
  putNotAnalysed(
    scan: Pick<ScanRow, 'id' | 'administration' | 'site' | 'receivedAt'>,
    reason: Exclude<NotAnalysedReason, 'failed'>,
  ): Promise<void>;
  removeNotAnalysed(scanId: string): Promise<void>;
}
