import type { ColumnType, Generated } from 'kysely';
import type { AccessKey, Role } from '../../core/access.ts';
import type { Case } from '../../core/case/case.ts';
import type { DeclarationBody } from '../../core/case/declaration.ts';
import type { Analysis } from '../../core/case/finding.ts';
import type { HandBack } from '../../core/case/not-readers.ts';
import type { DicomJson } from '../../core/dicom-json.ts';
import type { DocumentName } from '../../core/documents.ts';
import type { Problem } from '../../core/errors.ts';
import type { Person } from '../../core/person/person.ts';
import type { AuditEntry, AuditRow } from '../../core/ports/records/audit.ts';
import type { InstanceRow } from '../../core/ports/records/instances.ts';
import type { ObjectFault } from '../../core/ports/records/object-rows.ts';
import type { Hold, RadiationLink } from '../../core/radiation/hold.ts';
import type { ObjectKind } from '../../core/rows/object-what.ts';
import type { CabPlace } from '../../core/scan/cab.ts';
import type { NotAnalysedReason } from '../../core/scan/not-analysed.ts';
import type { NiiScan } from '../../core/scan/scan.ts';
import type { ScanState } from '../../core/scan/scan-states.ts';
import type { ScannerFacts } from '../../core/scan/scanner-facts.ts';
import type { RevisionRow, ScanRow } from '../../core/scan/stored-scan.ts';
import type { ScannerAlarm, ScannerRow } from '../../core/scanner/scanner.ts';
import type { StationDecision } from '../../core/scanner/station.ts';
import type { DecidedFile, LateCopy, ResumableUpload, UploadOutcome } from '../../core/upload.ts';

/** Goes in as JSON text, comes back parsed. */
type Json<Value> = ColumnType<Value, string, string>;
/** An instant that queries compare and nobody reads. */
type Instant = ColumnType<Date, string, string>;
/** A number that PostgreSQL sends as text. */
type Big = ColumnType<string, number | string, number | string>;

interface ScansTable {
  id: string;
  administration: string;
  site: string;
  converter: string;
  group_key: string;
  state: ScanState;
  revision: number;
  purpose: ScanRow['purpose'];
  received_at: string;
  acquired_at: string | null;
  completeness: NiiScan['completeness'] | null;
  containers: string[];
  terms: string[];
  senders: string[];
  visit: string | null;
  received: Instant;
  taken: Instant;
}

interface RevisionsTable {
  scan_id: string;
  revision: number;
  state: ScanState;
  content_hash: string;
  originals: Json<RevisionRow['originals']>;
  received_at: string;
  uploader: string;
  meta: Json<RevisionRow['meta']>;
  converter: Json<RevisionRow['converter']>;
  scan: ColumnType<NiiScan | null, string | null, string | null>;
  problem: ColumnType<Problem | null, string | null, string | null>;
}

interface ObjectsTable {
  key: string;
  scan_id: string;
  revision: number;
  kind: ObjectKind;
  /** What the kind alone does not say. */
  facts: ColumnType<object | null, string | null, string | null>;
  bytes: Big;
  sha256: string;
  blocks: string | null;
  content_type: string;
  parent_sha256: string | null;
  producer: string;
  /** When its bytes were last compared with the hash. */
  checked_at: ColumnType<Date, string | undefined, string>;
  fault: ObjectFault | null;
}

interface InstancesTable {
  key: string;
  administration: string;
  site: string;
  bytes: Big;
  sha256: string;
  scan_id: string;
  revision: number;
  source: InstanceRow['source'];
  study_uid: string;
  series_uid: string;
  instance_uid: string;
  sop_class: string;
  transfer_syntax: string;
  modality: string;
  frames: number;
  head_bytes: Big;
  report: NonNullable<InstanceRow['report']> | null;
  /** Of a report. */
  refers_to: string[];
  case_id: string | null;
  attributes: Json<DicomJson>;
  listed: Generated<boolean>;
}

interface AnalysesTable {
  scan_id: string;
  revision: number;
  model_id: string;
  model_version: string;
  body: Json<Analysis>;
}

