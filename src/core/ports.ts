import type { AccessKey, Actor, Scope } from './access.ts';
import type { Case } from './case/case.ts';
import type { Declaration } from './case/declaration.ts';
import type { Analysis } from './case/finding.ts';
import type { Problem } from './errors.ts';
import type { Hold, RadiationLink } from './radiation/hold.ts';
import type { NiiScan, Purpose } from './scan/scan.ts';
import type { Observation, ScannerDay, ScannerRow } from './scanner/scanner.ts';

/* ---- Objects: a folder, or S3 ------------------------------------------------------------------------- */

export interface StoredObject {
  readonly key: string;
  readonly bytes: number;
}

/** A file on this machine whose bytes are to be stored. */
export interface FileBody {
  readonly path: string;
  readonly bytes: number;
}

/** First and last byte, both inclusive. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/**
 * Durable bytes under keys of [a-z0-9/._-]. Every implementation passes test/contract/object-store.ts.
 * Failures: NII_NOT_FOUND for an absent key, NII_STORE_AWAY when it does not answer, NII_DISK_FULL without room.
 */
export interface ObjectStore {
  /** Resolves only when the bytes would survive a power cut; the key then holds all of them or none. Replaces. */
  put(key: string, body: Uint8Array | FileBody, contentType: string): Promise<void>;
  get(key: string): Promise<Uint8Array>;
  stream(key: string, range?: ByteRange): Promise<AsyncIterable<Uint8Array>>;
  head(key: string): Promise<StoredObject | undefined>;
  /** In rising order of key (code units). */
  list(prefix: string): AsyncIterable<StoredObject>;
  /** Removing what is absent is not an error. */
  remove(key: string): Promise<void>;
  /** Throws NII_STORE_AWAY unless the store answers and can be written. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

/* ---- Records and jobs: PostgreSQL ---------------------------------------------------------------------- */

export type ScanState = 'received' | 'converted' | 'analysed' | 'failed';

export interface ScanRow {
  readonly id: string;
  readonly administration: string;
  readonly site: string;
  /** Converter that recognised it, and the name under which late files join. */
  readonly converter: string;
  readonly groupKey: string;
  readonly state: ScanState;
  readonly revision: number;
  readonly purpose: Purpose;
  readonly receivedAt: string;
  readonly acquiredAt?: string;
  readonly completeness?: NiiScan['completeness'];
  readonly containers: readonly string[];
}

/** One stored file of a revision as it came. */
export interface OriginalFile {
  readonly name: string;
  readonly role: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly complete: boolean;
  /** Object that holds it; a later revision names the object of the revision it came with. */
  readonly key: string;
  /** Files that it, an index file, names as those of its scan: base name in lower case -> role. */
  readonly names?: Readonly<Record<string, string>>;
}

export interface RevisionRow {
  readonly scanId: string;
  readonly revision: number;
  readonly state: ScanState;
  /** SHA-256 over the sorted content hashes of the originals. */
  readonly contentHash: string;
  readonly originals: readonly OriginalFile[];
  readonly receivedAt: string;
  /** Key id of the uploader. */
  readonly uploader: string;
  /** Sent with the upload: scanner, lane, purpose, webhook … */
  readonly meta: Readonly<Record<string, string>>;
  readonly converter: { readonly id: string; readonly version: string };
  readonly scan?: NiiScan;
  readonly problem?: Problem;
}

/** An object that the service derived. Originals have no parent. */
export interface ObjectRow {
  readonly key: string;
  readonly scanId: string;
  readonly revision: number;
  /** original, manifest, scan-json, dicos, plane, preview, thumbnail, analysis, map, tdr, case, hold. */
  readonly kind: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly contentType: string;
  /** SHA-256 of what it was made from, and what made it. */
  readonly parentSha256?: string;
  readonly producer: string;
}

/** One value of the DICOM JSON model (PS3.18 annex F); the data set is keyed by eight upper-case digits. */
export interface DicomJsonElement {
  readonly vr: string;
  readonly Value?: readonly unknown[];
  readonly InlineBinary?: string;
  readonly BulkDataURI?: string;
}
export type DicomJson = Readonly<Record<string, DicomJsonElement>>;

/** A stored DICOM instance as DICOMweb finds it: an original that is one, or what was made of a scan. */
export interface InstanceRow extends Scope {
  /** Object that holds its Part 10 file. */
  readonly key: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly scanId: string;
  readonly revision: number;
  readonly source: 'original' | 'dicos' | 'tdr';
  readonly studyUid: string;
  readonly seriesUid: string;
  readonly instanceUid: string;
  readonly sopClass: string;
  readonly transferSyntax: string;
  readonly modality: string;
  /** 0 without pixels. */
  readonly frames: number;
  /** So many bytes from the start hold everything before the pixels, and the header of those. */
  readonly headBytes: number;
  /** Whose decision a Threat Detection Report holds; what people decided is not for everybody. */
  readonly report?: 'machine' | 'person';
  /** Short attributes of the top level, for answers to searches. */
  readonly attributes: DicomJson;
}

/** What one attribute must be. Several alternatives; a pattern with * and ?; from and to, both included. */
export type AttributeMatch = { readonly tag: string } & (
  | { readonly oneOf: readonly string[] }
  | { readonly like: string }
  | { readonly from?: string; readonly to?: string }
);

export interface InstanceFilter {
  /** All must hold. ModalitiesInStudy (00080061) holds for every instance of a study that has the modality. */
  readonly matches: readonly AttributeMatch[];
  /**
   * Reports of Threat Detection: all, all but verdicts that people gave on our cases, none; or all but verdicts of
   * cases to which a key is blind.
   */
  readonly reports: 'all' | 'machine' | 'none' | { readonly blindKey: string };
}

/** A study or series of listed instances, with what is counted over all of them. */
export interface InstanceGroup {
  readonly studyUid: string;
  /** Of a series; empty of a study. */
  readonly seriesUid: string;
  readonly modalities: readonly string[];
  readonly sopClasses: readonly string[];
  readonly series: number;
  readonly instances: number;
  /** Of the first of them. */
  readonly attributes: DicomJson;
}

export interface InstancePath {
  readonly studyUid: string;
  readonly seriesUid?: string;
  readonly instanceUid?: string;
}

export interface AnalysisRow {
  readonly scanId: string;
  readonly revision: number;
  readonly analysis: Analysis;
}

export type JobKind =
  | 'convert'
  | 'analyse'
  | 'triage'
  | 'notify-lane'
  | 'rejoin-declaration'
  | 'join-radiation';

export interface Job {
  /** Kind and subject: the same work has the same id and is queued once. */
  readonly id: string;
  readonly kind: JobKind;
  readonly payload: Readonly<Record<string, string | number>>;
}

export interface ClaimedJob extends Job {
  /** How often it has been started, this time included. */
  readonly attempts: number;
  /** Proof of the lease; completing with another's token changes nothing. */
  readonly token: string;
}

export interface ChangeRow {
  readonly cursor: string;
  readonly at: string;
  readonly administration: string;
  /** `*` where the whole administration is concerned; readers of every site see it. */
  readonly site: string;
  /**
   * scan.received, scan.converted, scan.analysed, scan.failed, case.opened, case.changed, scanner.changed, declaration.changed,
   * hold.opened, hold.changed, radiation.joined (subject: the radiation record).
   */
  readonly kind: string;
  readonly subject: string;
  readonly revision?: number;
}

export interface AuditEntry {
  readonly actor: Actor;
  /** view or change, then what: 'view scan', 'decide case'. */
  readonly action: string;
  readonly subject: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface AuditRow extends AuditEntry {
  readonly seq: string;
  readonly at: string;
}

export interface IdempotentAnswer {
  readonly requestSha256: string;
  readonly status: number;
  readonly body: unknown;
}

export interface Page<Row> {
  readonly rows: readonly Row[];
  /** Absent on the last page. */
  readonly next?: string;
}

export interface ScanFilter {
  readonly state?: ScanState;
  readonly container?: string;
  readonly receivedFrom?: string;
  readonly receivedTo?: string;
}

export interface QueueFilter {
  readonly states: readonly Case['state'][];
  readonly container?: string;
}

export interface HoldFilter {
  readonly states: readonly Hold['state'][];
  /** Within the scope. */
  readonly site?: string;
}

/**
 * Everything below happens in one transaction: all of it is durable when `transaction` resolves, or none of it.
 * Failures: NII_DATABASE_AWAY, NII_CONFLICT on a row that exists, NII_CURSOR_EXPIRED, NII_BAD_REQUEST (a cursor that is none).
 */
export interface RecordsTx {
  /* scans */
  insertScan(row: ScanRow): Promise<void>;
  /** Replaces state, revision, purpose, acquiredAt, completeness and containers. */
  updateScan(row: ScanRow): Promise<void>;
  scan(scope: Scope, id: string): Promise<ScanRow | undefined>;
  /** Of any administration: for the service's own steps, never for a request. */
  scanById(id: string): Promise<ScanRow | undefined>;
  /** The same as it is now, and nobody else may change it until this transaction ends. */
  lockScan(id: string): Promise<ScanRow | undefined>;
  /** Scans of every administration in each state, for metrics. */
  scanCounts(): Promise<Readonly<Record<ScanState, number>>>;
  scans(scope: Scope, filter: ScanFilter, limit: number, cursor?: string): Promise<Page<ScanRow>>;
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
  /** The revision at this site that has exactly this content. */
  revisionByContent(
    administration: string,
    site: string,
    contentHash: string,
  ): Promise<RevisionRow | undefined>;
  scansByContainer(
    administration: string,
    containers: readonly string[],
    from: string,
    to: string,
  ): Promise<readonly ScanRow[]>;
  /** Scans of exactly this site in order of the time that they were taken, or else received; both ends included. */
  scansTaken(scope: Scope, from: string, to: string, limit: number): Promise<readonly ScanRow[]>;
  insertRevision(row: RevisionRow): Promise<void>;
  /** Replaces state, converter, scan and problem. */
  updateRevision(row: RevisionRow): Promise<void>;
  revision(scanId: string, revision: number): Promise<RevisionRow | undefined>;
  revisions(scanId: string): Promise<readonly RevisionRow[]>;

