import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Database, openDatabase, type SqlTx } from '../../../src/adapters/postgres/database.ts';
import { openRecords } from '../../../src/adapters/postgres/records.ts';
import { simulateMonth } from '../../support/measures/month.ts';
import {
  measuredOfHistories,
  openedOfHistories,
  scannerDays,
  scannersAndTimes,
  stateCounts,
} from '../../support/measures/recounted.ts';
import { storeMonth } from '../../support/measures/store-month.ts';
import { freshDatabase } from '../../support/postgres/fresh-database.ts';

/** What is kept row by row, against all rows at once, of a month of 800 scans: the histories of a larger one are of the same kinds. */

const from = new Date('2026-03-01T00:00:00Z');
const to = new Date('2026-04-01T00:00:00Z');

let copy: Awaited<ReturnType<typeof freshDatabase>>;
let database: Database;

beforeAll(async () => {
  copy = await freshDatabase();
  database = await openDatabase(copy.url);
  await storeMonth(
    database,
    'utopia',
    simulateMonth({ administration: 'utopia', seed: 7, scans: 800, from, to }),
  );
});

afterAll(async () => {
  await database?.close();
  await copy?.drop();
});

async function run(tx: SqlTx, statements: string): Promise<void> {
  for (const one of statements.split(';').filter((text) => text.trim() !== ''))
    await sql.raw(one).execute(tx);
}

test('the rows that SQL makes of the histories are those that each move keeps', async () => {
  const read = () =>
    database.transaction(async (tx) => ({
      cases: (
        await sql<{
          row: unknown;
        }>`select to_jsonb(m) - '{instructed,to_instructed,is_instruction_unknown}'::text[] as row
        from measured_cases as m order by case_id`.execute(tx)
      ).rows,
      readings: (
        await sql<{ row: unknown }>`select to_jsonb(m) as row from measured_readings as m
        order by case_id, seq`.execute(tx)
      ).rows,
    }));
  const kept = await read();
  await database.transaction(async (tx) => {
    await sql`truncate measured_cases, measured_readings`.execute(tx);
    await run(tx, measuredOfHistories);
  });
  expect(await read()).toEqual(kept);
  expect(kept.cases.length).toBeGreaterThan(700);
});

test('the scanners and times that SQL finds are those that each write keeps', async () => {
  const read = () =>
    database.transaction(
      async (tx) =>
        (
          await sql`select scan_id as id, to_jsonb(one) as row from measured_scans as one
            union all select case_id, to_jsonb(one) from measured_cases as one
            union all select case_id || seq, to_jsonb(one) from measured_readings as one order by id`.execute(
            tx,
          )
        ).rows,
    );
  const kept = await read();
  await database.transaction(async (tx) => {
    await sql`truncate measured_scans`.execute(tx);
    await sql`update measured_cases set scanner = null, taken = null`.execute(tx);
    await sql`update measured_readings set scanner = null`.execute(tx);
    await run(tx, scannersAndTimes);
  });
  expect(await read()).toEqual(kept);
  expect(kept.length).toBeGreaterThan(2000);
});

test('the days counted at once are those of the observations', async () => {
  const records = openRecords(database);
  const read = () =>
    records.transaction(async (tx) => {
      const page = await database.transaction((own) =>
        sql<{
          site: string;
          scanner: string;
        }>`select distinct site, scanner from observations order by 1, 2`.execute(own),
      );
      const days = page.rows.map(({ site, scanner }) =>
        tx.scannerDays('utopia', site, scanner, from.toISOString()),
      );
      return Promise.all(days);
    });
  await database.transaction((tx) => sql`update scanner_days set scans = null`.execute(tx));
  const counted = await read();
  await database.transaction(async (tx) => {
    await sql`truncate scanner_days`.execute(tx);
    await run(tx, scannerDays);
  });
  expect(await read()).toEqual(counted);
  const { rows: seen } = await database.transaction((tx) =>
    sql`select count(*)::int as scans from observations`.execute(tx),
  );
  expect(seen).toEqual([{ scans: counted.flat().reduce((sum, { scans }) => sum + scans, 0) }]);
});

test('the states counted at once are those that each write counted', async () => {
  const read = () =>
    database.transaction(
      async (tx) =>
        (
          await sql`select of_table, state, band, sum(rows)::int as rows from state_counts
            group by of_table, state, band having sum(rows) <> 0 order by of_table, state, band`.execute(tx)
        ).rows,
    );
  const kept = await read();
  await database.transaction(async (tx) => {
    await sql`truncate state_counts`.execute(tx);
    await run(tx, stateCounts);
  });
  expect(await read()).toEqual(kept);
  expect(kept.length).toBeGreaterThan(3);
});

test('each open case was opened when the first entry of its history says', async () => {
  const read = () =>
    database.transaction(
      async (tx) =>
        (await sql`select id, opened from cases where state <> 'closed' order by id`.execute(tx)).rows,
    );
  const kept = await read();
  await database.transaction(async (tx) => {
    await sql`update cases set opened = null`.execute(tx);
    await run(tx, openedOfHistories);
  });
  expect(await read()).toEqual(kept);
  expect(kept.length).toBeGreaterThan(20);
});
