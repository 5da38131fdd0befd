import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
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

/** What the attacker tries: the same names in the attacker, in the decoder and in docs/security/containment.md. */
const decoder = readFileSync(new URL('broken-decoder.c', import.meta.url), 'utf8');
const tries = [...decoder.matchAll(/^ {4}\{"(.+)", can_\w+\},$/gm)].map(([, name = '']) => name);
/** The last, because it ends the program of Node. */
const BECOMING = 'become another program';
tries.push(BECOMING);

/** The row of a process that the decoder starts and takes out of its group. */
const LEAVING = 'leave a process behind';
const GONE_SECONDS = 10;

const folder = mkdtempSync(join(tmpdir(), 'nii-attack-'));
const secret = join(folder, 'keys.json');
const elsewhere = join(folder, 'elsewhere');
const socket = join(folder, 'database.sock');
const abstract = `nii-attack-${process.pid}`;
const addon = join(folder, 'attacker', 'decoder.node');
const picture = join(folder, 'attacker', 'picture');
const LEFT_BEHIND = `nii-left-${process.pid % 100_000}`;
const server = createServer((client) => client.destroy());
const local = createServer((client) => client.destroy());
const abstractServer = createServer((client) => client.destroy());
const datagrams = createSocket('udp4');
let port = 0;

beforeAll(async () => {
  cpSync(new URL('attacker', import.meta.url), join(folder, 'attacker'), { recursive: true });
  writeFileSync(secret, 'a key of the service');
  server.listen(0, '127.0.0.1');
  local.listen(socket);
  abstractServer.listen(`\0${abstract}`);
  await Promise.all([server, local, abstractServer].map((each) => once(each, 'listening')));
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
    text('ABSTRACT', abstract),
    text('VICTIMS', victimsOf('native')),
    text('READABLE', readableBy('native')),
  ];
  const source = new URL('broken-decoder.c', import.meta.url).pathname;
  // as careless as the decoder: no check of the compiler or the C library finds the overflow
  const careless = ['-O0', '-w', '-fno-stack-protector', '-U_FORTIFY_SOURCE', '-shared', '-fPIC'];
  if (hasCompiler) execFileSync('gcc', [...careless, ...facts, '-o', addon, source]);
});

afterAll(() => {
  server.close();
  local.close();
  abstractServer.close();
  datagrams.close();
  rmSync(folder, { recursive: true, force: true });
});

const actors = ['script', 'native'] as const;
type Actor = (typeof actors)[number];

/** Files of the service: what one attacker deletes, the other could not. */
function victimsOf(actor: Actor): string {
  return join(folder, `victims-${actor}`);
}

/** A file that the package may read. */
function readableBy(actor: Actor): string {
  return join(folder, 'attacker', `readable-${actor}`);
}

const modes = { data: 0o710, object: 0o600 };

function makeVictims(): void {
  for (const actor of actors) {
    const victims = victimsOf(actor);
    rmSync(victims, { recursive: true, force: true });
    mkdirSync(join(victims, 'data'), { recursive: true });
    for (const name of ['object', 'doomed', 'named']) writeFileSync(join(victims, name), 'of the service');
    for (const [name, mode] of Object.entries(modes)) chmodSync(join(victims, name), mode);
    writeFileSync(readableBy(actor), 'of the package');
  }
}

interface Attack {
  /** What the JavaScript of the package could do, and what the decoder could. */
  readonly script: readonly string[];
  readonly native: readonly string[];
  /** Whether a process that only runs as the same user is still there. */
  readonly victimLives: boolean;
}

/** One conversion by the attacker. */
async function attack(by: Containment | undefined): Promise<Attack> {
  const converter = await loadPackage(join(folder, 'attacker'));
  const path = join(folder, 'sent');
  makeVictims();
  rmSync(elsewhere, { force: true });
  const victim = spawn('sleep', ['60'], { stdio: 'ignore' });
  const workDir = mkdtempSync(join(folder, 'work-'));
  const rooms = await mkdtemp(join(folder, 'room-'));
  const order = {
    ...{ port, socket, abstract, secret, parent: process.pid, elsewhere, addon, picture },
    victims: victimsOf('script'),
    readable: readableBy('script'),
    room: by === undefined ? workDir : join(rooms, 'output'),
    victim: victim.pid,
  };
  writeFileSync(path, `NIIATTACK\n${JSON.stringify(order)}`);
  const file = { name: 'a.attack', role: 'image', complete: true, path, bytes: 1, sha256: '0'.repeat(64) };
  const plan = containedPlan([converter.folder], async () => rooms);
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
  const victimLives = victim.exitCode === null && victim.signalCode === null;
  victim.kill('SIGKILL');
  return { script, native, victimLives };
}

