import {
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { KitReport } from '../../../src/tools/kit/report.ts';
import { openWorld, type World } from '../../support/world.ts';

let world: World;
const at = (...names: readonly string[]) => join(world.dir, ...names);
const reference = 'scene-numpy-7';

beforeAll(async () => {
  world = await openWorld();
  await world.nii('kit', 'make', at('kit'), '--seed', '7');
  await world.nii('kit', 'key', at('key'));
  await world.nii('convert', ...referenceFiles(), '--out', at('exports', reference), '--format', 'dicos');
  mkdirSync(at('copied'));
  cpSync(at('kit', 'cases', reference), at('copied', reference), { recursive: true });
});
afterAll(() => world.close());

function referenceFiles(): readonly string[] {
  return readdirSync(at('kit', 'cases', reference)).map((name) => at('kit', 'cases', reference, name));
}

async function scored(...args: readonly string[]): Promise<{ code: number; report: KitReport }> {
  const { code, out } = await world.nii('kit', 'score', at('kit'), '--json', ...args);
  return { code, report: JSON.parse(out) as KitReport };
}

test('every installed converter makes of the kit what is expected', async () => {
  const { code, report } = await scored();
  expect(report.cases.filter(({ ok }) => !ok)).toEqual([]);
  expect(code).toBe(0);
  expect(report.cases.length).toBeGreaterThan(60);
});

test('our own DICOS of the reference scene passes as an export, and one changed sample fails it', async () => {
  expect(await scored('--export', at('exports'))).toMatchObject({
    code: 0,
    report: { score: 100, passed: true },
  });

  mkdirSync(at('other', reference), { recursive: true });
  for (const file of referenceFiles()) copyFileSync(file, at('other', reference, file.split('/').at(-1)!));
  const array = readdirSync(at('other', reference)).find((name) => name.endsWith('.npy'))!;
  const bytes = readFileSync(at('other', reference, array));
  bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1;
  writeFileSync(at('other', reference, array), bytes);
  const { code, report } = await scored('--export', at('other'), '--pass', '99');
  expect({ code, passed: report.passed }).toEqual({ code: 1, passed: false });
  expect(report.cases[0]?.checks.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual([
    'samples of transmission low',
  ]);
});

test('the files of the kit itself are no export, and nothing passes where nothing is', async () => {
  const copied = await scored('--export', at('copied'));
  expect(copied).toMatchObject({ code: 1, report: { passed: false } });
  mkdirSync(at('empty'));
  expect(await scored('--export', `${at('empty')}/`, '--pass', '1')).toMatchObject({
    code: 1,
    report: { score: 0, passed: false, subject: { id: 'empty' } },
  });
  const none = await world.nii('kit', 'score', at('kit'), '--export', at('nowhere'));
  expect(none).toMatchObject({ code: 3, err: expect.stringMatching(/^NII_NOT_FOUND/) });
  symlinkSync(at('kit', 'cases'), at('empty', reference));
  const linked = await world.nii('kit', 'score', at('kit'), '--export', at('empty'));
  expect(linked).toMatchObject({ code: 3, err: expect.stringMatching(/^NII_/) });
});

test('a report says of which kit and files it is, and is held to them', async () => {
  const signed = at('export.jws');
  await scored('--export', at('exports'), '--key', at('key'), '--report', signed);
  const verify = (...args: readonly string[]) =>
    world.nii('kit', 'verify', signed, '--key', at('key.pub'), ...args);
  const good = await verify('--kit', at('kit'), '--export', at('exports'));
  expect(good.err).toBe('');
  expect(good.out).toContain('the pass mark is 100 %: passed');
  expect(good.out).toContain(JSON.parse((await verify('--json')).out).report.kit.sha256);
  const other = await verify('--kit', at('kit'), '--export', at('copied'));
  expect(other).toMatchObject({ code: 3, err: expect.stringMatching(/^NII_HASH_MISMATCH/) });
  await world.nii('kit', 'make', at('kit-8'), '--seed', '8');
  expect((await verify('--kit', at('kit-8'))).err).toContain('not about the kit');
  expect((await verify('--export', at('exports'))).code).toBe(2);
});

test('a key that cannot sign and a report that is there are said before anything is scored', async () => {
  const score = (key: string, report: string) =>
    world.nii('kit', 'score', at('kit'), '--converter', 'ase', '--key', at(key), '--report', at(report));
  expect((await score('key.pub', 'public.jws')).err).toMatch(/^NII_MALFORMED.*without \.pub/);
  expect((await score('key', 'key')).err).toMatch(/^NII_CONFLICT/);
  expect((await score('key', 'no/folder.jws')).err).toMatch(/^NII_NOT_FOUND/);
});

test('a report that was changed after signing is refused, and one of another key too', async () => {
  const signed = at('report.jws');
  await scored('--converter', 'ase', '--key', at('key'), '--report', signed);
  expect(await world.nii('kit', 'verify', signed, '--key', at('key.pub'))).toMatchObject({ code: 0 });
  await world.nii('kit', 'key', at('stranger'));
  const stranger = await world.nii('kit', 'verify', signed, '--key', at('stranger.pub'));
  expect(stranger.err).toContain('NII_HASH_MISMATCH');

  const [head = '', payload = '', signature = ''] = readFileSync(signed, 'utf8').split('.');
  const report = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
  const better = Buffer.from(JSON.stringify({ ...report, score: 99.9 })).toString('base64url');
  writeFileSync(at('forged.jws'), [head, better, signature].join('.'));
  const forged = await world.nii('kit', 'verify', at('forged.jws'));
  expect(forged.err).toContain('NII_HASH_MISMATCH');
  expect(forged.code).not.toBe(0);
});

test('a kit whose files were changed is refused', async () => {
  cpSync(at('kit'), at('changed'), { recursive: true });
  writeFileSync(at('changed', 'cases', 'ase.one-panel', 'one.ase'), 'something else');
  const { code, err } = await world.nii('kit', 'score', at('changed'), '--converter', 'ase');
  expect(err).toContain('NII_CORRUPT');
  expect(code).not.toBe(0);
});
