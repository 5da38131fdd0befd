import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { fuzzPlan } from '../../../lab/fuzz/guarded.ts';
import { modelPlan } from '../../../src/adapters/onnx/process.ts';
import { converterPlan } from '../../../src/convert/convert-in-child.ts';
import { structuredEncoding } from '../../../src/runtime/children/encoding.ts';
import {
  type Call,
  type ChildPlan,
  callOnce,
  RunningChild,
  startChild,
} from '../../../src/runtime/children/running-child.ts';
import { contractPlan } from '../../../src/tools/contract/guarded.ts';
import { bundleOfTest } from '../../support/bundle-of-test.ts';
import { processesOf } from '../../support/postgres/server-processes.ts';
import type { Behaviour } from './misbehaving-child.ts';

const MiB = 1024 * 1024;
/** Long for a process that answers, on a busy machine. */
const SOON_MS = 20_000;

const plans: readonly (readonly [string, Omit<ChildPlan, 'program'>])[] = [
  ['a converter', converterPlan],
  ['a model', modelPlan],
  ['the contract', contractPlan],
  ['fuzzing', fuzzPlan],
];

let misbehaving: string;
beforeAll(async () => {
  misbehaving = await bundleOfTest('test/service/runtime/misbehaving-child.ts');
});

const isGone = (pid: number | undefined) => pid === undefined || !existsSync(`/proc/${pid}`);

function treeOf(root: number): readonly number[] {
  const [, ...children] = processesOf(root);
  return [root, ...children.flatMap(treeOf)];
}

/** A call that believes everything. */
function call(task: Behaviour, bounds: Partial<Call<{ readonly value: unknown }>> = {}) {
  return { task, timeoutMs: SOON_MS, read: (value: unknown) => ({ value }), ...bounds };
}

const faultOf = (work: Promise<unknown>) =>
  work.then(
    (result) => result,
    (error: { fault?: string; code?: string; name: string }) => error.fault ?? error.code ?? error.name,
  );

