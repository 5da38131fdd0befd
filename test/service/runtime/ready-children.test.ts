import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { ReadyChildren, type ReadyChildrenOptions } from '../../../src/runtime/children/ready-children.ts';
import type { Call } from '../../../src/runtime/children/running-child.ts';
import { bundleOfTest } from '../../support/bundle-of-test.ts';
import { eventually } from '../../support/eventually.ts';
import type { Behaviour } from './misbehaving-child.ts';

/** Long for a process that answers, on a busy machine. */
const SOON_MS = 20_000;
const SOON_SECONDS = SOON_MS / 1000;

let misbehaving: string;
beforeAll(async () => {
  misbehaving = await bundleOfTest('test/service/runtime/misbehaving-child.ts');
});

const opened: ReadyChildren[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((children) => children.close()));
});

function open(options: Partial<ReadyChildrenOptions> = {}): ReadyChildren {
  const plan = { program: misbehaving, output: 'ignore' } as const;
  const children = new ReadyChildren({ plan, atOnce: 1, ...options });
  opened.push(children);
  return children;
}

type Answer = { readonly value: unknown };

function call(task: Behaviour, more: Partial<Call<Answer>> = {}): Call<Answer> {
  return { task, timeoutMs: SOON_MS, read: (value) => ({ value }), ...more };
}

const isGone = (pid: number | undefined) => pid === undefined || !existsSync(`/proc/${pid}`);
const faultOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    (result) => result,
    (error: { fault?: string; code?: string; message: string }) => error.fault ?? error.code ?? error.message,
  );

/** Numbers of the processes that this one started and that run the program of these tests. */
function childrenOfTest(): readonly number[] {
  const all = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'latin1').split(' ');
  return all.map(Number).filter((pid) => pid > 0 && commandOf(pid).includes(misbehaving));
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
  } catch {
    return ''; // it is gone
  }
}

/** The numbers of the children that did the tasks. */
async function pidsOf(children: ReadyChildren, keys: readonly string[]): Promise<readonly unknown[]> {
  const pids: unknown[] = [];
  for (const key of keys) pids.push((await children.call(key, call({ kind: 'pid' }))).value);
  return pids;
}

test('a child does one task and is gone when the call returns', async () => {
  const children = open();
  const pids = await pidsOf(children, ['a', 'a', 'a']);
  expect(new Set(pids).size).toBe(3);
  expect(pids.map((pid) => isGone(Number(pid)))).toEqual([true, true, true]);
});

test('the next child is ready before it is needed', async () => {
  const children = open();
  children.prepare();
  await eventually('a child runs', SOON_SECONDS, () => childrenOfTest().length === 1);
  const before = childrenOfTest();
  expect(await pidsOf(children, ['a'])).toEqual(before);
});

test('no more than the limit work at once', async () => {
  const children = open({ atOnce: 2, ready: 3 });
  const [first] = await Promise.all(['a', 'b'].map((key) => children.take(key)));
  await eventually('three more are started', SOON_SECONDS, () => childrenOfTest().length === 5);
  let hasThird = false;
  const third = children.take('c').then(() => {
    hasThird = true;
  });
  // one that is ready and may be used is handed out at once
  await new Promise((resolve) => setImmediate(resolve));
  expect(hasThird).toBe(false);
  if (first !== undefined) await children.release(first);
  await third;
});

test('slow keys wait behind all others, and have the children of one key together', async () => {
  const slow = new Set(['s', 't']);
  const children = open({ atOnce: 3, atOncePerKey: 2, isSlow: (key) => slow.has(key) });
  const order: string[] = [];
  const take = async (key: string) => {
    const child = await children.take(key);
    order.push(key);
    return child;
  };
  const first = await Promise.all(['s', 't'].map(take));
  // all that a slow key may have is taken: a third waits, though a child is free
  const third = take('s');
  const other = await take('a');
  expect(order).toEqual(['s', 't', 'a']);
  const fourth = take('b');
  await children.release(other);
  const last = await fourth;
  for (const child of first) await children.release(child);
  await children.release(await third);
  await children.release(last);
  expect(order).toEqual(['s', 't', 'a', 'b', 's']);
});

