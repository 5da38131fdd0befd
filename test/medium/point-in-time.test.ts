import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openEmbeddedPostgres } from '../../src/adapters/postgres/embedded.ts';
import { readConfig } from '../../src/config.ts';
import type { Log } from '../../src/core/ports/process.ts';
import { openService } from '../../src/wiring.ts';
import { eventually, pause } from '../support/eventually.ts';
import { fakeScan, form } from '../support/fake-scan.ts';
import {
  endServer,
  serverPid,
  processesOf as serverProcesses,
} from '../support/postgres/server-processes.ts';
import { postgresFolder, query } from '../support/postgres-server.ts';
import { seededRandom } from '../support/random.ts';
import { processesOf, program, type RunningService, runService } from '../support/running-service.ts';
import { searchSeed, searchSize } from '../support/search-size.ts';
import { story } from '../support/vitest/story.ts';

/**
 * Uploads for a while, then the database is lost with its folder. It is recovered to drawn seconds: what was acknowledged
 * before each is there, what was sent after it is not, and every record has its objects. `npm run long` (part
 * point-in-time) uploads for ten minutes.
 */
const { seconds: SECONDS, recoveries: RECOVERIES } = searchSize.pointInTime;
/** PostgreSQL archives a segment after a minute; the rest is for a busy machine. */
const MOST_BEHIND_SECONDS = 90;
const silent: Log = { info: () => {}, warn: () => {}, error: () => {} };
const site = ['--administration', 'utopia', '--site', 'harbour', '--name', 'test'];

interface Upload {
  readonly scanId: string;
  readonly sentAt: number;
  readonly acknowledgedAt: number;
}

let data: string;
let archive: string;
let spare: string;
let key: string;
const uploads: Upload[] = [];
/** The first base backup was there, and all changes until the second time are in the archive. */
const archived = { from: 0, to: 0 };
const random = seededRandom(searchSeed);

const settings = () => ({ NII_DATA: data, NII_DATABASE_ARCHIVE: archive, NII_ENABLE_FAKE: '1' });
const postgres = () => join(data, 'postgres');

beforeAll(async () => {
  data = await postgresFolder();
  archive = await postgresFolder();
  spare = await postgresFolder();
});
afterAll(async () => {
  await endServer(postgres());
  for (const folder of [data, archive, spare])
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function nii(args: readonly string[], over: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...settings(), ...over };
  return new Promise((resolve) => {
    execFile(process.execPath, [...program, ...args], { env, maxBuffer: 1e8 }, (error, out, err) => {
      const code = typeof error?.code === 'number' ? error.code : error === null ? 0 : -1;
      resolve({ code, out, err });
    });
  });
}

/* ---- Uploads until the loss ------------------------------------------------------------------------------- */

async function upload(service: RunningService, seed: number): Promise<void> {
  const { payload, headers } = form([{ file: 'a.fake', bytes: fakeScan({ seed }) }]);
  const sentAt = Date.now();
  try {
    const answer = await fetch(`${service.address}/v1/scans`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, ...headers },
      body: new Uint8Array(payload),
      signal: AbortSignal.timeout(20_000),
    });
    const body = await answer.json();
    if (answer.status === 202)
      uploads.push({ scanId: body.scans[0].scanId, sentAt, acknowledgedAt: Date.now() });
  } catch {
    // the service has been killed
  }
}

async function ready(service: RunningService): Promise<boolean> {
  const answer = await fetch(`${service.address}/v1/health/ready`, { signal: AbortSignal.timeout(5_000) });
  await answer.body?.cancel();
  return answer.ok;
}

async function metric(service: RunningService, name: string): Promise<number> {
  const answer = await fetch(`${service.address}/metrics`, { headers: { authorization: `Bearer ${key}` } });
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(await answer.text())?.[1]);
}

/** As a machine that loses its power: nothing ends in an orderly way. */
async function lose(service: RunningService): Promise<void> {
  const pids = [service.apiPid(), ...service.workerPids()].filter((pid) => pid !== undefined);
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  for (const pid of serverProcesses(await serverPid(postgres()))) process.kill(pid, 'SIGKILL');
  const stopped = service.stop();
  for (const pid of pids) process.kill(pid, 'SIGKILL');
  await stopped;
  await eventually('no process is left', 60, () => processesOf(data).length === 0);
  await rm(postgres(), { recursive: true });
}

