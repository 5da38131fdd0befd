import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../../src/adapters/postgres/database.ts';
import { openRecords } from '../../../src/adapters/postgres/records.ts';
import type { Measured } from '../../../src/core/measures/measured-case.ts';
import type { Records, RecordsTx } from '../../../src/core/ports/records.ts';
import { caseOf, fresh, scanRow } from '../../support/contract/sample-records.ts';
import { freshDatabase } from '../../support/postgres/fresh-database.ts';
import { runs } from '../../support/search-size.ts';

/** What is kept beside the rows that are counted, against what the rows themselves say. */

let copy: Awaited<ReturnType<typeof freshDatabase>>;
let database: Database;
let records: Records;

beforeAll(async () => {
  copy = await freshDatabase();
  database = await openDatabase(copy.url);
  records = openRecords(database);
});

afterAll(async () => {
  await records?.close();
  await copy?.drop();
});

const place = { administration: 'utopia', site: 'harbour' };
const receivedAt = '2026-03-04T05:06:07.089Z';

const writes = [
  'scan',
  'time',
  'training',
  'no time',
  'first scanner',
  'second scanner',
  'case',
  'verdict',
] as const;
type Write = (typeof writes)[number];

/** What each write of one scan does, by the interface that the service uses. */
function write(tx: RecordsTx, scanId: string, what: Write): Promise<void> {
  const row = scanRow({ ...place, id: scanId, receivedAt });
  const observe = (revision: number, scanner: string) =>
    tx.putObservation({
      ...place,
      scanId,
      revision,
      scanner,
      receivedAt,
      containers: 0,
      badContainers: 0,
      channelMissing: false,
      incomplete: false,
    });
  const moved = (readings: Measured['readings']) =>
    tx.saveMeasured({
      value: { ...place, scanId, caseId: `${scanId}-u`, arrivedAt: receivedAt, dueAt: receivedAt },
      readings,
    });
  const reading = { seq: 2, at: receivedAt, person: 'p', verdict: 'normal', isSettlement: false } as const;
  switch (what) {
    case 'scan':
      return tx.insertScan(row);
    case 'time':
      return tx.updateScan({ ...row, acquiredAt: '2026-03-04T05:00:00.000Z' });
    case 'training':
      return tx.updateScan({ ...row, purpose: 'training' });
    case 'no time':
      return tx.updateScan(row);
    case 'first scanner':
      return observe(1, 'fake.a');
    case 'second scanner':
      return observe(2, 'fake.b');
    case 'case':
      return moved([]);
    case 'verdict':
      return moved([reading]);
  }
}

/** A scan is there before it is converted, and converted before it has a case. */
const arrival: readonly Write[] = ['scan', 'first scanner'];

async function rowsOf(scanIds: readonly string[]) {
  const ids = [...scanIds];
  return database.transaction(async (tx) => ({
    kept: (
      await sql`select 'scan' as of, scan_id as id, scanner, null::timestamptz as taken from measured_scans where scan_id = any(${ids}::text[])
        union all select 'case', case_id, scanner, taken from measured_cases where scan_id = any(${ids}::text[])
        union all select 'reading', case_id || seq, scanner, null from measured_readings where scan_id = any(${ids}::text[])
        order by 1, 2`.execute(tx)
    ).rows,
    joined: (
      await sql`select 'scan' as of, id, seen.scanner, null::timestamptz as taken
          from scans left join observations as seen on seen.scan_id = id where id = any(${ids}::text[]) and purpose = 'operational'
        union all select 'case', case_id, seen.scanner, scans.taken
          from measured_cases as own left join observations as seen on seen.scan_id = own.scan_id
          left join scans on scans.id = own.scan_id and scans.acquired_at is not null where own.scan_id = any(${ids}::text[])
        union all select 'reading', case_id || seq, seen.scanner, null
          from measured_readings as own left join observations as seen on seen.scan_id = own.scan_id
          where own.scan_id = any(${ids}::text[])
        order by 1, 2`.execute(tx)
    ).rows,
  }));
}

test('scanner and time are those of the scan, in whatever order everything is written, also at the same time', async () => {
  const order = fc.shuffledSubarray([...writes], { minLength: 2 });
  const scans = fc.array(fc.record({ order, isAtOnce: fc.boolean() }), { minLength: 1, maxLength: 3 });
  const property = fc.asyncProperty(scans, async (some) => {
    const ids = some.map(() => fresh('kept'));
    await Promise.all(
      some.map(async ({ order, isAtOnce }, i) => {
        const inTx = (what: Write) => records.transaction((tx) => write(tx, ids[i] ?? '', what));
        const first = isAtOnce ? arrival : order;
        for (const what of first) await inTx(what);
        await Promise.all(order.filter((what) => !first.includes(what)).map(inTx));
      }),
    );
    const { kept, joined } = await rowsOf(ids);
    expect(kept).toEqual(joined);
  });
  await fc.assert(property, { numRuns: runs(60) });
});

test('scans and cases are counted by state as their rows are, whoever writes them at the same time', async () => {
  const of = fc.record({
    scans: fc.array(fc.constantFrom('received', 'converted', 'analysed', 'failed'), {
      minLength: 1,
      maxLength: 4,
    }),
    cases: fc.array(
      fc.tuple(fc.constantFrom('queued', 'claimed', 'closed'), fc.constantFrom('high', 'routine')),
      {
        maxLength: 4,
      },
    ),
  });
  const property = fc.asyncProperty(fc.array(of, { minLength: 1, maxLength: 4 }), async (some) => {
    await Promise.all(
      some.map(async ({ scans, cases }) => {
        const row = scanRow(place);
        const value = caseOf(place);
        for (const [i, state] of scans.entries())
          await records.transaction((tx) =>
            i === 0 ? tx.insertScan({ ...row, state }) : tx.updateScan({ ...row, state }),
          );
        for (const [state, band] of cases)
          await records.transaction((tx) => tx.saveCase({ ...value, state, band }));
      }),
    );
    const { counted, rows } = await states();
    expect(counted).toEqual(rows);
  });
  await fc.assert(property, { numRuns: runs(40) });
});

async function states() {
  const told = await records.transaction(async (tx) => ({
    scans: await tx.scanCounts(),
    cases: (await tx.backlog()).cases,
  }));
  const found = await database.transaction(async (tx) => ({
    scans: (
      await sql<{
        state: string;
        count: number;
      }>`select state, count(*)::int as count from scans group by state`.execute(tx)
    ).rows,
    cases: (
      await sql`select state, band, count(*)::int as count from cases group by state, band order by state, band`.execute(
        tx,
      )
    ).rows,
  }));
  const none = { received: 0, converted: 0, analysed: 0, failed: 0 };
  const name = ({ state, band }: { state: string; band: string }) => `${state} ${band}`;
  return {
    counted: { ...told, cases: told.cases.toSorted((a, b) => name(a).localeCompare(name(b))) },
    rows: {
      scans: { ...none, ...Object.fromEntries(found.scans.map(({ state, count }) => [state, count])) },
      cases: found.cases,
    },
  };
}
