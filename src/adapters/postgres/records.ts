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
import { scannerRecords } from './records/scanners.ts';
import { scanRecords } from './records/scans.ts';
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

/** Every record, as seen and changed by one transaction. */
export function recordsTx(tx: SqlTx): RecordsTx {
  return {
    ...scanRecords(tx),
    ...objectRecords(tx),
    ...instanceRecords(tx),
    ...caseRecords(tx),
    ...handBackRecords(tx),
    ...caseLists(tx),
    ...ownDecisionRecords(tx),
    ...comparisonRecords(tx),
    ...notAnalysedRecords(tx),
    ...measuredRecords(tx),
    ...measureRecords(tx),
    ...readsOfMany(tx),
    ...shadowRecords(tx),
    ...modelDayRecords(tx),
    ...vendorScanRecords(tx),
    ...backlogRecords(tx),
    ...archiverRecords(tx),
    ...documentRecords(tx),
    ...checkInRecords(tx),
    ...modelRecords(tx),
    ...stationRecords(tx),
    ...scannerRecords(tx),
    ...radiationRecords(tx),
    ...declarationRecords(tx),
    ...jobRecords(tx),
    ...feedRecords(tx),
    ...auditSealRecords(tx),
    ...auditStreamRecords(tx),
    ...keyRecords(tx),
    ...personRecords(tx),
    ...sessionRecords(tx),
    ...resumableRecords(tx),
  };
}

/** Everything that can be rebuilt from objects, and the feed of it; keys, persons, the audit and resumable uploads stay. */
async function clear(tx: SqlTx): Promise<void> {
  await sql`set local nii.new_epoch = 'on'`.execute(tx);
  await sql`truncate scans, revisions, objects, instances, analyses, cases, hand_backs, offered_scans, measured_scans, measured_cases, measured_readings, state_counts, not_analysed, documents, observations, scanner_days, scanners, station_decisions, radiation, holds, declarations, declaration_containers, jobs, changes, answers`.execute(
    tx,
  );
  await sql`update meta set epoch = gen_random_uuid()`.execute(tx);
}