story('recovery of the database to a point in time', () => {
  test('every change reaches the archive within a minute, and a failure shows', {
    timeout: 1_800_000,
  }, async () => {
    const made = await nii(['keys', 'create', '--role', 'scanner', ...site, '--json']);
    expect(made.code, made.err).toBe(0);
    key = JSON.parse(made.out).token;
    const service = await runService(settings());
    await eventually('the service answers', 180, () => ready(service));
    await eventually('the worker takes a base backup', 180, async () => (await bases()).length === 1);
    archived.from = Date.now();
    const server = await openEmbeddedPostgres(postgres(), () => {}, {
      archive: { folder: archive, days: 7 },
    });
    const ask = async (sql: string) => (await query(server.url, sql))[0] ?? {};

    let isOver = false;
    let mostBehind = 0;
    const client = async (first: number) => {
      for (let seed = first; !isOver; seed += 10) {
        await upload(service, seed);
        await pause(200, 'pace');
      }
    };
    const clients = [client(1), client(2)];
    const end = Date.now() + SECONDS * 1000;
    const middle = Date.now() + random() * SECONDS * 1000;
    for (let taken = false; Date.now() < end; ) {
      await pause(1000, 'pace');
      const { behind } = await ask(
        'select extract(epoch from now() - last_archived_time)::float8 as behind from pg_stat_archiver',
      );
      mostBehind = Math.max(mostBehind, Number(behind));
      if (taken || Date.now() < middle) continue;
      expect((await nii(['backup', '--database'])).code).toBe(0);
      taken = true;
    }
    expect(mostBehind).toBeLessThan(MOST_BEHIND_SECONDS);
    expect(await metric(service, 'nii_archive_failing')).toBe(0);
    await ask('select pg_switch_wal()');
    await pause(1000, 'work');
    archived.to = Date.now();
    const { name } = await ask('select pg_walfile_name(pg_switch_wal()) as name');
    await eventually('the last segment is archived', 90, () =>
      existsSync(join(archive, 'wal', `${name}.gz`)),
    );

    await rename(join(archive, 'wal'), join(archive, 'unmounted'));
    await pause(1000, 'work');
    await ask('select pg_switch_wal()');
    await eventually(
      'the metric shows it',
      90,
      async () => (await metric(service, 'nii_archive_failing')) === 1,
    );
    await lose(service);
    isOver = true;
    await Promise.all(clients);
    await rename(join(archive, 'unmounted'), join(archive, 'wal'));
    console.log(
      `${uploads.length} scans acknowledged; the archive was at most ${mostBehind} s behind; seed ${searchSeed}`,
    );
    expect(uploads.length).toBeGreaterThan(SECONDS / 2);
  });

  test('without its data folder, the service does not begin a new database', {
    timeout: 120_000,
  }, async () => {
    const { code, err } = await nii(['keys', 'list']);
    expect(code, err).toBe(3);
    expect(err).toMatch(/^NII_CONFIG: .*run nii restore --at latest/);
    await cp(archive, spare, { recursive: true });
  });

  test('records and objects agree at each time to which it is recovered', {
    timeout: 3_600_000,
  }, async () => {
    for (let i = 0; i < RECOVERIES; i += 1) {
      const draw = archived.from + random() * (archived.to - archived.from);
      const at = Math.max(archived.from, Math.floor(draw / 1000) * 1000);
      const restored = await restore(new Date(at).toISOString());
      const there = await scansThere();
      const before = uploads.filter(({ acknowledgedAt }) => acknowledgedAt <= at);
      const after = uploads.filter(({ sentAt }) => sentAt > at);
      expect(
        before.filter(({ scanId }) => !there.has(scanId)),
        'lost',
      ).toEqual([]);
      expect(
        after.filter(({ scanId }) => there.has(scanId)),
        'after the time',
      ).toEqual([]);
      expect(restored.objects).toBeGreaterThanOrEqual(before.length);
      const unknown = new Set<string>(restored.unknown);
      const newer = uploads.filter(({ scanId }) => !there.has(scanId));
      expect(
        newer.filter(({ scanId }) => !unknown.has(`scans/${scanId}/r1/received.json`)),
        'unnamed',
      ).toEqual([]);
      console.log(
        `${new Date(at).toISOString()}: ${before.length} scans before, ${after.length} after; ${restored.objects} objects verified, in ${restored.recoverySeconds} s`,
      );
      await rm(postgres(), { recursive: true });
    }
  });

  test('a recovery to the end has all that was archived, and a reindex brings back the rest', {
    timeout: 1_200_000,
  }, async () => {
    const drilled = await nii(['drill', '--json']);
    expect(drilled.code, drilled.err).toBe(0);
    expect(JSON.parse(drilled.out).recoveryPoint.seconds).toBeGreaterThan(0);
    await restore('latest');
    const there = await scansThere();
    const before = uploads.filter(({ acknowledgedAt }) => acknowledgedAt <= archived.to);
    expect(
      before.filter(({ scanId }) => !there.has(scanId)),
      'lost',
    ).toEqual([]);
    expect(before.length).toBeLessThan(uploads.length);
    const rebuilt = await nii(['reindex', '--yes', '--json']);
    expect(rebuilt.code, rebuilt.err + rebuilt.out).toBe(0);
    const all = await scansThere();
    expect(
      uploads.filter(({ scanId }) => !all.has(scanId)),
      'lost',
    ).toEqual([]);
    const verified = JSON.parse((await nii(['verify', '--json'])).out);
    expect(verified).toMatchObject({ missing: [], corrupt: [], unknown: [] });
    const again = JSON.parse((await nii(['drill', '--json'])).out);
    expect(again.recoveryPoint.lacking).toMatchObject({ revisions: 0, decisions: 0 });
    expect(again.verified).toMatchObject({ missing: [], corrupt: [] });
    expect((await nii(['keys', 'list'])).out).toContain('test');
    const occupied = await nii(['restore', '--at', 'latest']);
    expect(occupied.code, occupied.err).toBe(3);
    expect(occupied.err).toMatch(/^NII_CONFLICT: The data folder already has a database/);
  });

  test('a time before the first base backup, after the end or in the future is rejected', {
    timeout: 300_000,
  }, async () => {
    const first = new Date(archived.from - 3_600_000).toISOString();
    expect(await rejected(first)).toMatch(/^NII_RECOVERY_RANGE: .*no base backup before this time/);
    expect(await rejected(new Date().toISOString())).toMatch(/^NII_RECOVERY_RANGE: .*Timeline 1 ends at 20/);
    const future = new Date(Date.now() + 3_600_000).toISOString();
    expect(await rejected(future)).toMatch(/^NII_RECOVERY_RANGE: .*is in the future/);
  });

  test('a missing or damaged segment is named, and the last time before it', {
    timeout: 300_000,
  }, async () => {
    const names = (await readdir(join(spare, 'wal'))).filter((name) => /^[0-9A-F]{24}\.gz$/.test(name));
    const [segment = '', last = ''] = names.toSorted().slice(-2);
    const until = 'a recovery is possible until 20';
    await rename(join(spare, 'wal', segment), join(spare, segment));
    expect(await rejected('latest')).toMatch(
      new RegExp(`^NII_ARCHIVE_DAMAGED: .*Segment ${segment.slice(0, 24)} is missing: ${until}`),
    );
    await rename(join(spare, segment), join(spare, 'wal', segment));
    await flipBit(join(spare, 'wal', last), 1000);
    expect(await rejected('latest')).toMatch(
      new RegExp(
        `^NII_ARCHIVE_DAMAGED: .*Segment ${segment.slice(0, 24)} or the next one is damaged: ${until}`,
      ),
    );
    await flipBit(join(spare, 'wal', last), 1000);
  });

  test('a damaged base backup is rejected, and an earlier one is used instead', {
    timeout: 300_000,
  }, async () => {
    const [first, second = ''] = await readdir(join(spare, 'base'));
    const file = join(spare, 'base', second, 'pgdata', 'global', 'pg_control');
    await flipBit(file, 100);
    expect(await rejected('latest')).toMatch(
      /^NII_ARCHIVE_DAMAGED: .*pg_control is damaged or missing.*move the folder/,
    );
    await rename(join(spare, 'base', second), join(spare, second));
    const empty = await postgresFolder();
    const over = { NII_DATA: empty, NII_DATABASE_ARCHIVE: spare };
    const { out, err } = await nii(['restore', '--at', 'latest', '--json'], over);
    expect(JSON.parse(out).base, err).toBe(first);
    await rm(empty, { recursive: true });
  });
});

