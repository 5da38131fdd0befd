import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase } from '../../../src/adapters/postgres/database.ts';
import { openRecords } from '../../../src/adapters/postgres/records.ts';
import type { Case } from '../../../src/core/case/case.ts';
import { NiiError } from '../../../src/core/errors.ts';
import type { Records } from '../../../src/core/ports/records.ts';
import { snapshotOf, storeCase } from '../../../src/stored/case-store.ts';
import { caseOf, event, scope } from '../../support/contract/sample-records.ts';
import { freshDatabase } from '../../support/postgres/fresh-database.ts';
import { query } from '../../support/postgres-server.ts';

/** A case that moves is written while its snapshot is put; a row never names what is not there. */

let copy: Awaited<ReturnType<typeof freshDatabase>>;
let records: Records;

beforeAll(async () => {
  copy = await freshDatabase();
  records = openRecords(await openDatabase(copy.url));
});

afterAll(async () => {
  await records?.close();
  await copy?.drop();
});

const stored = async () => {
  const value = caseOf({ history: [event(1)] });
  await records.transaction((tx) => tx.saveCase(value));
  return value;
};
const claimed = (value: Case): Case => ({
  ...value,
  state: 'claimed',
  history: [...value.history, event(2)],
});
const store = (before: Case, after: Case, put: () => Promise<void>) => {
  const objects = { put, remove: async () => undefined };
  return records.transaction((tx) => storeCase({ objects, lane: undefined }, tx, before, after));
};
const kept = (after: Case) =>
  records.transaction(async (tx) => ({
    state: (await tx.case(scope, after.id))?.state,
    key: (await tx.object(snapshotOf(after).key))?.key,
  }));

/** Something that takes until the test ends it. */
function held() {
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { ended, end: () => end() };
}

/** Tables that transactions have written to which are not over. */
const writesOfOthers = async () => {
  const rows = await query(
    copy.url,
    `select relation::regclass::text as name from pg_locks where mode = 'RowExclusiveLock' and granted
      and relation is not null and database = (select oid from pg_database where datname = current_database())`,
  );
  return rows.map(({ name }) => name);
};

test('nothing is written of a move whose snapshot cannot be put', async () => {
  const before = await stored();
  const after = claimed(before);
  const fails = async () => {
    throw new NiiError('NII_STORE_UNREACHABLE', 'as the test wants it');
  };
  await expect(store(before, after, fails)).rejects.toMatchObject({ code: 'NII_STORE_UNREACHABLE' });
  expect(await kept(after)).toEqual({ state: 'queued', key: undefined });
});

test('nobody sees the move before its snapshot is there', async () => {
  const before = await stored();
  const after = claimed(before);
  const put = held();
  let isStored = false;
  const storing = store(before, after, () => put.ended).then(() => {
    isStored = true;
  });
  // the rows are written by then, in a transaction that nobody sees into
  await expect.poll(writesOfOthers, { timeout: 10_000 }).toContain('changes');
  expect(isStored).toBe(false);
  expect(await kept(after)).toEqual({ state: 'queued', key: undefined });
  put.end();
  await storing;
  expect(await kept(after)).toEqual({ state: 'claimed', key: snapshotOf(after).key });
});

test('a move that the records reject waits for its snapshot, and is told', async () => {
  const before = await stored();
  const put = held();
  const other = { ...claimed(before), history: [event(1, { actor: 'somebody else' }), event(2)] };
  const storing = store(before, other, () => put.ended);
  put.end();
  await expect(storing).rejects.toMatchObject({ code: 'NII_CONFLICT' });
  expect(await kept(other)).toEqual({ state: 'queued', key: undefined });
});