describe.each(plans)('the process of %s', (_, original) => {
  const started: RunningChild[] = [];
  afterEach(async () => {
    await Promise.all(started.splice(0).map((child) => child.end()));
  });

  /** Started as the real one, but for its program. */
  async function start(): Promise<RunningChild> {
    const args = original.encoding === structuredEncoding ? ['structured'] : [];
    const child = await startChild({ ...original, program: misbehaving, args });
    started.push(child);
    return child;
  }

  /** One call, after which the process can serve no more. */
  async function faultFor(task: Behaviour, bounds: Partial<Call<{ readonly value: unknown }>> = {}) {
    const child = await start();
    await child.ready; // its start may take as long as the bounds
    const fault = await faultOf(child.call(call(task, bounds)));
    expect(child.isAlive).toBe(false);
    await child.end();
    expect(isGone(child.pid)).toBe(true);
    return fault;
  }

  test('answers one call after the other', async () => {
    const child = await start();
    for (const value of [1, 'two', { three: [3] }])
      expect(await child.call(call({ kind: 'echo', value }))).toEqual({ value });
    expect(child.isAlive).toBe(true);
  });

  test('gives way to the process that answers people, with all that it consists of', async () => {
    const child = await start();
    await child.ready;
    const all = treeOf(child.pid ?? 0);
    expect(all.map((one) => getPriority(one))).toEqual(all.map(() => getPriority() + 10));
    // an ordinary user may have to try several times
    for (const one of all.filter((other) => existsSync(`/proc/${other}/autogroup`)))
      await expect
        .poll(() => readFileSync(`/proc/${one}/autogroup`, 'utf8').trim())
        .toMatch(new RegExp(`nice ${getPriority() + 10}$`));
  });

  test('rejects by code, offset and field, and serves the next call', async () => {
    const child = await start();
    await expect(child.call(call({ kind: 'reject' }))).rejects.toMatchObject({
      code: 'NII_TRUNCATED',
      message: 'it ends too early',
      offset: 128,
      field: 'a.bin',
    });
    const thrown = child.call(call({ kind: 'throw' }));
    await expect(thrown).rejects.toMatchObject({ code: 'NII_INTERNAL' });
    await expect(thrown).rejects.not.toThrow(/secret/);
    expect(await child.call(call({ kind: 'echo', value: 1 }))).toEqual({ value: 1 });
  });

  test('is killed when it gives no response in time, busy or not', async () => {
    const idleOrBusy = (['spin', 'wait'] as const).map((kind) => faultFor({ kind }, { timeoutMs: 1_000 }));
    expect(await Promise.all(idleOrBusy)).toEqual(['time', 'time']);
  });

  test('may take long while it tells of progress, and is killed once it falls silent', async () => {
    const seen: unknown[] = [];
    const onProgress = (value: unknown) => void seen.push(value);
    const child = await start();
    await child.call(call({ kind: 'count', to: 3 }, { onProgress }));
    expect(seen).toEqual([1, 2, 3]);
    const bounds = { silenceMs: 2_000, timeoutMs: 4_000, onProgress };
    const faults = (['count-on', 'wait'] as const).map((kind) => faultFor({ kind }, bounds));
    expect(await Promise.all(faults)).toEqual(['time', 'silence']);
  });

  test('is killed when it takes too much memory', async () => {
    const bounds = { memoryBytes: 300 * MiB };
    expect(await faultFor({ kind: 'hungry', bytes: 2048 * MiB }, bounds)).toBe('memory');
  });

  test.each<[string, Behaviour, string]>([
    ['ends well', { kind: 'exit', code: 0 }, 'exit code 0'],
    ['ends badly', { kind: 'exit', code: 7 }, 'exit code 7'],
    ['crashes', { kind: 'signal', signal: 'SIGSEGV' }, 'SIGSEGV'],
  ])('that %s before its answer is told of by how it ended', async (_how, task, told) => {
    const child = await start();
    const failed = child.call(call(task));
    await expect(failed).rejects.toMatchObject({ fault: 'ended', message: `ended with ${told}` });
    await expect(child.call(call({ kind: 'wait' }))).rejects.toMatchObject({ fault: 'ended' });
  });

  test.each<[string, Behaviour]>([
    ['noise', { kind: 'noise', bytes: 100_000 }],
    ['a message of no kind that we know', { kind: 'raw-message', message: { hello: 1 } }],
    ['nothing', { kind: 'raw-message', message: null }],
    ['an answer to another call', { kind: 'raw-message', message: { kind: 'result', id: 99, value: 1 } }],
    [
      'a problem of no code that we know',
      { kind: 'raw-message', message: { kind: 'problem', id: 1, problem: { code: 'OWN', detail: 'x' } } },
    ],
    ['progress that nobody asked for', { kind: 'count', to: 1 }],
    ['the beginning of an answer without end', { kind: 'claim', bytes: 2 ** 32 - 1 }],
  ])('that answers with %s is not believed', async (_what, task) => {
    expect(await faultFor(task)).toBe('unreadable');
  });

  test('cannot fill our memory with an answer', async () => {
    const child = await startChild({
      ...original,
      program: misbehaving,
      args: original.encoding === structuredEncoding ? ['structured'] : [],
      longestAnswerBytes: MiB,
    });
    started.push(child);
    const before = process.memoryUsage().rss;
    expect(await faultOf(child.call(call({ kind: 'echo', value: 'z'.repeat(64 * 1024) })))).toHaveProperty(
      'value',
    );
    expect(await faultOf(child.call(call({ kind: 'claim', bytes: 3 * 1024 * MiB })))).toBe('unreadable');
    expect(process.memoryUsage().rss - before).toBeLessThan(512 * MiB);
  });

  test('an answer that the caller cannot use ends it', async () => {
    expect(await faultFor({ kind: 'echo', value: 'wrong' }, { read: () => undefined })).toBe('unreadable');
  });

  test('may print what it likes: a part is kept', async () => {
    if (original.output === 'stderr') return; // it goes where our own messages go
    const child = await start();
    expect(await child.call(call({ kind: 'flood', bytes: 32 * MiB }))).toEqual({ value: 'answered' });
    await child.end();
    expect(child.output.length).toBe(original.output === 'collect' ? 16_384 : 0);
  });

  test('knows nothing of our environment', async () => {
    process.env.NII_TEST_SECRET = 'of the service';
    try {
      const child = await start();
      const { value } = await child.call(call({ kind: 'environment' }));
      const kept = [
        'PATH',
        'TMPDIR',
        'TEMP',
        'SystemRoot',
        'LD_LIBRARY_PATH',
        'NODE_ENV',
        ...Object.keys(original.environment ?? {}),
      ];
      expect(Object.keys(value as object).filter((name) => !kept.includes(name))).toEqual([]);
      expect(JSON.stringify(value)).not.toContain('of the service');
    } finally {
      process.env.NII_TEST_SECRET = undefined;
      delete process.env.NII_TEST_SECRET;
    }
  });

  test('is ended by the signal of its caller, with the reason', async () => {
    const stop = new AbortController();
    const child = await start();
    await child.call(call({ kind: 'echo', value: 1 }));
    const failed = child.call(call({ kind: 'spin' }, { signal: stop.signal }));
    stop.abort(new Error('interrupted'));
    await expect(failed).rejects.toThrow('interrupted');
    await child.end();
    expect(isGone(child.pid)).toBe(true);
    await expect(
      (await start()).call(call({ kind: 'echo', value: 1 }, { signal: stop.signal })),
    ).rejects.toThrow('interrupted');
  });

  test('takes with it what it started itself', async () => {
    const child = await start();
    const { value } = await child.call(call({ kind: 'grandchild' }));
    const grandchild = Number(value);
    expect(isGone(grandchild)).toBe(false);
    await child.end();
    await expect.poll(() => isGone(grandchild), { timeout: SOON_MS }).toBe(true);
  });

  test('is gone after its one call', async () => {
    const plan = {
      ...original,
      program: misbehaving,
      args: original.encoding === structuredEncoding ? ['structured'] : [],
    };
    const { value } = await callOnce(plan, call({ kind: 'echo', value: 5 }));
    expect(value).toBe(5);
    await expect(callOnce(plan, call({ kind: 'exit', code: 1 }))).rejects.toMatchObject({ fault: 'ended' });
  });
});

test('no child outlives a parent that is killed, not even one that is busy', async () => {
  const program = await bundleOfTest('test/service/runtime/parent-of-child.ts');
  const parent = spawn(process.execPath, [program, misbehaving], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [line] = await once(parent.stdout, 'data');
    const children: readonly number[] = JSON.parse(String(line));
    expect(children.map(isGone)).toEqual([false, false]);
    parent.kill('SIGKILL');
    await expect.poll(() => children.map(isGone), { timeout: SOON_MS }).toEqual([true, true]);
  } finally {
    parent.kill('SIGKILL');
  }
});

test('a program that cannot be started is a failure of the call', async () => {
  const plan = { ...converterPlan, launch: () => ['/no/such/program'] as const };
  const echo = call({ kind: 'echo', value: 1 });
  await expect(callOnce(plan, echo)).rejects.toMatchObject({ name: 'ChildFailure' });
  const child = new RunningChild(['/no/such/program'], converterPlan);
  await expect(child.call(echo)).rejects.toMatchObject({ fault: 'start' });
  await child.end();
});
