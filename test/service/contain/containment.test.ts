import { execFileSync, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { containedPlan } from '../../../src/convert/convert-in-child.ts';
import { runConverter } from '../../../src/convert/run.ts';
import { defaultLimits } from '../../../src/core/limits.ts';
import { loadPackage } from '../../../src/recognise/registry.ts';
import { startChild } from '../../../src/runtime/children/running-child.ts';
import { allContainments, type Containment } from '../../../src/runtime/contain/containment.ts';
import { eventually } from '../../support/eventually.ts';
import { leftOut } from '../../support/s3-server.ts';

/** What the attacker tries; the same names in the attacker, in the decoder and in docs/security/containment.md. */
const tries = [
  'connect to a port of this machine',
  'send a datagram',
  'connect to a local socket',
  'read a file of the service',
  'read the environment of the service',
  'open the memory of the service',
  'start a program',
  'write outside its folder',
  'signal the service',
];

/** The row of a process that the decoder starts and takes out of its group. */
const LEAVING = 'leave a process behind';
const GONE_SECONDS = 10;

const folder = mkdtempSync(join(tmpdir(), 'nii-attack-'));
const secret = join(folder, 'keys.json');
const elsewhere = join(folder, 'elsewhere');
const socket = join(folder, 'database.sock');
const addon = join(folder, 'attacker', 'decoder.node');
const picture = join(folder, 'attacker', 'picture');
const LEFT_BEHIND = `nii-left-${process.pid % 100_000}`;
const server = createServer((client) => client.destroy());
const local = createServer((client) => client.destroy());
const datagrams = createSocket('udp4');
let port = 0;

beforeAll(async () => {
  cpSync(new URL('attacker', import.meta.url), join(folder, 'attacker'), { recursive: true });
  writeFileSync(secret, 'a key of the service');
  server.listen(0, '127.0.0.1');
  local.listen(socket);
  await Promise.all([once(server, 'listening'), once(local, 'listening')]);
  port = (server.address() as AddressInfo).port;
  datagrams.bind(port, '127.0.0.1');
  await once(datagrams, 'listening');
  writeFileSync(picture, Buffer.from(`${'A'.repeat(16)}\x01\0\0\0`, 'latin1'));
  const text = (name: string, value: string) => `-D${name}="${value}"`;
  const facts = [
    `-DPORT=${port}`,
    text('SOCKET', socket),
    text('SECRET', secret),
    text('PARENT', String(process.pid)),
    text('ELSEWHERE', elsewhere),
    text('LEFT_BEHIND', LEFT_BEHIND),
  ];
  const source = new URL('broken-decoder.c', import.meta.url).pathname;
  // as careless as the decoder: no check of the compiler or the C library finds the overflow
  const careless = ['-O0', '-w', '-fno-stack-protector', '-U_FORTIFY_SOURCE', '-shared', '-fPIC'];
  if (hasCompiler) execFileSync('gcc', [...careless, ...facts, '-o', addon, source]);
});

afterAll(() => {
  server.close();
  local.close();
  datagrams.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Attack {
  /** What the JavaScript of the package could do, and what the decoder could. */
  readonly script: readonly string[];
  readonly native: readonly string[];
}

/** One conversion by the attacker. */
async function attack(by: Containment | undefined): Promise<Attack> {
  const converter = await loadPackage(join(folder, 'attacker'));
  const path = join(folder, 'sent');
  const order = { port, socket, secret, parent: process.pid, elsewhere, addon, picture };
  writeFileSync(path, `NIIATTACK\n${JSON.stringify(order)}`);
  const file = { name: 'a.attack', role: 'image', complete: true, path, bytes: 1, sha256: '0'.repeat(64) };
  const workDir = mkdtempSync(join(folder, 'work-'));
  const plan = containedPlan([converter.folder]);
  const contained =
    by === undefined ? undefined : { reads: [converter.folder], ...plan.contained, addons: true, by };
  const { contained: _, ...bare } = plan;
  let printed = '';
  const outcome = runConverter({
    converter,
    files: [file],
    workDir,
    limits: defaultLimits,
    log: { warn: (fields) => (printed = String((fields as { stderr?: string }).stderr)) },
    children: {
      take: () => startChild(contained === undefined ? bare : { ...bare, contained }),
      release: (child) => child.end(),
    },
  });
  await expect(outcome).rejects.toMatchObject({ code: expect.stringMatching(/^NII_/) });
  const lines = printed.split('\n');
  const script = lines.flatMap((line) => (line.startsWith('{"done"') ? JSON.parse(line).done : []));
  expect(lines, printed).toContain('native: ran');
  const native = tries.filter((name) => lines.includes(`native: ${name}`));
  return { script, native };
}

function processesLeft(): readonly number[] {
  const names = readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name));
  const isLeft = (pid: string) => {
    try {
      return readFileSync(`/proc/${pid}/comm`, 'latin1').trim() === LEFT_BEHIND;
    } catch {
      return false; // it is gone
    }
  };
  return names.filter(isLeft).map(Number);
}

/** Whether a process of the attack outlives its child. Ends it. */
async function isOneLeft(): Promise<boolean> {
  const isGone = eventually('all are gone', GONE_SECONDS, () => processesLeft().length === 0);
  const isLeft = await isGone.then(
    () => false,
    () => true,
  );
  for (const pid of processesLeft()) process.kill(pid, 'SIGKILL');
  return isLeft;
}

/** The columns of the table: what holds against a package's script, and against native code. */
function rowsOf(kind: string): ReadonlyMap<string, string> {
  const page = readFileSync(new URL('../../../docs/security/containment.md', import.meta.url), 'utf8');
  const rows = page
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.split('|').map((cell) => cell.trim()));
  const [head = []] = rows;
  const column = head.indexOf(kind);
  expect(column, `a column for ${kind}`).toBeGreaterThan(0);
  return new Map(rows.map((cells) => [cells[1] ?? '', onThisNode(cells[column] ?? '')]));
}

/** Node's permissions cover the network from Node 25. */
function onThisNode(cell: string): string {
  if (cell !== 'open before Node 25') return cell;
  return Number.parseInt(process.versions.node, 10) < 25 ? 'open' : 'script only';
}

function answerFor({ script, native }: Attack, name: string): string {
  const held = { script: !script.includes(name), native: !native.includes(name) };
  if (held.script) return held.native ? 'stopped' : 'script only';
  return held.native ? 'native only' : 'open';
}

const hasCompiler = spawnSync('gcc', ['--version']).error === undefined;
if (!hasCompiler) leftOut('Containment', 'scripts/debian-parts.sh contain installs gcc');
const ways = hasCompiler ? await allContainments() : [];

describe
  .skipIf(!hasCompiler)
  .each([...ways.map((way) => [way.kind, way] as const), ['none', undefined] as const])('%s', (kind, way) => {
  test('stops what docs/security/containment.md says, and leaves nothing behind', async () => {
    rmSync(elsewhere, { force: true });
    const result = await attack(way);
    const expected = rowsOf(kind);
    const measured = new Map(tries.map((name) => [name, answerFor(result, name)]));
    measured.set(LEAVING, (await isOneLeft()) ? 'open' : 'stopped');
    expect(Object.fromEntries(measured)).toEqual(
      Object.fromEntries([...tries, LEAVING].map((name) => [name, expected.get(name)])),
    );
    expect(existsSync(elsewhere)).toBe(measured.get('write outside its folder') !== 'stopped');
  });
});

test.skipIf(!hasCompiler)('this machine allows at least one way to contain a child', () => {
  expect(ways.length).toBeGreaterThan(0);
});