interface CasesTable {
  id: string;
  administration: string;
  site: string;
  scan_id: string;
  state: Case['state'];
  band: Case['band'];
  priority: number;
  container: string | null;
  lease_until: ColumnType<Date | null, string | null, string | null>;
  /** Whom it is not assigned to. */
  analysts: string[];
  claimant: string | null;
  /** Somebody has, since it was last opened. */
  is_read: boolean;
  declarations: string[];
  due: Instant;
  /** It does not escalate any further. */
  due_told: boolean;
  escalated_at: ColumnType<Date | null, string | null, string | null>;
  searched_since: ColumnType<Date | null, string | null, string | null>;
  release_alarm: ColumnType<Date | null, string | null, string | null>;
  /** Of a danger that nobody has acknowledged; the second until it has escalated. */
  danger_since: ColumnType<Date | null, string | null, string | null>;
  danger_due: ColumnType<Date | null, string | null, string | null>;
  /** Time of the first question, and the observers. */
  advice_since: ColumnType<Date | null, string | null, string | null>;
  advisers: string[];
  /** Until then its verdict may be taken back. */
  stands_at: ColumnType<Date | null, string | null, string | null>;
  /** When customs released what was decided normal, of a closed case. */
  reference_since: ColumnType<Date | null, string | null, string | null>;
  /** Unknown of a case that was closed before it was kept. */
  opened: ColumnType<Date | null, string | null, string | null>;
  body: Json<Case>;
}

interface OfferedScansTable {
  case_id: string;
  scan_id: string;
}

interface HandBacksTable {
  case_id: string;
  seq: number;
  administration: string;
  person: string;
  at: ColumnType<Date, string, never>;
  kind: HandBack['kind'];
  why: string | null;
}

/** Operational scans; the database keeps them. */
interface MeasuredScansTable {
  scan_id: string;
  administration: string;
  site: string;
  received: Instant;
  scanner: string | null;
}

interface MeasuredCasesTable {
  case_id: string;
  scan_id: string;
  administration: string;
  site: string;
  arrived: Instant;
  due: Instant;
  percentile: number | null;
  /** Unknown of what was rebuilt from objects. */
  converted: ColumnType<Date | null, string | null, never>;
  queued: ColumnType<Date | null, string | null, never>;
  claimed: ColumnType<Date | null, string | null, string | null>;
  decided: ColumnType<Date | null, string | null, string | null>;
  settled: ColumnType<Date | null, string | null, string | null>;
  /** Unknown where lanes ask by themselves. */
  instructed: ColumnType<Date | null, never, string>;
  /** What the lane was told of it was told before this row was written. */
  is_instruction_unknown: Generated<boolean>;
  referred: ColumnType<Date | null, string | null, string | null>;
  searched: ColumnType<Date | null, string | null, string | null>;
  closed: ColumnType<Date | null, string | null, string | null>;
  first_verdict: string | null;
  second_verdict: string | null;
  final_verdict: string | null;
  drawn_share: number | null;
  outcome: string | null;
  /** Of the scan and its observation; the database keeps both. The time is null where the files say none. */
  scanner: ColumnType<string | null, never, never>;
  taken: ColumnType<Date | null, never, never>;
}

/** How many scans and cases are in each state; the sum of all slots counts. The database keeps them. */
interface StateCountsTable {
  of_table: 'scans' | 'cases';
  state: string;
  /** Of cases; else empty. */
  band: string;
  slot: number;
  rows: Big;
}

interface MeasuredReadingsTable {
  case_id: string;
  seq: number;
  scan_id: string;
  administration: string;
  site: string;
  at: Instant;
  person: string;
  verdict: string;
  is_settlement: boolean;
  scanner: ColumnType<string | null, never, never>;
}

interface NotAnalysedTable {
  scan_id: string;
  administration: string;
  site: string;
  received: Instant;
  reason: NotAnalysedReason;
}

interface RadiationTable {
  scan_id: string;
  record_id: string;
  administration: string;
  site: string;
  starts: ColumnType<Date | null, string | null, string | null>;
  ends: ColumnType<Date | null, string | null, string | null>;
  containers: string[];
  visit: string | null;
  joined: string[];
  /** Of what the record says of it; null of rows of before it was kept. */
  content: string | null;
  /** Hold of the same occupancy that another record opened. */
  hold_id: string | null;
  body: Json<RadiationLink>;
}

