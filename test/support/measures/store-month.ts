import { sql } from 'kysely';
import type { Database, SqlTx } from '../../../src/adapters/postgres/database.ts';
import { caseRow } from '../../../src/adapters/postgres/records/cases.ts';
import { measuredRow, readingRows } from '../../../src/adapters/postgres/records/measures/kept.ts';
import { measuredOf } from '../../../src/triage/measured.ts';
import type { Simulated, SimulatedCase, SimulatedScan } from './month.ts';

const AT_ONCE = 1000;

/** Keeps a simulated month as the service would have: the same rows, many in one statement, at the times of the simulation. */
export async function storeMonth(
  database: Pick<Database, 'transaction'>,
  administration: string,
  { scans, cases }: Simulated,
): Promise<void> {
  for (const some of inChunks(scans))
    await database.transaction(async (tx) => {
      await insertAll(
        tx,
        'scans',
        some.map((scan) => scanRow(administration, scan)),
      );
      await insertAll(
        tx,
        'observations',
        some.flatMap((scan) => observationOf(administration, scan)),
      );
      await insertAll(
        tx,
        'changes',
        some.map((scan) => converted(administration, scan)),
      );
    });
  for (const some of inChunks(cases))
    await database.transaction(async (tx) => {
      await insertAll(
        tx,
        'cases',
        some.map(({ value }) => ({ ...caseRow(value), body: value })),
      );
      await insertAll(tx, 'measured_cases', some.map(measuredCaseRow));
      await insertAll(
        tx,
        'measured_readings',
        some.flatMap(({ value }) => readingRows(measuredOf(value))),
      );
      await insertAll(
        tx,
        'changes',
        some.map((one) => opened(administration, one)),
      );
    });
  // the audit counts up in the order of time
  const moves = cases
    .flatMap((one) => auditOf(administration, one))
    .toSorted((a, b) => (a.at < b.at ? -1 : 1));
  for (const some of inChunks(moves)) await database.transaction((tx) => insertAll(tx, 'audit', some));
}

function* inChunks<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < all.length; at += AT_ONCE) yield all.slice(at, at + AT_ONCE);
}

async function insertAll(tx: SqlTx, table: string, rows: readonly object[]): Promise<void> {
  const names = Object.keys(rows[0] ?? {}).map((name) => sql.ref(name));
  if (names.length === 0) return;
  const columns = sql.join(names);
  await sql`insert into ${sql.table(table)} (${columns})
    select ${columns} from json_populate_recordset(null::${sql.table(table)}, ${JSON.stringify(rows)}::json)`.execute(
    tx,
  );
}

function scanRow(administration: string, scan: SimulatedScan) {
  const { id, site, receivedAt, acquiredAt, purpose, container } = scan;
  return {
    id,
    administration,
    site,
    converter: 'fake',
    group_key: id,
    state: 'analysed',
    revision: 1,
    purpose,
    received_at: receivedAt,
    acquired_at: acquiredAt ?? null,
    completeness: 'complete',
    containers: [container],
    terms: [],
    senders: ['scanner'],
    visit: null,
    received: receivedAt,
    taken: acquiredAt ?? receivedAt,
  };
}

function observationOf(administration: string, { id, site, scanner, receivedAt }: SimulatedScan) {
  if (scanner === undefined) return [];
  return [
    {
      scan_id: id,
      revision: 1,
      administration,
      site,
      scanner,
      received_at: receivedAt,
      received: receivedAt,
      containers: 1,
      bad_containers: 0,
      channel_missing: false,
      incomplete: false,
    },
  ];
}

function change(administration: string, site: string, kind: string, subject: string, at: string) {
  return { xid: '3', at, administration, site, kind, subject, revision: 1 };
}

const converted = (administration: string, { id, site, convertedAt }: SimulatedScan) =>
  change(administration, site, 'scan.converted', id, convertedAt);

const opened = (administration: string, { scan, value, openedAt }: SimulatedCase) =>
  change(administration, scan.site, 'case.opened', value.id, openedAt);

function measuredCaseRow({ value, scan, openedAt, instructedAt }: SimulatedCase) {
  const known = { converted: scan.convertedAt, queued: openedAt, instructed: instructedAt ?? null };
  return { ...measuredRow(measuredOf(value).value), ...known, is_instruction_unknown: false };
}

function auditOf(administration: string, { value, moves }: SimulatedCase) {
  return moves.map(({ at, actor, action, seq }) => ({
    at,
    administration,
    site: value.site,
    actor: { keyId: actor, person: actor, role: 'analyst', administration, site: value.site },
    action: `change case: ${action}`,
    subject: value.id,
    detail: { seq },
  }));
}
