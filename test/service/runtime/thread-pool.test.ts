import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import {
  type TaskTimes,
  ThreadPool,
  type ThreadPoolOptions,
} from '../../../src/runtime/threads/thread-pool.ts';
import { bundleOfTest } from '../../support/bundle-of-test.ts';
import { fakeScan, form } from '../../support/fake-scan.ts';
import { openHarness } from '../../support/harness.ts';
import { otherSpinTask, type SpinTask, spinTask } from './spinning-thread.ts';

const opened: ThreadPool[] = [];
afterEach(async () => {
  for (const pool of opened.splice(0)) await pool.close();
});

async function poolOf(options: Omit<ThreadPoolOptions, 'module'>): Promise<ThreadPool> {
  const pool = new ThreadPool({
    ...options,
    module: await bundleOfTest('test/service/runtime/spinning-thread.ts'),
  });
  opened.push(pool);
  return pool;
}

/** A thread that has begun before: its start is not measured. */
async function threadOf(times: TaskTimes) {
  const pool = await poolOf({ threads: 1 });
  const call = (task: SpinTask) => pool.call(spinTask, task, times);
  await call({ ms: 0 });
  return { call, close: () => pool.close() };
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

test('one that takes too long is rejected alone, and those after it are done', async () => {
  const calls = await threadOf({ seconds: 2, waitSeconds: 60 });
  const all = [60_000, 1, 2].map((ms) => outcome(calls.call({ ms })));
  expect(await Promise.all(all)).toEqual(['NII_LIMIT_TIME', 1, 2]);
});

test('one that ends the thread is rejected alone, and those after it are done', async () => {
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

test('one kind of task does not take every thread', async () => {
  const pool = await poolOf({ threads: 3, threadsPerKind: 2 });
  const done: string[] = [];
  const run = (kind: typeof spinTask, ms: number) =>
    pool.call(kind, { ms }, { seconds: 60 }).then(() => done.push(`${kind.name} ${ms}`));
  await Promise.all([run(spinTask, 5_000), run(spinTask, 5_000), run(spinTask, 1), run(otherSpinTask, 2)]);
  expect(done[0]).toBe('other-spin 2');
  expect(done).toHaveLength(4);
});

test('a thread that cannot be started rejects the task that it was to do', async () => {
  const pool = new ThreadPool({ module: '/no/such/module.js' });
  opened.push(pool);
  const call = pool.call(spinTask, { ms: 1 }, { seconds: 30, waitSeconds: 30 });
  expect(await outcome(call)).toBe('NII_INTERNAL');
});

test('over HTTP that is 503 with Retry-After', async () => {
  const calls = await threadOf({ seconds: 30, waitSeconds: 1 });
  const run = async () => {
    await calls.call({ ms: 1 });
    return { bytes: new Uint8Array(1), name: 'x', sha256: '' };
  };
  const service = await openHarness({ deps: { exporter: { run } } });
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