test('keys of which nothing good is known leave a child to the others, also if some of them are slow', async () => {
  const children = open({
    atOnce: 2,
    atOncePerKey: 1,
    isSlow: (key) => key === 'slow',
    isProven: (key) => key === 'proven',
  });
  const unproven = await children.take('unproven');
  let isServed = false;
  const slow = children.take('slow').then((child) => {
    isServed = true;
    return child;
  });
  const proven = await children.take('proven');
  expect(isServed).toBe(false);
  // nobody waits for ever
  await children.release(unproven);
  await children.release(await slow);
  await children.release(proven);
});

test('one that died while it waited is replaced and never handed out', async () => {
  const children = open();
  children.prepare();
  await eventually('a child runs', SOON_SECONDS, () => childrenOfTest().length === 1);
  const [dead = 0] = childrenOfTest();
  process.kill(dead, 'SIGKILL');
  await eventually('another one runs', SOON_SECONDS, () => childrenOfTest().some((pid) => pid !== dead));
  const [used] = await pidsOf(children, ['a']);
  expect(used).not.toBe(dead);
});

test('one that dies at its task fails its call alone', async () => {
  const children = open();
  expect(await faultOf(children.call('a', call({ kind: 'exit', code: 3 })))).toBe('ended');
  expect(await faultOf(children.call('a', call({ kind: 'echo', value: 7 })))).toEqual({ value: 7 });
});

test('time and memory of a task are bounded, and the next task finds a child', async () => {
  const children = open();
  expect(await faultOf(children.call('a', call({ kind: 'spin' }, { timeoutMs: 300 })))).toBe('time');
  const hungry = call({ kind: 'hungry', bytes: 400 * 1024 ** 2 }, { memoryBytes: 200 * 1024 ** 2 });
  expect(await faultOf(children.call('a', hungry))).toBe('memory');
  expect(await faultOf(children.call('a', call({ kind: 'echo', value: 7 })))).toEqual({ value: 7 });
});

test('the keys take turns: one task of a quiet sender is not behind all of a busy one', async () => {
  const children = open();
  const done: string[] = [];
  const run = (key: string) =>
    children.call(key, call({ kind: 'echo', value: key })).then(() => done.push(key));
  await Promise.all([...Array.from({ length: 6 }, () => run('busy')), run('quiet'), run('other')]);
  expect(done).toHaveLength(8);
  // one of the busy sender's is handed out before the others arrive, and one in its turn
  expect(done.slice(0, 4)).toContain('quiet');
  expect(done.slice(0, 4)).toContain('other');
});

test('within a key the order of arrival holds', async () => {
  const children = open();
  const done: number[] = [];
  const run = (value: number) =>
    children.call('a', call({ kind: 'echo', value })).then(() => done.push(value));
  await Promise.all([1, 2, 3, 4].map(run));
  expect(done).toEqual([1, 2, 3, 4]);
});

test('no key takes all children', async () => {
  const children = open({ atOnce: 2, ready: 2, atOncePerKey: 1 });
  const stop = new AbortController();
  const hanging = [1, 2].map(() =>
    faultOf(children.call('a', call({ kind: 'wait' }, { signal: stop.signal }))),
  );
  expect(await children.call('b', call({ kind: 'echo', value: 'b' }))).toEqual({ value: 'b' });
  stop.abort(new Error('stopped'));
  expect(await Promise.all(hanging)).toEqual(['stopped', 'stopped']);
});

test('more calls than may wait are told to come later, first those of the key that sends most', async () => {
  const children = open({ mostWaitingPerKey: 2, mostWaiting: 3 });
  const busy = await children.take('a');
  const waiting = ['a', 'a', 'b'].map((key) => faultOf(children.take(key)));
  expect(await faultOf(children.take('a'))).toBe('NII_BUSY');
  expect(await faultOf(children.take('c'))).toBe('NII_BUSY');
  await children.close();
  expect(await Promise.all(waiting)).toEqual(['NII_BUSY', 'NII_BUSY', 'NII_BUSY']);
  expect(isGone(busy.pid)).toBe(true);
});

test('a call that gets no child in time is told to come later, and leaves the queue', async () => {
  const children = open({ waitMs: 5_000, mostWaitingPerKey: 1 });
  const busy = await children.take('a');
  expect(await faultOf(children.take('a'))).toBe('NII_BUSY');
  const next = children.call('a', call({ kind: 'echo', value: 2 })).catch((error) => error.code);
  await children.release(busy);
  expect(await next).toEqual({ value: 2 });
});