  /* objects */
  /** Rows that exist with the same key are replaced. */
  putObjects(rows: readonly ObjectRow[]): Promise<void>;
  objectsOf(scanId: string, revision?: number): Promise<readonly ObjectRow[]>;
  object(key: string): Promise<ObjectRow | undefined>;
  /** Every object row in rising order of key, a page at a time. */
  allObjects(afterKey: string, limit: number): Promise<readonly ObjectRow[]>;

  /* DICOM instances */
  /** Replaces rows of the same object; a row that is new is not listed yet. */
  putInstances(rows: readonly InstanceRow[]): Promise<void>;
  instancesOfScan(scanId: string): Promise<readonly InstanceRow[]>;
  /** Searches list these objects of the scan, and none of its others. */
  listInstances(scanId: string, keys: readonly string[]): Promise<void>;
  /** Listed instances, newest study first. */
  findInstances(
    scope: Scope,
    filter: InstanceFilter,
    limit: number,
    offset: number,
  ): Promise<readonly InstanceRow[]>;
  /** Studies or series that have a listed instance that matches, newest study first. */
  findInstanceGroups(
    level: 'study' | 'series',
    scope: Scope,
    filter: InstanceFilter,
    limit: number,
    offset: number,
  ): Promise<readonly InstanceGroup[]>;
  /**
   * Everything under the path, in order of series and instance: what is listed, or where nothing there is listed,
   * what an older revision had. One row for each instance UID.
   */
  instancesUnder(
    scope: Scope,
    path: InstancePath,
    reports: InstanceFilter['reports'],
  ): Promise<readonly InstanceRow[]>;

