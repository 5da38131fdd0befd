import { type ChildProcess, spawn } from 'node:child_process';
import { afterEach, expect, test } from 'vitest';
import { watch } from '../../../src/runtime/children/guards.ts';
import { processorWaitMs } from '../../../src/runtime/resident.ts';

const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

const SPIN = 'process.stdout.write("x"); for (;;);';
/** The first thread rests while native code works in another one, as where a picture is drawn. */
const SPIN_IN_THREAD =
  'require("node:crypto").pbkdf2("", "", 1e9, 8, "sha512", () => {}); process.stdout.write("x")';

/** A process that never rests, on the first core only. @returns its pid once it runs */
async function spinOnFirstCore(program = SPIN): Promise<number> {
  const child = spawn('taskset', ['-c', '0', process.execPath, '-e', program]);
  started.push(child);
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return child.pid ?? 0;
}

const BOUND_MS = 500;

/** Milliseconds until the bound of a process is broken. */
function timeUntilBreach(pid: number): Promise<number> {
  const began = performance.now();
  return new Promise((resolve) => {
    const guards = watch(pid, { timeoutMs: BOUND_MS }, (failure) => {
      guards.end();
      expect(failure.fault).toBe('time');
      resolve(performance.now() - began);
    });
  });
}

test.runIf(process.platform === 'linux').each([
  ['a process', SPIN],
  ['native code in a thread of a process', SPIN_IN_THREAD],
])('the time in which %s waits for a processor does not count, up to twice its bound', async (_, program) => {
  const [pid] = [await spinOnFirstCore(program), await spinOnFirstCore(), await spinOnFirstCore()];
  const before = processorWaitMs(pid);
  const took = await timeUntilBreach(pid);
  expect(processorWaitMs(pid) - before).toBeGreaterThan(BOUND_MS / 4);
  expect(took).toBeGreaterThan(1.25 * BOUND_MS);
  expect(took).toBeLessThan(2 * BOUND_MS + 2000);
});

test('the time in which a process sleeps counts', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e9)']);
  started.push(child);
  const before = processorWaitMs(child.pid);
  const took = await timeUntilBreach(child.pid ?? 0);
  const waited = processorWaitMs(child.pid) - before;
  expect(took).toBeGreaterThan(BOUND_MS - 5);
  expect(took - waited).toBeLessThan(BOUND_MS + 1000);
});
