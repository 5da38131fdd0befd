import { sql } from 'kysely';
import type { Records, RecordsTx } from '../../core/ports/records.ts';
import type { Database, SqlTx } from './database.ts';
import { archiverRecords } from './records/archiver.ts';
import { auditSealRecords } from './records/audit-seals.ts';
import { auditStreamRecords } from './records/audit-stream.ts';
import { backlogRecords } from './records/backlog.ts';
import { caseRecords } from './records/cases.ts';
import { checkInRecords } from './records/check-ins.ts';
import { declarationRecords } from './records/declarations.ts';
import { instanceRecords } from './records/dicom/instances.ts';
import { documentRecords } from './records/documents.ts';
import { feedRecords } from './records/feed.ts';
import { handBackRecords } from './records/hand-backs.ts';
import { jobRecords } from './records/jobs.ts';
import { keyRecords } from './records/keys.ts';
import { caseLists, ownDecisionRecords } from './records/lists/case-lists.ts';
import { comparisonRecords } from './records/lists/comparisons.ts';
import { modelDayRecords } from './records/lists/model-days.ts';
import { notAnalysedRecords } from './records/lists/not-analysed.ts';
import { readsOfMany } from './records/lists/of-many.ts';
import { shadowRecords } from './records/lists/shadows.ts';
import { vendorScanRecords } from './records/lists/vendor-scans.ts';
import { measureRecords } from './records/measures/counted.ts';
import { measuredRecords } from './records/measures/kept.ts';
import { modelRecords } from './records/model-choices.ts';
import { objectRecords } from './records/objects.ts';
import { personRecords } from './records/persons.ts';
import { radiationRecords } from './records/radiation.ts';
import { resumableRecords } from './records/resumable.ts';
import { revisionsOf } from './records/revisions.ts';
import { scannerRecords } from './records/scanners.ts';
import { groupsOf, nearbyOf, scansOf } from './records/scans.ts';
import { sessionRecords } from './records/sessions.ts';
import { stationRecords } from './records/station.ts';

/** The records in a PostgreSQL database. Closing them closes the database. */
export function openRecords(database: Database): Records {
  return {
    transaction: (work) => database.transaction((tx) => work(recordsTx(tx))),
    exclusively: (name, work, among) => database.exclusively(name, work, among),
    takeTurn: (name, options) => database.takeTurn(name, options),
    ready: () => database.ready(),
    mayRewriteAudit: () => database.mayRewriteAudit(),
    clear: () => database.transaction(clear),
    close: () => database.close(),
  };
}

const parts = [
  scansOf,
  groupsOf,
  nearbyOf,
  revisionsOf,
  objectRecords,
  instanceRecords,
  caseRecords,
  handBackRecords,
  caseLists,
  ownDecisionRecords,
  comparisonRecords,
  notAnalysedRecords,
  measuredRecords,
  measureRecords,
  readsOfMany,
  shadowRecords,
  modelDayRecords,
  vendorScanRecords,
  backlogRecords,
  archiverRecords,
  documentRecords,
  checkInRecords,
  modelRecords,
  stationRecords,
  scannerRecords,
  radiationRecords,
  declarationRecords,
  jobRecords,
  feedRecords,
  auditSealRecords,
  auditStreamRecords,
  keyRecords,
  personRecords,
  sessionRecords,
  resumableRecords,
];

type Made<Part> = Part extends (tx: SqlTx) => infer Some ? (some: Some) => void : never;
type MadeByAll = Made<(typeof parts)[number]> extends (all: infer All) => void ? All : never;

/** Every record, as seen and changed by one transaction. */
export function recordsTx(tx: SqlTx): RecordsTx {
  // every transaction pays for this: to spread thirty objects takes four times as long
  const all: MadeByAll = Object.create(null);
  for (const part of parts) Object.assign(all, part(tx));
  return all;
}

/** Everything that can be rebuilt from objects, and the feed of it; keys, persons, the audit and resumable uploads stay. */
async function clear(tx: SqlTx): Promise<void> {
  await sql`set local nii.new_epoch = 'on'`.execute(tx);
  await sql`truncate scans, revisions, objects, instances, analyses, cases, hand_backs, offered_scans, measured_scans, measured_cases, measured_readings, state_counts, not_analysed, documents, observations, scanner_days, scanners, station_decisions, radiation, holds, declarations, declaration_containers, jobs, changes, answers`.execute(
    tx,
  );
  await sql`update meta set epoch = gen_random_uuid()`.execute(tx);
}