  /* analyses */
  /** Replaces what the same model version said of the same revision. */
  putAnalysis(row: AnalysisRow): Promise<void>;
  analyses(scanId: string, revision?: number): Promise<readonly AnalysisRow[]>;

  /* cases */
  /** Inserts or replaces. @throws NII_CONFLICT when the stored history is not one shorter or equal up to its end */
  saveCase(value: Case): Promise<void>;
  case(scope: Scope, id: string): Promise<Case | undefined>;
  /** The same, and nobody else may save it until this transaction ends. */
  lockCase(scope: Scope, id: string): Promise<Case | undefined>;
  casesOfScan(scanId: string): Promise<readonly Case[]>;
  /** In queue order: priority, then id. */
  queue(scope: Scope, filter: QueueFilter, limit: number, cursor?: string): Promise<Page<Case>>;
  /** Locks, from the first band that has any, one queued case drawn at random that this analyst has not decided; skips locked ones and excluded containers. */
  drawCase(scope: Scope, analyst: string, excludedContainers: readonly string[]): Promise<Case | undefined>;
  /** Claimed cases whose lease ended before the time; locked. */
  casesPastLease(at: string, limit: number): Promise<readonly Case[]>;

  /* radiation */
  /** Replaces all occupancies of the scan; `scope` is where it was received. */
  putRadiation(scope: Scope, scanId: string, rows: readonly RadiationLink[]): Promise<void>;
  /** In order of scan and record, as the next three. */
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
  /** Inserts or replaces. @throws NII_CONFLICT when the stored history is not how the new one begins */
  saveHold(value: Hold): Promise<void>;
  hold(scope: Scope, id: string): Promise<Hold | undefined>;
  /** The same, and nobody else may save it until this transaction ends. */
  lockHold(scope: Scope, id: string): Promise<Hold | undefined>;
  /** Oldest first. */
  holds(scope: Scope, filter: HoldFilter, limit: number, cursor?: string): Promise<Page<Hold>>;
  /** Holds that bear on the lane answer of this scan. */
  holdsOn(scanId: string): Promise<readonly Hold[]>;

