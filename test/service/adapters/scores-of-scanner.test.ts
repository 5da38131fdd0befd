import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase } from '../../../src/adapters/postgres/database.ts';
import { openRecords } from '../../../src/adapters/postgres/records.ts';
import type { Records } from '../../../src/core/ports/records.ts';
import { revisionRow, scanRow } from '../../support/contract/sample-records.ts';
import { freshDatabase } from '../../support/postgres/fresh-database.ts';
import { query } from '../../support/postgres-server.ts';

/** One scan is multiplied, since a busy lane has sent as many when a scanner is a month old. */
const MANY = 8000;
const NEWEST = 500;
/** Most rows that may be read for an answer: those of all analyses once, and some for each of the newest scans. */
const MOST_ROWS = MANY + 20 * NEWEST;

const model = { id: 'a', version: '1', sha256: 'ab'.repeat(32) };
const units = [{ unitId: '0', score: 0.5, anomalyPercentile: 50 }];
const place = { administration: 'utopia', site: 'north' };
let database: Awaited<ReturnType<typeof freshDatabase>>;
let records: Records;

async function store(scanId: string, receivedAt: string): Promise<void> {
  await records.transaction(async (tx) => {
    await tx.insertScan(scanRow({ id: scanId, ...place, receivedAt }));
    await tx.insertRevision(revisionRow(scanId));
    const seen = { containers: 0, badContainers: 0, channelMissing: false, incomplete: false };
    await tx.putObservation({ scanId, revision: 1, ...place, scanner: 'fake.a', receivedAt, ...seen });
    const analysis = { model, status: 'analysed' as const, findings: [], milliseconds: 1, units };
    await tx.putAnalysis({ scanId, revision: 1, analysis });
  });
}

/** The rows of scan `first`, so many times. What triggers count of each is not asked here. */
const copies = (table: string, named: string) => `
  insert into ${table} select (json_populate_record(one, json_build_object('${named}', 'copy-' || i))).*
  from ${table} as one, generate_series(1, ${MANY}) as i where one.${named} = 'first'`;

/** Rows and entries of indexes that PostgreSQL has read of these tables since it was started. */
async function rowsRead(): Promise<number> {
  const [row] = await query(
    database.ownerUrl,
    `select sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::float8 as rows from pg_stat_user_tables
     where relname in ('scans', 'observations', 'analyses')`,
  );
  return Number(row?.rows);
}

beforeAll(async () => {
  database = await freshDatabase();
  records = openRecords(await openDatabase(database.url));
  await store('first', '2026-03-01T12:00:00.000Z');
  await query(database.ownerUrl, 'alter table scans disable trigger user');
  await query(database.ownerUrl, copies('scans', 'id'));
  await query(database.ownerUrl, 'alter table scans enable trigger user');
  for (const table of ['revisions', 'observations', 'analyses'])
    await query(database.ownerUrl, copies(table, 'scan_id'));
  await query(database.ownerUrl, 'vacuum analyze');
  await store('last', '2026-03-01T12:01:00.000Z');
});

afterAll(async () => {
  await records?.close();
  await database?.drop();
});

test('of a scanner with many scans the newest are looked for once, and only what was said of them is read', async () => {
  const before = await rowsRead();
  const scores = await records.transaction((tx) => tx.scoresOfScanner('last', model, NEWEST));
  expect(scores).toEqual(Array.from({ length: NEWEST }, () => 0.5));
  await records.close(); // what a connection has read is counted when it ends
  expect((await rowsRead()) - before).toBeLessThan(MOST_ROWS);
});