test('a call that its caller gives up leaves the queue, with the reason', async () => {
  const children = open({ mostWaitingPerKey: 1 });
  const busy = await children.take('a');
  const stop = new AbortController();
  const given = faultOf(children.take('a', stop.signal));
  stop.abort(new Error('interrupted'));
  expect(await given).toBe('interrupted');
  const next = children.take('a');
  await children.release(busy);
  expect((await next).isAlive).toBe(true);
});

test('a child does several tasks of one key, never of another', async () => {
  const children = open({ tasksPerChild: 3 });
  const [a1, a2, b1, a3, ...rest] = await pidsOf(children, ['a', 'a', 'b', 'a', 'a', 'a', 'a']);
  expect(a2).toBe(a1);
  expect(b1).not.toBe(a1);
  expect(a3).not.toBe(a1); // it had to make room for b
  expect(rest).toEqual([a3, a3, expect.any(Number)]);
  expect(rest[2]).not.toBe(a3);
});

test('children that die at start fail the calls with the reason, not for ever, and not in a loop', async () => {
  const starts: number[] = [];
  const plan = {
    program: '/no/such/program.js',
    output: 'ignore',
    launch: (command: readonly [string, ...string[]]) => {
      starts.push(Date.now());
      return command;
    },
  } as const;
  const children = open({ plan });
  const failed = await children.take('a').catch((error) => error);
  expect(failed).toMatchObject({ name: 'ChildFailure', fault: 'start' });
  expect(failed.message).toContain('ended with exit code 1');
  expect(starts).toHaveLength(3);
  expect(await faultOf(children.take('a'))).toBe('start');
  expect(starts).toHaveLength(3); // the pause holds: a call starts nothing
});

test('once children start again, calls are served again', async () => {
  let starts = 0;
  const plan = {
    program: misbehaving,
    output: 'ignore',
    launch: (command: readonly [string, ...string[]]) => {
      starts += 1;
      return starts <= 3 ? (['/no/such/program'] as const) : command;
    },
  } as const;
  const children = open({ plan });
  expect(await faultOf(children.take('a'))).toBe('start');
  await eventually('a call is served', SOON_SECONDS, async () => {
    const { value } = await children.call('a', call({ kind: 'echo', value: 5 }));
    return value === 5;
  });
});

test('nothing is left after it was closed, and no further call is served', async () => {
  const children = open({ atOnce: 2, ready: 2, tasksPerChild: 5 });
  await pidsOf(children, ['a']); // it is kept for a while
  const child = await children.take('b');
  const busy = faultOf(child.call(call({ kind: 'spin' })));
  await eventually('one works and two are ready', SOON_SECONDS, () => childrenOfTest().length >= 3);
  const all = childrenOfTest();
  await children.close();
  expect(await busy).toBe('stopped');
  expect(all.filter((pid) => !isGone(pid))).toEqual([]);
  expect(await faultOf(children.take('a'))).toBe('NII_BUSY');
});

test('closing while children start leaves none', async () => {
  const children = open({ ready: 3 });
  children.prepare();
  await children.close();
  expect(childrenOfTest()).toEqual([]);
});

/** Numbers of the children of a process of its own; kills it when `use` has ended. */
async function withParent(
  behaviour: string,
  use: (pids: readonly number[], exit: Promise<unknown[]>, kill: () => void) => Promise<void>,
) {
  const program = await bundleOfTest('test/service/runtime/parent-of-ready-child.ts');
  const parent = spawn(process.execPath, [program, misbehaving, behaviour], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(parent, 'exit');
  try {
    const [line] = await once(parent.stdout, 'data');
    const named: readonly number[] = JSON.parse(String(line));
    await use(named, exit, () => parent.kill('SIGKILL'));
  } finally {
    parent.kill('SIGKILL');
  }
}

test('no child outlives a parent that is killed, busy or not', async () => {
  await withParent('wait', async (pids, _exit, kill) => {
    expect(pids.map(isGone)).toEqual([false, false]);
    kill();
    await eventually('all are gone', SOON_SECONDS, () => pids.every(isGone));
  });
});

test('children that wait do not keep their parent alive, and end with it', async () => {
  await withParent('end', async (pids, exit) => {
    expect(await exit).toEqual([0, null]);
    await eventually('all are gone', SOON_SECONDS, () => pids.every(isGone));
  });
});