interface HoldsTable {
  id: string;
  administration: string;
  site: string;
  scan_id: string;
  state: Hold['state'];
  opened: Instant;
  bears_on: string[];
  /** Of OccupancyIdentity. */
  identity: string | null;
  content: string | null;
  /** Null: it does not escalate any further. */
  due: ColumnType<Date | null, string | null, string | null>;
  escalated_at: ColumnType<Date | null, string | null, string | null>;
  /** It holds every scan near it. */
  is_near: boolean;
  vehicles_held: number[];
  body: Json<Hold>;
}

interface DeclarationsTable {
  administration: string;
  site: string;
  ref: string;
  updated_at: string;
  version: number;
  body: Json<DeclarationBody>;
}

interface DeclarationContainersTable {
  administration: string;
  container: string;
  ref: string;
}

interface JobsTable {
  id: string;
  administration: string;
  sender: string;
  /** Of any version: see core/rows/read-job.ts. */
  kind: string;
  payload: Json<unknown>;
  state: 'waiting' | 'running' | 'dead';
  ready_at: Instant;
  queued_at: ColumnType<Date, never, string>;
  /** When it was last claimed. */
  begun_at: Instant | null;
  attempts: Generated<number>;
  token: string | null;
  worker: string | null;
  error: string | null;
}

interface ObservationsTable {
  scan_id: string;
  revision: number;
  administration: string;
  site: string;
  scanner: string;
  received_at: string;
  received: Instant;
  containers: number;
  bad_containers: number;
  channel_missing: boolean;
  incomplete: boolean;
  failed: string | null;
  clock_seconds: number | null;
}

interface ScannerDaysTable {
  administration: string;
  site: string;
  scanner: string;
  day: ColumnType<Date, string, string>;
  /** Null, as all that follows, until the day is counted anew. */
  scans: number | null;
  containers: number | null;
  bad_containers: number | null;
  channel_missing: number | null;
  incomplete: number | null;
  failures: Json<Readonly<Record<string, number>> | null>;
  clock_seconds: number | null;
}

interface JobTurnsTable {
  administration: string;
  served: Instant;
}

interface SenderTurnsTable {
  administration: string;
  sender: string;
  served: Instant;
  timeouts: Generated<number>;
}

interface ScannersTable {
  administration: string;
  site: string;
  id: string;
  converter: string;
  first_seen_at: string;
  last_seen_at: string;
  software: string | null;
  structure: Json<ScannerRow['structure']>;
  alarm: ColumnType<ScannerAlarm | null, string | null, string | null>;
  senders_allowed: string[];
  register_version: number;
  zone: string | null;
  clock_offset_seconds: number | null;
  facts: ColumnType<ScannerFacts | null, string | null, string | null>;
  cab: ColumnType<CabPlace | null, string | null, string | null>;
}

interface DocumentsTable {
  kind: DocumentName;
  path: string;
  version: number;
  administration: string;
  site: string;
  subject: string;
  state: string;
  at: ColumnType<Date | null, string | null, string | null>;
  marks: readonly string[] | null;
  body: ColumnType<unknown, string, string>;
}

interface StationDecisionsTable {
  administration: string;
  site: string;
  import_id: string;
  position: number;
  decided: Instant;
  body: Json<StationDecision>;
}

interface ChangesTable {
  seq: ColumnType<string, never, never>;
  xid: ColumnType<string, never, string>;
  at: ColumnType<Date, never, never>;
  administration: string;
  site: string;
  kind: string;
  subject: string;
  revision: number | null;
}

interface AuditTable {
  seq: ColumnType<string, never, never>;
  at: ColumnType<Date, never, never>;
  administration: string;
  site: string | null;
  actor: Json<AuditRow['actor']>;
  action: string;
  subject: string;
  detail: Json<AuditEntry['detail']>;
}

interface AuditSealsTable {
  number: Big;
  /** Of the newest version, or whatever its owner wrote. */
  covers: Json<unknown>;
  rows: number;
  highest: Big;
  previous: string;
  sha256: string;
  made_at: ColumnType<Date, string, never>;
}