  /* declarations */
  putDeclaration(value: Declaration): Promise<void>;
  declaration(administration: string, ref: string): Promise<Declaration | undefined>;
  /** Those that name the container, where one is given. */
  declarations(
    administration: string,
    limit: number,
    cursor?: string,
    container?: string,
  ): Promise<Page<Declaration>>;
  declarationsByContainer(
    administration: string,
    containers: readonly string[],
  ): Promise<readonly Declaration[]>;

  /* scanners */
  /** Replaces what an earlier revision of the same scan told; an older revision changes nothing. */
  putObservation(row: Observation): Promise<void>;
  /** The scanner as it is, or as given where it is new; nobody else may change it until this transaction ends. */
  lockScanner(initial: ScannerRow): Promise<ScannerRow>;
  putScanner(row: ScannerRow): Promise<void>;
  scanner(administration: string, site: string, id: string): Promise<ScannerRow | undefined>;
  /** In rising order of site and id. */
  scanners(scope: Scope, limit: number, cursor?: string): Promise<Page<ScannerRow>>;
  /** Days that have scans, in rising order. */
  scannerDays(
    administration: string,
    site: string,
    scanner: string,
    from: string,
  ): Promise<readonly ScannerDay[]>;

  /* jobs */
  /** A job that is waiting or running stays as it is; one that is done runs again. */
  enqueue(job: Job, runAfter?: string): Promise<void>;
  /** Conversions and analyses that wait; a lane that is away is no reason to refuse scans. */
  waitingJobs(): Promise<number>;

  /* feed, audit, keys, idempotency */
  appendChange(change: Omit<ChangeRow, 'cursor' | 'at'>): Promise<void>;
  /** Only rows that no transaction still under way can precede: a reader that keeps its cursor misses none. */
  changes(
    scope: Scope,
    limit: number,
    cursor?: string,
  ): Promise<Page<ChangeRow> & { readonly cursor: string }>;
  audit(entry: AuditEntry): Promise<void>;
  auditTrail(administration: string, limit: number, cursor?: string): Promise<Page<AuditRow>>;
  putKey(key: AccessKey): Promise<void>;
  key(keyId: string): Promise<AccessKey | undefined>;
  keys(administration?: string): Promise<readonly AccessKey[]>;
  answered(actor: string, key: string): Promise<IdempotentAnswer | undefined>;
  putAnswer(actor: string, key: string, answer: IdempotentAnswer): Promise<void>;
  /** Answers kept longer than this are no longer repeated. Returns how many were forgotten. */
  forgetAnswers(olderThanSeconds: number): Promise<number>;
}

export interface Records {
  transaction<T>(work: (tx: RecordsTx) => Promise<T>): Promise<T>;
  /**
   * Runs alone among all processes that use the same name; no transaction is held open meanwhile. Not to be nested.
   * With `among` it also waits while somebody runs alone under that other name, but not for others `among` it.
   */
  exclusively<T>(name: string, work: () => Promise<T>, among?: string): Promise<T>;
  /** Throws NII_DATABASE_AWAY unless the database answers. */
  ready(): Promise<void>;
  /** Removes every row but keys, for a rebuild from objects. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

/** The durable queue. A claim is a lease: unless extended it ends and the job runs again elsewhere. */
export interface Jobs {
  claim(kinds: readonly JobKind[], worker: string, leaseSeconds: number): Promise<ClaimedJob | undefined>;
  extend(job: ClaimedJob, leaseSeconds: number): Promise<boolean>;
  /** Runs `work` and marks the job done in the same transaction, unless the lease was lost (NII_CONFLICT). */
  complete(job: ClaimedJob, work: (tx: RecordsTx) => Promise<void>): Promise<void>;
  /** Puts the job back, to start not before the time. */
  retry(job: ClaimedJob, error: string, runAfter: string): Promise<void>;
  /** Gives the job up; it stays visible with its error. */
  bury(job: ClaimedJob, error: string, work: (tx: RecordsTx) => Promise<void>): Promise<void>;
  counts(): Promise<
    Readonly<Record<JobKind, { readonly waiting: number; readonly running: number; readonly dead: number }>>
  >;
  /** Calls back when a job may be ready, from any process; returns what ends the watch. */
  onWork(callback: () => void): Promise<() => Promise<void>>;
}

/* ---- Inference ------------------------------------------------------------------------------------------ */

export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** A tensor as a model file declares it: element type, and per axis a length or the name of a free one. */
export interface TensorInfo {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly (number | string)[];
}

/** One loaded model; runs never block the caller's thread. */
export interface ModelRunner {
  run(input: Readonly<Record<string, Tensor>>, timeoutMs: number): Promise<Readonly<Record<string, Tensor>>>;
  close(): Promise<void>;
}

/** A runner with what its model file declares. */
export interface LoadedModel extends ModelRunner {
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
}

/** Now; the only clock. */
export interface Clock {
  now(): Date;
}
