import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { fakeScan, form } from '../support/fake-scan.ts';
import { endServer, kill, processesOf, serverPid } from '../support/postgres/server-processes.ts';
import { postgresFolder } from '../support/postgres-server.ts';
import { program, type RunningService, runService } from '../support/running-service.ts';

/** Every part is back within this time. */
const BACK_SECONDS = 30;
const run = promisify(execFile);

let data: string;
let dir: string;
let service: RunningService;
let watcher: ChildProcess;
let watched = '';
/** A program of the server's own user, whose number the lock files are made to name. */
let bystander: ChildProcess;
/** What a command takes where nothing is wrong: most of it is the start of Node. */
let commandSeconds = 0;
const keys = { scanner: '', supervisor: '' };
const env = () => ({
  PATH: process.env.PATH,
  HOME: process.env.HOME,
  NII_DATA: data,
  NII_ENABLE_FAKE: '1',
});

beforeAll(async () => {
  data = await postgresFolder();
  dir = await mkdtemp(join(tmpdir(), 'nii-recovery-'));
  service = await runService({ NII_DATA: data, NII_ENABLE_FAKE: '1' });
  await eventually('the service answers', 120, isReady);
  for (const role of ['scanner', 'supervisor'] as const) {
    const site = ['--administration', 'utopia', '--site', 'harbour', '--name', role];
    const began = Date.now();
    const { stdout } = await nii('keys', 'create', '--role', role, ...site, '--json');
    commandSeconds = (Date.now() - began) / 1000;
    keys[role] = JSON.parse(stdout).token;
  }
  await mkdir(join(dir, 'share'));
  await writeFile(join(dir, 'key'), `${keys.scanner}\n`, { mode: 0o600 });
  watcher = startWatcher();
  await writeFile(join(dir, 'share', 'first.fake'), fakeScan({ seed: 1 }));
  await eventually('nii watch is at work', 120, () => sentFiles() > 0);
  const { uid, gid } = await stat(join(data, 'postgres', 'cluster'));
  bystander = spawn('sleep', ['3600'], { uid, gid, stdio: 'ignore' });
});

afterAll(async () => {
  bystander?.kill();
  if (watcher !== undefined) {
    watcher.kill('SIGTERM');
    await once(watcher, 'exit');
  }
  await service?.stop();
  await endServer(join(data, 'postgres'));
  for (const folder of [data, dir]) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

function nii(...args: readonly string[]) {
  return run(process.execPath, [...program, ...args], { env: env() });
}

function startWatcher(): ChildProcess {
  const args = [join(dir, 'share'), '--url', service.address, '--key-file', join(dir, 'key')];
  const quick = ['--settle', '1', '--group-wait', '1', '--poll', '0', '--state', join(dir, 'state')];
  const child = spawn(process.execPath, [...program, 'watch', ...args, ...quick, '--json'], {
    env: env(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.stdout.on('data', (chunk: Buffer) => {
    watched += chunk.toString();
  });
  return child;
}

async function isReady(): Promise<boolean> {
  const answer = await fetch(`${service.address}/v1/health/ready`, { signal: AbortSignal.timeout(5_000) });
  await answer.body?.cancel();
  return answer.ok;
}

async function sendScan(seed: number): Promise<string> {
  const { payload, headers } = form([{ file: 'a.fake', bytes: fakeScan({ seed }) }]);
  const answer = await fetch(`${service.address}/v1/scans`, {
    method: 'POST',
    headers: { authorization: `Bearer ${keys.scanner}`, ...headers },
    body: new Uint8Array(payload),
    signal: AbortSignal.timeout(10_000),
  });
  expect(answer.status).toBe(202);
  const { scans } = await answer.json();
  return scans[0].scanId;
}

/** What only a worker does. */
async function isConverted(scanId: string): Promise<boolean> {
  const answer = await fetch(`${service.address}/v1/scans/${scanId}`, {
    headers: { authorization: `Bearer ${keys.supervisor}` },
    signal: AbortSignal.timeout(5_000),
  });
  const { state } = await answer.json();
  return ['converted', 'analysed'].includes(state);
}

const sentFiles = () => watched.match(/"event":"sent"/g)?.length ?? 0;

async function killServer(): Promise<void> {
  process.kill(await serverPid(join(data, 'postgres')), 'SIGKILL');
}

async function killAll(): Promise<void> {
  for (const pid of processesOf(await serverPid(join(data, 'postgres')))) kill(pid, 'SIGKILL');
}

/** In one stroke: nobody may start the server in between. */
async function killAllAndGiveItsNumberAway(): Promise<void> {
  const pids = processesOf(await serverPid(join(data, 'postgres')));
  const cluster = join(data, 'postgres', 'cluster');
  const locks = ['pgdata/postmaster.pid', '.s.PGSQL.5432.lock'].map((name) => join(cluster, name));
  const texts = locks.map((lock) => readFileSync(lock, 'utf8').replace(/^\d+/, String(bystander.pid)));
  for (const pid of pids) kill(pid, 'SIGKILL');
  for (const [i, lock] of locks.entries()) writeFileSync(lock, texts[i] ?? '');
}

test.each([
  ['its server is killed', killServer],
  ['all its processes are killed', killAll],
  ['all are killed, and another program has got the number in its lock', killAllAndGiveItsNumberAway],
])(
  'the API, the worker, nii watch and commands are back within 30 s after the database: %s',
  async (what, incident) => {
    await eventually('the service answers', 120, isReady);
    const sent = sentFiles();
    await incident();
    const began = Date.now();
    const seconds = () => Math.round((Date.now() - began) / 100) / 10;
    const seed = 1000 + Math.floor(began % 1_000_000);
    const api = eventually('the API is ready', BACK_SECONDS, isReady).then(seconds);
    const worker = (async () => {
      let scanId = '';
      await eventually('the API takes a scan', BACK_SECONDS, async () => {
        scanId = await sendScan(seed);
        return true;
      });
      await eventually('the worker converts it', BACK_SECONDS, () => isConverted(scanId));
      return seconds();
    })();
    const watch = (async () => {
      await writeFile(join(dir, 'share', `${seed}.fake`), fakeScan({ seed: seed + 1 }));
      await eventually('nii watch sends a file', BACK_SECONDS, () => sentFiles() > sent);
      return seconds();
    })();
    const command = nii('keys', 'list', '--json').then(() => seconds() - commandSeconds);
    const took = await Promise.all([api, worker, watch, command]);
    console.log(
      `${what}: API ${took[0]} s, worker ${took[1]} s, watch ${took[2]} s, command ${took[3].toFixed(1)} s beyond its usual ${commandSeconds} s`,
    );
    expect(Math.max(...took)).toBeLessThan(BACK_SECONDS);
    expect(bystander.exitCode).toBe(null);
    expect(service.log()).not.toContain('can change the audit');
  },
);

test('what the service keeps is closed to other users', async () => {
  const { stdout } = await run('find', [
    data,
    '-ignore_readdir_race',
    '-not',
    '-type',
    'l',
    '-perm',
    '/077',
    '-printf',
    '%P %m\n',
  ]);
  const open = stdout.trim().split('\n').filter(Boolean);
  // as root, the database's own user passes through its parents
  expect(open.toSorted()).toEqual(process.getuid?.() === 0 ? ['710', 'postgres 710'] : []);
});
