import type { JobCounts, JobEnds, JobLeases, JobQueue } from './jobs.ts';
import type { Analyses, AnalysisWrites, ScannerScores } from './records/analyses.ts';
import type { Answers } from './records/answers.ts';
import type { Audit, AuditProtection, AuditTrail } from './records/audit.ts';
import type { Backlog } from './records/backlog.ts';
import type {
  CaseClaims,
  CaseDeadlines,
  CaseLists,
  Cases,
  CaseWrites,
  DangerDeadlines,
  HandBacks,
  UndoWindows,
} from './records/cases.ts';
import type { Changes, ChangeWrites } from './records/changes.ts';
import type { Declarations, DeclarationWrites } from './records/declarations.ts';
import type { Documents, DocumentWrites } from './records/documents.ts';
import type { HoldDeadlines, Holds, HoldWrites } from './records/holds.ts';
import type { InstanceIndex, Instances, ReferencedOriginals } from './records/instances.ts';
import type { KeyLists, Keys, KeyWrites } from './records/keys.ts';
import type { Comparisons } from './records/lists/comparisons.ts';
import type { ModelDays } from './records/lists/model-days.ts';
import type { ReadsOfMany } from './records/lists/of-many.ts';
import type { OwnDecisions } from './records/lists/own-decisions.ts';
import type { Shadows, ShadowWrites } from './records/lists/shadows.ts';
import type { VendorScans } from './records/lists/vendor-scans.ts';
import type { Instructions, Measures, PersonMeasures, RebuiltMeasures } from './records/measures.ts';
import type { NotAnalysedScans, NotAnalysedWrites } from './records/not-analysed.ts';
import type { ObjectRows, ObjectRowWrites, ObjectSeals } from './records/object-rows.ts';
import type { Identities, KeyUses, Persons, PersonsByIdentity, PersonWrites } from './records/persons.ts';
import type { Radiation, RadiationWrites } from './records/radiation.ts';
import type { ResumableRecords } from './records/resumable.ts';
import type { Revisions, RevisionWrites } from './records/revisions.ts';
import type { ModelRegister } from './records/rules/model-choices.ts';
import type { StationDecisions, StationWrites } from './records/rules/station.ts';
import type { ScannerClocks, Scanners, ScannerWrites } from './records/scanners.ts';
import type { AllScans, NearbyScans, ScanGroups, Scans, ScanWrites } from './records/scans.ts';
import type { AuditSealing, AuditSeals } from './records/seals.ts';
import type {
  OpenSessions,
  SessionMoves,
  SessionSweeps,
  SessionUses,
  SessionWrites,
  SignInEnds,
  SignIns,
} from './records/sessions.ts';
import type { AuditStreaming } from './records/streaming.ts';
import type { Erasable, Locks, Reachable, Transactions, Turns } from './transactions.ts';

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
    ObjectSeals,
    Instances,
    InstanceIndex,
    ReferencedOriginals,
    Analyses,
    AnalysisWrites,
    ScannerScores,
    Cases,
    CaseLists,
    OwnDecisions,
    Comparisons,
    CaseWrites,
    CaseClaims,
    CaseDeadlines,
    DangerDeadlines,
    UndoWindows,
    HandBacks,
    RebuiltMeasures,
    Instructions,
    Measures,
    PersonMeasures,
    NotAnalysedScans,
    NotAnalysedWrites,
    ReadsOfMany,
    Shadows,
    ShadowWrites,
    ModelDays,
    VendorScans,
    Radiation,
    RadiationWrites,
    Holds,
    HoldWrites,
    HoldDeadlines,
    Declarations,
    DeclarationWrites,
    ModelRegister,
    Documents,
    DocumentWrites,
    StationDecisions,
    StationWrites,
    ScannerClocks,
    Scanners,
    ScannerWrites,
    JobQueue,
    Changes,
    ChangeWrites,
    Audit,
    AuditTrail,
    AuditSeals,
    AuditSealing,
    AuditStreaming,
    Keys,
    KeyLists,
    Persons,
    PersonWrites,
    Identities,
    KeyUses,
    KeyWrites,
    PersonsByIdentity,
    SessionWrites,
    OpenSessions,
    SessionUses,
    SessionMoves,
    SessionSweeps,
    SignIns,
    SignInEnds,
    Answers,
    Backlog,
    ResumableRecords {}

/** Records and jobs are in PostgreSQL. */
export interface Records extends Transactions<RecordsTx>, Locks, Turns, Reachable, Erasable, AuditProtection {
  close(): Promise<void>;
}

/** The durable queue. */
export interface Jobs extends JobLeases, JobEnds<RecordsTx>, JobCounts {}
