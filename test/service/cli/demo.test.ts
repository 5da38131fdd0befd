import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { repositoryRoot } from '../../support/markdown-table.ts';

/** The built command, as `npm run demo` runs it. */
const program = join(repositoryRoot, 'dist/src/main.js');
const PATIENCE = 420_000;
const scans = readdirSync(join(repositoryRoot, 'fixtures/demo')).filter((name) => name !== 'manifest.json');
let data: string;
/** The demo, run again after it was killed in the middle. */
let again: Ended;
let first: readonly Record<string, unknown>[] = [];

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'nii-demo-'));
  const built = spawnSync(process.execPath, ['scripts/build.mjs', '--if-stale'], { cwd: repositoryRoot });
  expect(built.status, String(built.stderr)).toBe(0);
  await killInTheMiddle();
  again = await run(0, 'demo', '--once', '--json');
  if (again.code === 0) first = rowsOf(again.out);
}, 3 * PATIENCE);

const children = new Set<ChildProcess>();
afterAll(() => {
  // of a test that failed in the middle
  for (const child of children) child.kill('SIGKILL');
  rmSync(data, { recursive: true, force: true });
});

function start(port: number, ...args: readonly string[]) {
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, NII_DATA: data, NII_PORT: String(port) };
  const child = spawn(process.execPath, [program, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

async function run(port: number, ...args: readonly string[]): Promise<Ended> {
  const child = start(port, ...args);
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => (err += chunk));
  const [code] = await once(child, 'close');
  return { code, out, err };
}

/** Command lines of what still runs on the data folder, as the system has them. */
function stillRunning(): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      } catch {
        return ''; // gone meanwhile
      }
    })
    .filter((line) => line.includes(data));
}

/** Without what differs from run to run: the port. */
function rowsOf(out: string) {
  const rows = JSON.parse(out) as readonly Record<string, unknown>[];
  return rows.map(({ link: _, ...row }) => row);
}

async function killInTheMiddle(): Promise<void> {
  const killed = start(0, 'demo', '--once', '--json');
  const gone = once(killed, 'exit');
  for await (const chunk of killed.stderr) if (String(chunk).includes(' 5/')) break;
  killed.kill('SIGKILL');
  await gone;
}

test(
  'killed in the middle and run again, the demo ends with every bundled scan in the queue, once',
  () => {
    const { code, err } = again;
    expect(code, err).toBe(0);
    expect(err).toMatch(/already here/);
    const cases = first.map(({ scanId, container }) => `${scanId} ${container}`);
    expect(new Set(cases).size).toBe(cases.length);
    expect(new Set(first.map(({ scanId }) => scanId)).size).toBe(scans.length);
    expect(first.map(({ rank }) => rank)).toEqual(first.map((_, i) => i + 1));
    for (const row of first) {
      for (const name of ['scanId', 'converter', 'container', 'anomalyPercentile', 'reason', 'completeness'])
        expect(row).toHaveProperty(name);
    }
    expect(new Set(first.map(({ converter }) => converter)).size).toBeGreaterThanOrEqual(4);
    expect(first.some(({ reason }) => String(reason).includes('declared risk'))).toBe(true);
  },
  PATIENCE,
);

test('it ends with everything that it started', async () => {
  await expect.poll(stillRunning, { timeout: 20_000 }).toEqual([]);
});

test(
  'run once more on a taken port it says so, brings nothing new and shows the same table',
  async () => {
    const taken = createServer();
    await new Promise<void>((listening) => taken.listen(0, '127.0.0.1', listening));
    const { port } = taken.address() as AddressInfo;
    const { code, out, err } = await run(port, 'demo', '--once', '--json');
    taken.close();
    expect(code, err).toBe(0);
    expect(err).toContain(`Port ${port} is in use`);
    expect(err).not.toMatch(/new scan|new revision/);
    expect(rowsOf(out)).toEqual(first);
  },
  PATIENCE,
);

test(
  'the stores that it leaves are clean',
  async () => {
    const { code, out } = await run(0, 'verify', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ clean: true, missing: [], corrupt: [] });
  },
  PATIENCE,
);

test(
  'without --once it stays up, answers the key that it prints, and ends on SIGINT with code 0',
  async () => {
    const child = start(0, 'demo');
    const ended = once(child, 'exit');
    let out = '';
    child.stdout.on('data', (chunk) => (out += chunk));
    await eventually('it says how to end it', PATIENCE / 2000, () => out.includes('Press Ctrl-C to stop'));
    expect(out).toMatch(/^rank {2}anomaly percentile/m);
    expect(out).toMatch(/^\d+ containers with a hidden object and \d+ without one make \d+ pairs\.$/m);
    expect(out).toMatch(
      /^In \d+ pairs \(\d+ %\) .* comes first\. (The 95 % interval, .* is \d+ % to \d+ %|There are too few containers to calculate a 95 % interval)\.$/m,
    );
    expect(out).toContain('nii evaluate models/cargo-anomaly/2 --normals sim:development:1500');
    const [, token = '', address = ''] = /Bearer (nii_\S+)' (http:\S+)\/v1\/queue/.exec(out) ?? [];
    const answer = await fetch(`${address}/v1/queue`, { headers: { authorization: `Bearer ${token}` } });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ items: first.map(({ caseId }) => ({ id: caseId })) });
    child.kill('SIGINT');
    expect((await ended)[0]).toBe(0);
    const keys = JSON.parse((await run(0, 'keys', 'list', '--json')).out) as { revokedAt?: string }[];
    expect(keys.filter(({ revokedAt }) => revokedAt === undefined)).toEqual([]);
  },
  PATIENCE,
);
