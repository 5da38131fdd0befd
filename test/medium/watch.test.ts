import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { openEmbeddedPostgres } from '../../src/adapters/postgres/embedded.ts';
import { readConfig } from '../../src/config.ts';
import type { Role } from '../../src/core/access.ts';
import { issueKey } from '../../src/features/persons/keys.ts';
import { openService } from '../../src/wiring.ts';
import { eventually, pause } from '../support/eventually.ts';
import { postgresFolder } from '../support/postgres-server.ts';
import { processesOf, program, runService } from '../support/running-service.ts';
import { searchSize } from '../support/search-size.ts';
import { channel, xml } from '../support/vendors/fs6000.ts';

/** It kills when scans were sent, which no seed sets. */
const { watcherKills, serviceKills, leastScans, mostScans } = searchSize.watch;

interface Watching {
  readonly pid: () => number | undefined;
  /** How many files or scans the running process was done with. */
  readonly done: () => number;
  readonly lines: () => readonly Record<string, unknown>[];
  stop(): Promise<number | null>;
}

/** `nii watch` as a process of its own, started again whenever it ends, as an init system would. */
function runWatcher(args: readonly string[]): Watching {
  let child: ChildProcess | undefined;
  let text = '';
  let stopping = false;
  let done = 0;
  const start = () => {
    child = spawn(process.execPath, [...program, 'watch', ...args, '--json'], {
      env: { PATH: process.env.PATH, HOME: process.env.HOME },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      done += chunk.toString().match(/"event":"(sent|same|quarantined)"/g)?.length ?? 0;
    });
    child.once('exit', () => {
      child = undefined;
      done = 0;
      void pause(50, 'restart').then(() => stopping || start());
    });
  };
  start();
  return {
    pid: () => child?.pid,
    done: () => done,
    lines: () =>
      text
        .split('\n')
        .flatMap((line) => (line.startsWith('{') && line.endsWith('}') ? [JSON.parse(line)] : [])),
    async stop() {
      stopping = true;
      if (child === undefined) return null;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      const [code] = await ended;
      return code;
    },
  };
}

/** Writes as a slow scanner does: in pieces, with pauses. */
async function writeSlowly(path: string, bytes: Buffer, pauseMs: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const pieces = 4;
  const size = Math.ceil(bytes.length / pieces);
  await writeFile(path, '');
  for (let i = 0; i < pieces; i += 1) {
    await appendFile(path, bytes.subarray(i * size, (i + 1) * size));
    await pause(pauseMs, 'pace');
  }
}

/** One scan: low before high, the XML last; every third file rests in its middle for longer than it takes to settle. */
async function scanner(share: string, i: number): Promise<void> {
  const folder = join(share, i % 2 === 0 ? 'lane-a' : 'lane-b/today');
  await writeSlowly(join(folder, `t${i}low.img`), channel(200 + i), i % 3 === 0 ? 1_500 : 100);
  await writeSlowly(join(folder, `t${i}high.img`), channel(300 + i), 150);
  await pause(i % 4 === 0 ? 3_500 : 200, 'pace');
  await writeSlowly(join(folder, `t${i}.xml`), xml(`t${i}`), 50);
  if (i % 2 === 0) await writeSlowly(join(share, 'again', `t${i}high.img`), channel(300 + i), 50);
  if (i % 3 === 0) await writeSlowly(join(folder, `copy of t${i}low.img`), channel(200 + i), 50);
}

/** Two scanners, until there were enough scans and nobody kills any more. @returns how many scans they wrote */
async function scanners(share: string, isKilling: () => boolean): Promise<number> {
  let written = 0;
  const one = async () => {
    while (written < leastScans || (isKilling() && written < mostScans)) await scanner(share, written++);
  };
  await Promise.all([one(), one()]);
  return written;
}

/** Kills right after something was done, so that the next is under way. */
async function killAtWork(
  times: number,
  { pid, atWork }: { readonly pid: () => number | undefined; readonly atWork: (killed: number) => boolean },
): Promise<void> {
  for (let killed = 0; killed < times; killed += 1) {
    await eventually('it is at work', 170, () => pid() !== undefined && atWork(killed));
    const target = pid();
    if (target !== undefined) process.kill(target, 'SIGKILL');
    await eventually('another process runs', 60, () => ![target, undefined].includes(pid()));
  }
}

