import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDatabase } from '../../../src/adapters/postgres/database.ts';
import { openRecords } from '../../../src/adapters/postgres/records.ts';
import { keepAudit } from '../../../src/audit/keep-audit.ts';
import { sealAudit } from '../../../src/audit/seal.ts';
import { gapsIn, mergeRanges, rangesOf } from '../../../src/audit/seq-ranges.ts';
import { verifyAudit } from '../../../src/audit/verify-seals.ts';
import type { Records } from '../../../src/core/ports/records.ts';
import { sealAuditAt, takeBackAudit, writeAudit } from '../../support/audit/entries.ts';
import { scope } from '../../support/contract/sample-records.ts';
import { eventually, pause } from '../../support/eventually.ts';
import { freshDatabase } from '../../support/postgres/fresh-database.ts';
import { query } from '../../support/postgres-server.ts';
import { seededRandom } from '../../support/random.ts';
import { runs } from '../../support/search-size.ts';

let database: Awaited<ReturnType<typeof freshDatabase>>;
let records: Records;
let other: Records;
beforeAll(async () => {
  database = await freshDatabase();
  records = openRecords(await openDatabase(database.url));
  other = openRecords(await openDatabase(database.url));
});
afterAll(async () => {
  await records?.close();
  await other?.close();
  await database?.drop();
});

const silent = { info: () => {}, warn: () => {}, error: () => {} };
const actor = { keyId: 'k', role: 'lane', ...scope } as const;
const verified = () => verifyAudit(records);

test('a seal is over every column that a row of the audit has', async () => {
  await writeAudit(records, ['columns']);
  const columns = await query(
    database.ownerUrl,
    `select column_name as name from information_schema.columns where table_name = 'audit'`,
  );
  const [row = {}] = await records.transaction((tx) => tx.auditRowsIn([[1, 1e9]], 0, 1));
  expect(new Set(Object.keys(row))).toEqual(new Set(columns.map(({ name }) => name)));
});

test('every row is sealed once, so many a seal, and a run without new rows makes no seal', async () => {
  await writeAudit(
    records,
    Array.from({ length: 25 }, (_, i) => `row ${i}`),
  );
  const before = await verified();
  expect(await sealAudit(records, 10)).toBe(before.unsealed);
  const after = await verified();
  expect(after).toMatchObject({ rows: before.rows, sealed: before.rows, unsealed: 0, faults: [] });
  expect(after.seals - before.seals).toBe(Math.ceil(before.unsealed / 10));
  expect(await sealAudit(records)).toBe(0);
  expect((await verified()).seals).toBe(after.seals);
});

test('a row of a transaction that ends after its neighbours were sealed is not sealed yet, then it is', async () => {
  await records.transaction(async (tx) => {
    await tx.audit({ actor, action: 'view scan', subject: 'late', detail: {} });
    await writeAudit(other, ['its neighbour']);
    await sealAudit(other);
    expect(await verifyAudit(other)).toMatchObject({ unsealed: 0, faults: [] });
  });
  expect(await verified()).toMatchObject({ unsealed: 1, faults: [] });
  expect(await sealAudit(other)).toBe(1);
  expect(await verified()).toMatchObject({ unsealed: 0, faults: [] });
});

test('a late row is sealed also where nobody was there to seal for hours', async () => {
  const own = await freshDatabase();
  const alone = openRecords(await openDatabase(own.url));
  await writeAudit(alone, ['a']);
  const open = openRecords(await openDatabase(own.url));
  await open.transaction(async (tx) => {
    await tx.audit({ actor, action: 'view scan', subject: 'late', detail: {} });
    await writeAudit(alone, ['b']);
    await sealAuditAt(alone, new Date(Date.now() - 5 * 3_600_000));
  });
  await writeAudit(alone, ['c']);
  expect(await verifyAudit(alone)).toMatchObject({ sealed: 2, unsealed: 2, faults: [] });
  expect(await sealAudit(alone)).toBe(2);
  await takeBackAudit(alone);
  expect(await verifyAudit(alone)).toMatchObject({ sealed: 4, unsealed: 0, faults: [] });
  await open.close();
  await alone.close();
  await own.drop();
});