function processesLeft(): readonly number[] {
  const names = readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name));
  const isLeft = (pid: string) => {
    try {
      const status = readFileSync(`/proc/${pid}/status`, 'latin1');
      // in a container without an init, nobody collects a process that has ended
      return status.startsWith(`Name:\t${LEFT_BEHIND}\n`) && !/^State:\tZ/m.test(status);
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
  endLeft();
  return isLeft;
}

function endLeft(): void {
  for (const pid of processesLeft()) process.kill(pid, 'SIGKILL');
}

let possibleHere: Promise<Attack> | undefined;

/** What this user can do here without containment, attacked once. */
function uncontained(): Promise<Attack> {
  possibleHere ??= attack(undefined).finally(endLeft);
  return possibleHere;
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

function answerFor({ script, native }: Pick<Attack, Actor>, name: string): string {
  const held = { script: !script.includes(name), native: !native.includes(name) };
  if (held.script) return held.native ? 'stopped' : 'script only';
  return held.native ? 'native only' : 'open';
}

/**
 * What nobody contained: only root may do it, or the kernel lacks it, or the file system. It is then no proof of a way
 * that it does not succeed there.
 */
const notEverywhere = [
  'open a netlink socket',
  'open a raw socket',
  'set an extended attribute',
  'set an extended attribute of an open file',
  'name a file by its handle',
  'mount',
  'copy a mount',
  'change the root',
  'make a user namespace',
  'make a mount namespace',
  'enter a namespace of the service',
  'open a POSIX queue',
  'keep a key in the kernel',
  'use io_uring',
  'use bpf',
  'count events of the kernel',
  'handle page faults',
  'read the log of the kernel',
  'write a setting of the kernel',
];

/** What the table says, of what this user can do here at all. */
function expectedFor(cell: string, name: string, possible: Attack): string {
  const allowed = { script: cell === 'open', native: cell !== 'stopped' };
  const only = (actor: Actor) => (allowed[actor] && possible[actor].includes(name) ? [name] : []);
  return answerFor({ script: only('script'), native: only('native') }, name);
}

const hasCompiler = spawnSync('gcc', ['--version']).error === undefined;
if (!hasCompiler) leftOut('Containment', 'scripts/debian-parts.sh contain installs gcc');
const ways = hasCompiler ? await allContainments() : [];

describe
  .skipIf(!hasCompiler)
  .each([...ways.map((way) => [way.kind, way] as const), ['none', undefined] as const])('%s', (kind, way) => {
  test('stops what docs/security/containment.md says, and leaves nothing behind', async () => {
    const possible = await uncontained();
    const result = await attack(way);
    const expected = rowsOf(kind);
    const measured = new Map(tries.map((name) => [name, answerFor(result, name)]));
    measured.set(LEAVING, (await isOneLeft()) ? 'open' : 'stopped');
    const saying = (name: string) =>
      name === LEAVING ? expected.get(name) : expectedFor(expected.get(name) ?? '', name, possible);
    expect(Object.fromEntries(measured)).toEqual(
      Object.fromEntries([...tries, LEAVING].map((name) => [name, saying(name)])),
    );
    expect(existsSync(elsewhere)).toBe(measured.get('write outside its folder') !== 'stopped');
    for (const actor of actors) expect(modesOf(actor)).toEqual(modesAfter(result[actor]));
    expect(result.victimLives).toBe(measured.get('kill a process by a pipe') === 'stopped');
  });
});

/** Of the files whose modes the converter of issue 31 opened to everybody. */
function modesOf(actor: Actor): Readonly<Record<string, number>> {
  const modeOf = (name: string) => statSync(join(victimsOf(actor), name)).mode & 0o7777;
  return Object.fromEntries(Object.keys(modes).map((name) => [name, modeOf(name)]));
}

function modesAfter(done: readonly string[]): Readonly<Record<string, number>> {
  return {
    data: done.includes('chmod the data folder') ? 0o777 : modes.data,
    object: done.some((name) => name.startsWith('chmod an object')) ? 0o777 : modes.object,
  };
}

describe.skipIf(!hasCompiler)('the table of docs/security/containment.md', () => {
  test('names each attempt once, and no other', () => {
    expect(new Set([...rowsOf('none').keys()].slice(2))).toEqual(new Set([...tries, LEAVING]));
  });

  test('says why, of all that the two strongest ways allow', () => {
    const reasons = rowsOf('why it is allowed');
    const isAllowed = (name: string) =>
      [rowsOf('bubblewrap'), rowsOf('landlock')].some((way) => way.get(name) !== 'stopped');
    const unexplained = [...tries, LEAVING].filter((name) => isAllowed(name) !== (reasons.get(name) !== ''));
    expect(unexplained).toEqual([]);
  });

  test('calls open without containment what an uncontained converter does here', async () => {
    const possible = await uncontained();
    const none = rowsOf('none');
    const other = tries.filter((name) => answerFor(possible, name) !== none.get(name));
    expect(other.filter((name) => !notEverywhere.includes(name))).toEqual([]);
  });
});

test.skipIf(!hasCompiler)('this machine allows at least one way to contain a child', () => {
  expect(ways.length).toBeGreaterThan(0);
});
