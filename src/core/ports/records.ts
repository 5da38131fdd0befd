import type { JobCounts, JobEnds, JobLeases, JobQueue } from './jobs.ts';
import type { Answers } from './records/answers.ts';
import type { Archiver } from './records/archiver.ts';
import type { Audit, AuditProtection, AuditStreaming } from './records/audit.ts';
import type { Backlog } from './records/backlog.ts';
import type { Cases, Comparisons, OwnDecisions } from './records/cases.ts';
import type { Changes } from './records/changes.ts';
import type { CheckIns } from './records/check-ins.ts';
import type { Declarations } from './records/declarations.ts';
import type { Documents } from './records/documents.ts';
import type { Holds } from './records/holds.ts';
import type { Instances } from './records/instances.ts';
import type { Keys } from './records/keys.ts';
import type { Measures } from './records/measures.ts';
import type { Analyses, ModelDays, ModelRegister, Shadows, VendorScans } from './records/models.ts';
import type { ObjectRows } from './records/object-rows.ts';
import type { ReadsOfMany } from './records/of-many.ts';
import type { Persons } from './records/persons.ts';
import type { Radiation } from './records/radiation.ts';
import type { ResumableRecords } from './records/resumable.ts';
import type { Scanners } from './records/scanners.ts';
import type { NotAnalysedScans, Revisions, Scans } from './records/scans.ts';
import type { AuditSeals } from './records/seals.ts';
import type { Sessions } from './records/sessions.ts';
import type { StationDecisions } from './records/station.ts';
import type { Erasable, Locks, Reachable, Transactions, Turns } from './transactions.ts';

/**
 * Everything that happens in one transaction: all of it is durable when `transaction` resolves, or none of it. Only what
 * opens the database needs them all; a use case names the methods that it takes, see `Tx`.
 */
export interface RecordsTx
  extends Scans,
    Revisions,
    ObjectRows,
    Instances,
    Analyses,
    Cases,
    OwnDecisions,
    Comparisons,
    Measures,
    NotAnalysedScans,
    ReadsOfMany,
    Shadows,
    ModelDays,
    VendorScans,
    Radiation,
    Holds,
    Declarations,
    ModelRegister,
    Documents,
    CheckIns,
    StationDecisions,
    Scanners,
    JobQueue,
    Changes,
    Audit,
    AuditSeals,
    AuditStreaming,
    Keys,
    Persons,
    Sessions,
    Answers,
    Backlog,
    Archiver,
    ResumableRecords {}

/** The part of a transaction that a use case takes, method by method: `Transactions<Tx<'scan' | 'audit'>>`. */
export type Tx<Method extends keyof RecordsTx> = Pick<RecordsTx, Method>;

/** Records and jobs are in PostgreSQL. */
export interface Records extends Transactions<RecordsTx>, Locks, Turns, Reachable, Erasable, AuditProtection {
  close(): Promise<void>;
}

/** The durable queue. */
export interface Jobs extends JobLeases, JobEnds<RecordsTx>, JobCounts {}