test('whoever writes, takes back, seals and verifies at the same time, nothing is found that nobody did', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        seed: fc.nat(),
        writers: fc.integer({ min: 2, max: 8 }),
        size: fc.integer({ min: 1, max: 9 }),
      }),
      async ({ seed, writers, size }) => {
        const before = await verified();
        const random = seededRandom(seed);
        let kept = 0;
        let writing = true;
        const write = async (handle: Records) => {
          for (let round = 0; round < 8; round += 1) {
            const isKept = random() < 0.7;
            const work = handle.transaction(async (tx) => {
              await tx.audit({ actor, action: 'view scan', subject: 'one', detail: { seed, round } });
              await pause(random() * 30, 'work');
              await tx.audit({ actor, action: 'view scan', subject: 'two', detail: {} });
              if (!isKept) throw new Error('taken back');
            });
            await work.catch(() => undefined);
            kept += isKept ? 2 : 0;
          }
        };
        const whileWriting = async (work: () => Promise<unknown>) => {
          while (writing) await work();
        };
        const looks = [
          whileWriting(() => sealAudit(records, size)),
          whileWriting(() => sealAudit(other, size)),
          whileWriting(async () => expect((await verifyAudit(other)).faults).toEqual([])),
        ];
        await Promise.all(Array.from({ length: writers }, (_, i) => write(i % 2 === 0 ? records : other)));
        writing = false;
        await Promise.all(looks);
        await sealAudit(records, size);
        const after = await verified();
        expect(after).toMatchObject({ unsealed: 0, faults: [], more: 0 });
        expect(after.sealed - before.sealed - before.unsealed).toBe(kept);
      },
    ),
    { numRuns: runs(8) },
  );
}, 120_000);

describe('the process that keeps the audit', () => {
  test('seals while it runs and once more as it ends, and another takes over', async () => {
    const [first, second] = [new AbortController(), new AbortController()];
    const ends = [
      keepAudit({ records, witnesses: [], log: silent }, first.signal, undefined, 0.1),
      keepAudit({ records: other, witnesses: [], log: silent }, second.signal, undefined, 0.1),
    ];
    await writeAudit(records, ['while both run']);
    await eventually('it is sealed', 20, async () => (await verified()).unsealed === 0);
    first.abort();
    await ends[0];
    await writeAudit(records, ['while one runs']);
    await eventually('it is sealed', 20, async () => (await verified()).unsealed === 0);
    second.abort();
    await ends[1];
  });

  test('leaves no row without a seal when it is ended before its time', async () => {
    const stop = new AbortController();
    await writeAudit(records, ['the first']);
    const end = keepAudit({ records, witnesses: [], log: silent }, stop.signal, undefined, 3600);
    await eventually('it has sealed once', 20, async () => (await verified()).unsealed === 0);
    await writeAudit(records, ['the last']);
    stop.abort();
    await end;
    expect(await verified()).toMatchObject({ unsealed: 0, faults: [] });
  });
});

test('ranges and the gaps between them are all numbers, each once', () => {
  const numbers = fc.uniqueArray(fc.integer({ min: 1, max: 60 }));
  fc.assert(
    fc.property(
      numbers,
      fc.integer({ min: 0, max: 40 }),
      fc.integer({ min: 0, max: 70 }),
      (seqs, floor, last) => {
        const merged = mergeRanges(rangesOf(seqs));
        const all = (ranges: typeof merged) =>
          ranges.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, i) => from + i));
        expect(all(merged)).toEqual([...seqs].sort((a, b) => a - b));
        const expected = Array.from({ length: 70 }, (_, i) => i + 1).filter(
          (seq) => seq > floor && seq <= last && !seqs.includes(seq),
        );
        expect(all(gapsIn(merged, floor, last))).toEqual(expected);
      },
    ),
  );
});