test('each scan of a share is in the service once, through slow files, any order, copies and kills', async () => {
  const data = await postgresFolder();
  const dir = await mkdtemp(join(tmpdir(), 'nii-watch-'));
  const settings = { NII_DATA: data, NII_WORKERS: '0' };
  const own = await openService(readConfig(settings), { info: () => {}, warn: () => {}, error: () => {} });
  const keyFor = async (role: Role) =>
    (await issueKey(own.deps, { roles: [role], administration: 'utopia', site: 'harbour', name: role }))
      .token;
  const [token, reader] = [await keyFor('scanner'), await keyFor('supervisor')];
  await own.close();
  const share = join(dir, 'share');
  await mkdir(share);
  await writeFile(join(dir, 'key'), `${token}\n`, { mode: 0o600 });
  const service = await runService(settings);
  const watcher = runWatcher([
    ...[share, '--url', service.address, '--key-file', join(dir, 'key'), '--site', 'harbour'],
    ...['--settle', '1', '--group-wait', '2', '--max-wait', '12', '--poll', '0', '--resumable-over', '0'],
    ...['--state', join(dir, 'state'), '--quarantine', join(dir, 'quarantine')],
  ]);
  const sentSoFar = () => watcher.lines().filter(({ event }) => event === 'sent').length;
  const read = async (path: string) => {
    const answer = await fetch(`${service.address}${path}`, {
      headers: { authorization: `Bearer ${reader}` },
    });
    return answer.json();
  };
  try {
    await writeFile(join(share, 'todo.txt'), 'buy milk');
    await writeFile(join(share, 'x.img'), Buffer.alloc(64, 7));
    let killing = true;
    const kills = Promise.all([
      killAtWork(watcherKills, { pid: watcher.pid, atWork: () => watcher.done() > 0 }),
      killAtWork(serviceKills, { pid: service.apiPid, atWork: (killed) => sentSoFar() > 2 * killed }),
    ]).finally(() => {
      killing = false;
    });
    const written = await scanners(share, () => killing);
    await kills;
    await eventually('every scan is there, and whole', 90, async () => {
      const { items } = await read('/v1/scans?limit=200');
      const details = await Promise.all(
        items.map(({ href }: { href: string }) => read(`${href}/revisions/latest`)),
      );
      return details.length >= written && details.every(({ originals }) => originals.length === 3);
    });
    await eventually('what cannot be read is set aside', 30, async () => (await quarantined()).length >= 4);
    await pause(2_000, 'absence');
    expect(await watcher.stop()).toBe(0);
    const { items } = await read('/v1/scans?limit=200');
    expect(items).toHaveLength(written);
    for (const { href } of items) {
      const { originals } = await read(`${href}/revisions/latest`);
      const roles = originals.map(({ role, complete }: { role: string; complete: boolean }) => [
        role,
        complete,
      ]);
      expect(Object.fromEntries(roles)).toEqual({ high: true, low: true, metadata: true });
    }
    expect(await quarantined()).toEqual(['todo.txt', 'todo.txt.reason.json', 'x.img', 'x.img.reason.json']);
    const events = watcher.lines().map(({ event }) => event);
    console.log(
      `${written} scans, ${watcherKills} kills of the watcher, ${serviceKills} of the service: ` +
        `${events.filter((event) => event === 'sent').length} uploads told, ` +
        `${events.filter((event) => event === 'same').length} copies, ${events.filter((event) => event === 'away').length} times no line`,
    );
  } finally {
    await watcher.stop();
    await service.stop();
    await eventually('no process is left', 60, async () => processesOf(data).length === 0);
    await (await openEmbeddedPostgres(join(data, 'postgres'), () => {})).stop();
    await rm(dir, { recursive: true, force: true });
    await rm(data, { recursive: true, force: true, maxRetries: 5 });
  }

  async function quarantined(): Promise<readonly string[]> {
    return (await readdir(join(dir, 'quarantine')).catch(() => [])).toSorted((a, b) => (a < b ? -1 : 1));
  }
});
