import type { Analyses, AnalysisWrites } from './analyses.ts';
import type { Answers } from './answers.ts';
import type { Audit, AuditTrail } from './audit.ts';
import type { Backlog } from './backlog.ts';
import type { CaseClaims, Cases, CaseWrites } from './cases.ts';
import type { Changes, ChangeWrites } from './changes.ts';
import type { Declarations, DeclarationWrites } from './declarations.ts';
import type { Holds, HoldWrites } from './holds.ts';
import type { InstanceIndex, Instances } from './instances.ts';
import type { JobCounts, JobEnds, JobLeases, JobQueue } from './jobs.ts';
import type { Keys, KeyWrites } from './keys.ts';
import type { ObjectRows, ObjectRowWrites } from './object-rows.ts';
import type { Radiation, RadiationWrites } from './radiation.ts';
import type { Reachable } from './reachable.ts';
import type { ResumableRecords } from './resumable.ts';
import type { Revisions, RevisionWrites } from './revisions.ts';
import type { Scanners, ScannerWrites } from './scanners.ts';
import type { AllScans, NearbyScans, ScanGroups, Scans, ScanWrites } from './scans.ts';

/**
 * Everything that happens in one transaction: all of it is durable when `transaction` resolves, or none of it. A use
 * case names the slices that it takes: `Transactions<Scans & Audit>`. Only what opens the database needs them all.
 */
export interface RecordsTx
  extends Scans,
    AllScans,
    ScanWrites,
    ScanGroups,
    NearbyScans,
    Revisions,
    RevisionWrites,
    ObjectRows,
    ObjectRowWrites,
    Instances,
    InstanceIndex,
    Analyses,
    AnalysisWrites,
    Cases,
    CaseWrites,
    CaseClaims,
    Radiation,
    RadiationWrites,
    Holds,
    HoldWrites,
    Declarations,
    DeclarationWrites,
    Scanners,
    ScannerWrites,
    JobQueue,
    Changes,
    ChangeWrites,
    Audit,
    AuditTrail,
    Keys,
    KeyWrites,
    Answers,
    Backlog,
    ResumableRecords {}

export interface Transactions<Tx> {
  /**
   * Failures: NII_DATABASE_AWAY, NII_CONFLICT on a row that exists, NII_CURSOR_EXPIRED, NII_BAD_REQUEST (an invalid
   * cursor).
   */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
}

export interface Locks {
  /**
   * Runs alone among all processes that use the same name; no transaction is held open meanwhile. Not to be nested.
   * With `among` it also waits while somebody runs alone under that other name, but not for others `among` it.
   */
  exclusively<T>(name: string, work: () => Promise<T>, among?: string): Promise<T>;
}

/** The right to do something that one process at a time should do. */
export interface Turn {
  /** Ending it again changes nothing. */
  end(): Promise<void>;
}

export interface TurnOptions {
  /** How long to wait while another has the turn; 0 does not wait. */
  readonly waitMs: number;
  /** Aborted: no longer waits. */
  readonly signal?: AbortSignal;
  /** Called when another waits for this turn, perhaps often, and when the turn was lost with the connection. */
  readonly onWanted?: () => void;
}

/**
 * Turns among all processes on one database. A turn ends with the process that has it, and with its connection to the
 * database: it avoids work done twice, and is no proof of being alone.
 */
export interface Turns {
  /** @throws NII_BUSY if another still has it when the wait is over, NII_DATABASE_AWAY */
  takeTurn(name: string, options: TurnOptions): Promise<Turn>;
}

export interface Erasable {
  /** Removes every row but keys, the audit and resumable uploads, for a rebuild from objects. */
  clear(): Promise<void>;
}

/** Records and jobs are in PostgreSQL. */
export interface Records extends Transactions<RecordsTx>, Locks, Turns, Reachable, Erasable {
  close(): Promise<void>;
}

/** The durable queue. */
export interface Jobs extends JobLeases, JobEnds<RecordsTx>, JobCounts {}
