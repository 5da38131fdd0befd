import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lifeOf, ownMark } from '../../../src/runtime/process-life.ts';
import { lockState } from '../../../src/watch/lock.ts';

const quick = { beatMs: 50, silentMs: 1_500 };
const lockModule = pathToFileURL(join(import.meta.dirname, '../../../src/watch/lock.ts')).href;
let dir: string;
let path: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nii-lock-'));
  path = join(dir, 'watch.lock');
});
afterEach(() => rm(dir, { recursive: true, force: true }));

/** A process that takes the lock and keeps it. */
async function holder(): Promise<ChildProcess> {
  const script = `import { lockState } from ${JSON.stringify(lockModule)};
    await lockState(${JSON.stringify(dir)}); console.log('held'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return child;
}

test('a second watcher is refused and told which process has the folder; a killed one is followed at once', async () => {
  const child = await holder();
  try {
    await expect(lockState(dir)).rejects.toMatchObject({
      code: 'NII_CONFIG',
      message: expect.stringContaining(`process ${child.pid} `),
    });
  } finally {
    child.kill('SIGKILL');
  }
  await once(child, 'exit');
  const begun = performance.now();
  const lock = await lockState(dir);
  expect(performance.now() - begun).toBeLessThan(5_000);
  expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ pid: process.pid });
  await lock.free();
  await expect(readFile(path)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('of many that find a lock left behind at once, one has it', async () => {
  const child = await holder();
  child.kill('SIGKILL');
  await once(child, 'exit');
  const locks = await Promise.allSettled(Array.from({ length: 12 }, () => lockState(dir)));
  const held = locks.filter((lock) => lock.status === 'fulfilled');
  expect(held).toHaveLength(1);
  for (const lock of held) await lock.value.free();
});

test.runIf(process.platform === 'linux')('a number that was given again is another process', () => {
  expect(lifeOf(ownMark())).toBe('alive');
  expect(lifeOf({ ...ownMark(), begun: '1' })).toBe('ended');
});

test('a lock of another machine or container, or half a lock, counts for as long as it is touched', async () => {
  const stranger = JSON.stringify({
    ...{ ...ownMark(), pid: 7, host: 'other', boot: 'another', space: 'another' },
    token: 'x',
  });
  await writeFile(path, stranger);
  const touching = setInterval(() => void utimes(path, new Date(), new Date()).catch(() => {}), 100);
  await expect(lockState(dir, quick)).rejects.toMatchObject({
    message: expect.stringContaining('process 7 on other'),
  });
  clearInterval(touching);
  await (await lockState(dir, quick)).free();
  await writeFile(path, stranger.slice(0, 20));
  await (await lockState(dir, quick)).free();
});

test('its holder is told when another has taken the folder, and leaves the other its lock', async () => {
  const lock = await lockState(dir, quick);
  const other = JSON.stringify({ ...ownMark(), host: hostname(), token: 'other' });
  await writeFile(path, other);
  await expect.poll(() => lock.lost.aborted, { timeout: 5_000 }).toBe(true);
  await lock.free();
  expect(await readFile(path, 'utf8')).toBe(other);
});

test('a holder shows that it is there', async () => {
  const lock = await lockState(dir, quick);
  await utimes(path, new Date(0), new Date(0));
  await expect.poll(async () => (await stat(path)).mtimeMs, { timeout: 5_000 }).toBeGreaterThan(0);
  await lock.free();
});