interface AuditStreamTable {
  one: Generated<boolean>;
  seal: Big;
  seq: Big;
  sent_to: Big;
}

interface KeysTable {
  key_id: string;
  administration: string;
  person: string | null;
  last_used: ColumnType<Date | null, string | null, string | null>;
  body: Json<AccessKey>;
}

interface PersonsTable {
  id: string;
  administration: string;
  version: number;
  body: Json<Person>;
}

interface SessionsTable {
  id: string;
  secret_sha256: string;
  person: string;
  administration: string;
  site: string;
  roles: Role[];
  issuer: string;
  subject: string;
  source: string;
  begun: Instant;
  used: Instant;
  ends: Instant;
  ended: ColumnType<Date | null, string | null, string | null>;
}

interface IdentitiesTable {
  administration: string;
  issuer: string;
  subject: string;
  person: string;
}

interface AnswersTable {
  actor: string;
  key: string;
  at: ColumnType<Date, never, never>;
  request_sha256: string;
  status: number;
  body: Json<unknown>;
}

interface ResumableUploadsTable {
  id: string;
  key_id: string;
  bytes: Big;
  offset_bytes: Big;
  created_at: string;
  metadata: Json<ResumableUpload['metadata']>;
  sha256: string | null;
  copy: ColumnType<LateCopy | null, string | null, string | null>;
  acceptances: Generated<number>;
}

interface ResumableChunksTable {
  upload_id: string;
  first_byte: Big;
  bytes: Big;
  object_key: string;
}

interface ResumableOutcomesTable {
  id: string;
  ended: Instant;
  body: Json<UploadOutcome>;
}

interface ResumableDecidedTable {
  set_key: string;
  name_json: string;
  bytes: Big;
  sha256: string;
  decided: Instant;
  rejected: boolean;
  body: Json<DecidedFile>;
}

interface ModelPackagesTable {
  id: string;
  version: string;
  sha256: string;
  waits: boolean;
  found: Instant;
}

interface ShadowAnalysesTable {
  scan_id: string;
  revision: number;
  administration: string;
  model_id: string;
  model_version: string;
  at: Instant;
  body: Json<Analysis>;
}

interface MetaTable {
  one: Generated<boolean>;
  epoch: Generated<string>;
  cluster: string;
  /** Names of people in figures that leave the service are hashed with it. */
  pseudonym_key: Generated<string>;
  /** Seals the cookies of sign-ins. */
  sign_in_secret: Generated<string>;
}

/** The schema as the newest migration leaves it. */
export interface Tables {
  meta: MetaTable;
  scans: ScansTable;
  revisions: RevisionsTable;
  objects: ObjectsTable;
  instances: InstancesTable;
  analyses: AnalysesTable;
  cases: CasesTable;
  hand_backs: HandBacksTable;
  offered_scans: OfferedScansTable;
  measured_scans: MeasuredScansTable;
  measured_cases: MeasuredCasesTable;
  measured_readings: MeasuredReadingsTable;
  state_counts: StateCountsTable;
  not_analysed: NotAnalysedTable;
  radiation: RadiationTable;
  holds: HoldsTable;
  observations: ObservationsTable;
  scanner_days: ScannerDaysTable;
  scanners: ScannersTable;
  model_packages: ModelPackagesTable;
  shadow_analyses: ShadowAnalysesTable;
  documents: DocumentsTable;
  station_decisions: StationDecisionsTable;
  declarations: DeclarationsTable;
  declaration_containers: DeclarationContainersTable;
  jobs: JobsTable;
  job_turns: JobTurnsTable;
  sender_turns: SenderTurnsTable;
  changes: ChangesTable;
  audit: AuditTable;
  audit_seals: AuditSealsTable;
  audit_stream: AuditStreamTable;
  keys: KeysTable;
  persons: PersonsTable;
  sessions: SessionsTable;
  identities: IdentitiesTable;
  answers: AnswersTable;
  resumable_uploads: ResumableUploadsTable;
  resumable_chunks: ResumableChunksTable;
  resumable_outcomes: ResumableOutcomesTable;
  resumable_decided: ResumableDecidedTable;
}
