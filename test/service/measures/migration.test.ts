import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../../src/adapters/postgres/database.ts';
import { measures as migration } from '../../../src/adapters/postgres/migrations/cases/0022-measures.ts';
import { simulateMonth } from '../../support/measures/month.ts';
import { storeMonth } from '../../support/measures/store-month.ts';
import { freshDatabase } from '../../support/postgres/fresh-database.ts';

/** The rows of before, of a month of 800 scans: the histories of a larger one are of the same kinds. */

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

test('the rows that the migration makes of the histories are those that each move keeps', async () => {
  const read = () =>
    database.transaction(async (tx) => ({
      cases: (
        await sql<{ row: unknown }>`select to_jsonb(m) - 'instructed' - 'is_instruction_unknown' as row
        from measured_cases as m order by case_id`.execute(tx)
      ).rows,
      readings: (
        await sql<{ row: unknown }>`select to_jsonb(m) as row from measured_readings as m
        order by case_id, seq`.execute(tx)
      ).rows,
    }));
  const kept = await read();
  const inserts = migration.slice(
    migration.indexOf('with readable'),
    migration.indexOf('create index measured_cases_arrived'),
  );
  await database.transaction(async (tx) => {
    await sql`truncate measured_cases, measured_readings`.execute(tx);
    for (const one of inserts.split(';').filter((text) => text.trim() !== '')) await sql.raw(one).execute(tx);
  });
  expect(await read()).toEqual(kept);
  expect(kept.cases.length).toBeGreaterThan(700);
});
