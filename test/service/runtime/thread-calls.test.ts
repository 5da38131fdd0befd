import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { ThreadCalls } from '../../../src/runtime/thread-calls.ts';
import { fakeScan, form } from '../../support/fake-scan.ts';
import { openHarness } from '../../support/harness.ts';
import type { SpinTask } from './spinning-worker.ts';

const opened: ThreadCalls<SpinTask, number>[] = [];
afterEach(async () => {
  for (const calls of opened.splice(0)) await calls.close();
});

/** A thread that has begun before: its start is not measured. */
async function threadOf(times: { readonly seconds: number; readonly waitSeconds: number }) {
  const calls = new ThreadCalls<SpinTask, number>('../../test/service/runtime/spinning-worker', times);
  opened.push(calls);
  await calls.call({ ms: 0 });
  return calls;
}

const outcome = (call: Promise<number>) =>
  call.then(
    (ms) => ms,
    (error: { code: string }) => error.code,
  );

test('a task has its whole time, however long it waited', async () => {
  const calls = await threadOf({ seconds: 3, waitSeconds: 60 });
  const all = [1_200, 1_200, 1_200, 1_200].map((ms) => outcome(calls.call({ ms })));
  expect(await Promise.all(all)).toEqual([1_200, 1_200, 1_200, 1_200]);
});

test('one that takes too long is refused alone, and those behind it are done', async () => {
  const calls = await threadOf({ seconds: 2, waitSeconds: 60 });
  const all = [60_000, 1, 2].map((ms) => outcome(calls.call({ ms })));
  expect(await Promise.all(all)).toEqual(['NII_LIMIT_TIME', 1, 2]);
});

test('one that ends the thread is refused alone, and those behind it are done', async () => {
  const calls = await threadOf({ seconds: 30, waitSeconds: 60 });
  const all = [{ ms: 0, ends: true }, { ms: 1 }].map((task) => outcome(calls.call(task)));
  expect(await Promise.all(all)).toEqual(['NII_INTERNAL', 1]);
});

test('one that does not begin in time is asked to come back, while the one before it goes on', async () => {
  const calls = await threadOf({ seconds: 30, waitSeconds: 3 });
  const all = [6_000, 1].map((ms) => outcome(calls.call({ ms })));
  expect(await Promise.all(all)).toEqual([6_000, 'NII_BUSY']);
});

test('more than so many at once, and any once it is closed, are asked to come back', async () => {
  const calls = await threadOf({ seconds: 30, waitSeconds: 30 });
  const all = Array.from({ length: 70 }, () => outcome(calls.call({ ms: 100 })));
  await delay(50);
  await calls.close();
  const codes = await Promise.all(all);
  expect(codes.filter((code) => code === 'NII_BUSY')).toHaveLength(70);
  expect(await outcome(calls.call({ ms: 1 }))).toBe('NII_BUSY');
});

test('over HTTP that is 503 with Retry-After', async () => {
  const calls = await threadOf({ seconds: 30, waitSeconds: 1 });
  const run = async () => {
    await calls.call({ ms: 1 });
    return { bytes: new Uint8Array(1), name: 'x', sha256: '' };
  };
  const service = await openHarness({ deps: { exporter: { run, close: async () => {} } } });
  try {
    const sent = await service.as('scanner', {
      method: 'POST',
      url: '/v1/scans',
      ...form([{ file: 'a.fake', bytes: fakeScan() }]),
    });
    await service.work();
    const { scanId } = sent.json().scans[0];
    const before = outcome(calls.call({ ms: 6_000 }));
    const answer = await service.as('supervisor', {
      url: `/v1/scans/${scanId}/revisions/1/channels/main/high/export?format=png`,
    });
    expect({ status: answer.statusCode, code: answer.json().code }).toEqual({
      status: 503,
      code: 'NII_BUSY',
    });
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect(await before).toBe(6_000);
  } finally {
    await service.close();
  }
});