async function flipBit(file: string, at: number): Promise<void> {
  const bytes = await readFile(file);
  await writeFile(
    file,
    bytes.map((byte, i) => (i === at ? byte ^ 1 : byte)),
  );
}

async function bases(): Promise<readonly string[]> {
  if (!existsSync(join(archive, 'base'))) return [];
  return (await readdir(join(archive, 'base'))).filter((name) => !name.startsWith('.'));
}

/** From the timeline of the uploads: each recovery begins another. */
async function restore(at: string) {
  const { code, out, err } = await nii(['restore', '--at', at, '--timeline', '1', '--json']);
  expect(code, err + out).toBe(4); // the objects are newer
  const restored = JSON.parse(out);
  expect(restored).toMatchObject({ missing: [], corrupt: [], timeline: 1 });
  return restored;
}

async function scansThere(): Promise<ReadonlySet<string>> {
  const { deps, close } = await openService(readConfig(settings()), silent);
  try {
    return await deps.records.transaction(async (tx) => {
      const ids = new Set<string>();
      for (let cursor: string | undefined; ; ) {
        const page = await tx.scans({ administration: 'utopia', site: '*' }, {}, 200, cursor);
        for (const { id } of page.rows) ids.add(id);
        if (page.next === undefined) return ids;
        cursor = page.next;
      }
    });
  } finally {
    await close();
  }
}

/** What a recovery from the copy of the archive is rejected with; it leaves the folder without a database. */
async function rejected(at: string): Promise<string> {
  const empty = await postgresFolder();
  const over = { NII_DATA: empty, NII_DATABASE_ARCHIVE: spare };
  const { code, err } = await nii(['restore', '--at', at], over);
  expect(code, err).toBe(3);
  const names = existsSync(join(empty, 'postgres')) ? await readdir(join(empty, 'postgres')) : [];
  expect(names.filter((name) => name !== 'lib')).toEqual([]);
  await rm(empty, { recursive: true });
  return err;
}
