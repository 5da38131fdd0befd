import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JWK } from 'jose';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { loadConverters } from '../../../src/recognise/registry.ts';
import { defaultEffort } from '../../../src/tools/contract/contract.ts';
import { runGuardedContract } from '../../../src/tools/contract/guarded.ts';
import { newPackage } from '../../../src/tools/contract/new-package.ts';
import { makeKey, readKey } from '../../../src/tools/kit/key.ts';
import { makeKit } from '../../../src/tools/kit/make.ts';
import { type KitReport, signReport, verifyReport } from '../../../src/tools/kit/report.ts';
import { scoreKit } from '../../../src/tools/kit/score.ts';
import { hashOfPackages } from '../../../src/tools/kit/subject-hash.ts';
import { eventually } from '../../support/eventually.ts';
import { program } from '../../support/running-service.ts';

const root = mkdtempSync(join(tmpdir(), 'nii-hostile-kit-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A mounted folder with one package, its layout replaced by a reader with this body where one is given. */
async function mounted(name: string, reader?: string): Promise<string> {
  const mount = mkdtempSync(join(root, 'mount-'));
  const folder = await newPackage(name, mount, { generator: 'node' });
  if (reader !== undefined) replaceReader(folder, reader);
  return mount;
}

function replaceReader(folder: string, body: string): void {
  const path = join(folder, 'converter.json');
  const { layout: _, ...manifest } = JSON.parse(readFileSync(path, 'utf8'));
  writeFileSync(path, JSON.stringify({ ...manifest, reader: 'reader.mjs' }));
  writeFileSync(join(folder, 'reader.mjs'), `export function read(files, sdk) {\n${body}\n}\n`);
}

/** The fixtures of a package as a kit, made before anything is wrong with it. */
async function kitOf(mount: string): Promise<string> {
  const dir = mkdtempSync(join(root, 'kit-'));
  const converters = await loadConverters({ extra: mount, enableFake: false });
  await makeKit({ dir, converters, seed: 1, scenes: 0, madeBy: 'test' });
  return dir;
}

async function scored(dir: string, mount: string, converter: string, seconds = 60) {
  return scoreKit({
    dir,
    converters: await loadConverters({ extra: mount, enableFake: false }),
    converter,
    passMark: 100,
    scoredBy: 'test',
    at: new Date(),
    seconds,
  });
}

describe('a reader under test', () => {
  let mount: string;
  let dir: string;
  beforeAll(async () => {
    mount = await mounted('under-test');
    dir = await kitOf(mount);
    expect((await scored(dir, mount, 'under-test')).score).toBe(100);
  });

  test.each([
    ['ends the process as if all were well', 'process.exit(0);'],
    ['never ends', 'for (;;) {}'],
    ['never answers', 'return new Promise(() => setInterval(() => {}, 1000));'],
    ['ends with nothing', 'return undefined;'],
    ['throws', "throw new Error('no');"],
  ])('that %s fails every case of a scan in full, and takes nothing with it', async (_, body) => {
    replaceReader(join(mount, 'under-test'), body);
    const report = await scored(dir, mount, 'under-test', 2);
    const scans = report.cases.filter(({ id }) => !id.endsWith('still-written'));
    expect(report.passed).toBe(false);
    expect(scans.map(({ passed, checks }) => [passed, checks.length > 8])).toEqual([
      [3, true],
      [3, true],
    ]); // it was recognised, by name and as whole; nothing of the record is there
  });

  test('that finds other samples fails, and so does its signed report', async () => {
    replaceReader(join(mount, 'under-test'), wrongSamples);
    const report = await scored(dir, mount, 'under-test');
    const whole = report.cases.find(({ id }) => id === 'under-test.whole');
    expect(whole?.checks.filter(({ ok }) => !ok).map(({ name }) => name)).toContain('samples of main-high');
    const secret = { ...(await exportedKey()) };
    const signed = await signReport(report, secret);
    expect((await verifyReport(signed)).report.passed).toBe(false);
    await expect(signedAnyway({ ...report, passed: true, score: 100 }, secret)).rejects.toMatchObject({
      code: 'NII_MALFORMED',
    });
    const better = report.cases.map((one) => ({ ...one, ok: true }));
    await expect(signedAnyway({ ...report, cases: better }, secret)).rejects.toMatchObject({
      code: 'NII_MALFORMED',
    });
  });

  test('is named in the report by the hash of its files', async () => {
    replaceReader(join(mount, 'under-test'), wrongSamples);
    const before = await scored(dir, mount, 'under-test');
    writeFileSync(join(mount, 'under-test', 'README.md'), 'another one');
    const after = await scored(dir, mount, 'under-test');
    expect(before.subject.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(after.subject.sha256).not.toBe(before.subject.sha256);
  });
});

const wrongSamples = `
  const bytes = files[0].bytes;
  const rows = bytes[8], columns = bytes[10], size = rows * columns * 2;
  if (bytes.length < 32 + 2 * size) throw sdk.error('NII_TRUNCATED', 'cut');
  const channel = (id) => ({ id, kind: 'transmission', energy: id, polarity: 'high-is-transparent', rows, columns,
    frames: 1, samplesPerPixel: 1, bitsAllocated: 16, bitsStored: 16, sampleFormat: 'uint' });
  const at = (n) => { const plane = bytes.slice(32 + n * size, 32 + (n + 1) * size); plane[0] ^= 1; return plane; };
  return {
    source: { format: 'under-test' }, acquired: { zone: 'unknown' }, purpose: 'operational',
    units: sdk.units(sdk.containers('CSQU3054383', 'operator', 'container')),
    views: [{ id: 'main', display: { flipRows: false, rotate: 0, flipColumns: false }, channels: [channel('high'), channel('low')] }],
    planes: new Map([['main-high', at(0)], ['main-low', at(1)]]), vendor: {},
  };`;

async function exportedKey() {
  const path = join(root, `key-${randomUUID()}`);
  await makeKey(path);
  return readKey(path);
}

/** What a signer can do who does not use our command. */
async function signedAnyway(report: KitReport, secret: JWK) {
  return verifyReport(await signReport(report, secret));
}

test('a reader that ends the process after its answer fails no case of another', async () => {
  const mount = await mounted('aaa-bad');
  await newPackage('bbb-good', mount, { generator: 'node' });
  const only = () => loadConverters({ builtIn: mount, enableFake: false });
  const dir = mkdtempSync(join(root, 'kit-'));
  await makeKit({ dir, converters: await only(), seed: 1, scenes: 0, madeBy: 'test' });
  replaceReader(join(mount, 'aaa-bad'), "setTimeout(() => process.exit(0), 20); throw new Error('no');");
  const wish = { passMark: 100, scoredBy: 'test', at: new Date(), seconds: 20 };
  const { cases } = await scoreKit({ dir, converters: await only(), ...wish });
  const good = cases.filter(({ id }) => id.startsWith('bbb-good.'));
  expect(good.length).toBeGreaterThan(1);
  expect(good.filter(({ ok }) => !ok)).toEqual([]);
  expect(cases.some(({ ok }) => !ok)).toBe(true);
});

describe('the hash of a package', () => {
  let mount: string;
  let folder: string;
  const hash = async () => hashOfPackages(await loadConverters({ builtIn: mount, enableFake: false }));
  beforeAll(async () => {
    mount = await mounted('hashed');
    folder = join(mount, 'hashed');
  });

  test.each(['fixtures/impl.mjs', 'node_modules/impl/impl.js', 'node_modules/.bin/impl', '.lib/impl.cjs'])(
    'sees code that a reader may import from %s',
    async (name) => {
      mkdirSync(join(folder, name, '..'), { recursive: true });
      writeFileSync(join(folder, name), 'one');
      const before = await hash();
      writeFileSync(join(folder, name), 'two');
      expect(await hash()).not.toBe(before);
    },
  );

  test('does not see data among the fixtures, nor which version of a mount its files are linked from', async () => {
    writeFileSync(join(folder, 'fixtures', 'note.txt'), 'one');
    writeFileSync(join(folder, 'linked.mjs'), 'one');
    const before = await hash();
    writeFileSync(join(folder, 'fixtures', 'note.txt'), 'two');
    mkdirSync(join(folder, '..2026_11'));
    writeFileSync(join(folder, '..2026_11', 'linked.mjs'), 'one');
    symlinkSync('..2026_11', join(folder, '..data'));
    rmSync(join(folder, 'linked.mjs'));
    symlinkSync('..data/linked.mjs', join(folder, 'linked.mjs'));
    expect(await hash()).toBe(before);
  });
});

function isRunning(title: string): boolean {
  const pids = readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name));
  return pids.some((pid) => {
    try {
      return readFileSync(`/proc/${pid}/comm`, 'latin1').trim() === title;
    } catch {
      return false; // it is gone
    }
  });
}

test('scoring that is interrupted ends, and leaves no report', async () => {
  const mount = await mounted('slow');
  const dir = await kitOf(mount);
  // a contained reader can write no file that we see, but its process may take another name
  const title = `slow-${process.pid}`;
  replaceReader(join(mount, 'slow'), `process.title = ${JSON.stringify(title)}; for (;;) {}`);
  const [key, report] = [join(root, 'slow.key'), join(root, 'slow.jws')];
  await makeKey(key);
  const score = [...program, 'kit', 'score', dir, '--converter', 'slow', '--key', key, '--report', report];
  const child = spawn(process.execPath, score, {
    detached: true, // a group of its own, which gets the signal as from a terminal
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, NII_CONVERTERS_DIR: mount },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = once(child, 'close');
  let said = '';
  child.stderr.on('data', (text) => (said += text));
  await eventually('the reader has begun', 120, () => isRunning(title) || child.exitCode !== null);
  expect({ begun: isRunning(title), said }).toEqual({ begun: true, said: '' });
  process.kill(-(child.pid ?? Number.NaN), 'SIGINT');
  expect(await ended).toEqual([1, null]);
  expect(existsSync(report)).toBe(false);
  expect(said).toContain('interrupted');
  // it is killed by then, and a busy machine takes a moment to remove it from the list of processes
  await eventually('the reader is gone', 10, () => !isRunning(title));
});

test('a fixture that becomes a scan and a refusal is not as stated', async () => {
  const mount = await mounted('with-stranger');
  const fixture = join(mount, 'with-stranger', 'fixtures', 'whole');
  writeFileSync(join(fixture, 'stranger.bin'), 'nobody reads this');
  const expected = JSON.parse(readFileSync(join(fixture, 'expected.json'), 'utf8'));
  expected.channels['main-high'].sha256 = 'f'.repeat(64);
  writeFileSync(join(fixture, 'expected.json'), JSON.stringify(expected));
  const result = await runGuardedContract({
    folder: join(mount, 'with-stranger'),
    others: [],
    effort: { ...defaultEffort, inputs: 1, cuts: 1 },
  });
  expect(result.claims.find(({ name }) => name.startsWith('each fixture'))?.ok).toBe(false);
});

test('a package is held to its own fixtures where another of its name is installed', async () => {
  const mount = await mounted('upgraded');
  const next = join(mkdtempSync(join(root, 'next-')), 'upgraded');
  cpSync(join(mount, 'upgraded'), next, { recursive: true });
  const at = (folder: string) => join(folder, 'fixtures', 'whole', 'expected.json');
  const others = [join(mount, 'upgraded')];
  const effort = { ...defaultEffort, inputs: 1, cuts: 1 };
  const good = await runGuardedContract({ folder: next, others, effort });
  expect(good.claims.filter(({ ok }) => !ok)).toEqual([]);
  writeFileSync(at(next), readFileSync(at(next), 'utf8').replace('CSQU3054383', 'CSQU3054384'));
  expect((await runGuardedContract({ folder: next, others, effort })).ok).toBe(false);
});

test('packages whose names begin alike do not claim each other’s files', async () => {
  const mount = await mounted('gate-scanner-a');
  await newPackage('gate-scanner-b', mount, { generator: 'node' });
  const [folder, other] = ['a', 'b'].map((letter) => join(mount, `gate-scanner-${letter}`));
  const effort = { ...defaultEffort, inputs: 1, cuts: 1 };
  expect((await runGuardedContract({ folder: folder ?? '', others: [other ?? ''], effort })).ok).toBe(true);
});

test('a package whose generator cannot be run leaves nothing behind', async () => {
  const { PATH } = process.env;
  process.env.PATH = root;
  try {
    await expect(newPackage('half', root, { generator: 'python' })).rejects.toMatchObject({
      code: 'NII_CONFIG',
    });
  } finally {
    process.env.PATH = PATH;
  }
  expect(existsSync(join(root, 'half'))).toBe(false);
});

test('a kit is not made of fixtures that no kit can name', async () => {
  const mount = await mounted('oddly-named');
  const fixtures = join(mount, 'oddly-named', 'fixtures');
  cpSync(join(fixtures, 'whole'), join(fixtures, 'with a blank'), { recursive: true });
  await expect(kitOf(mount)).rejects.toMatchObject({ code: 'NII_MALFORMED' });
});
