import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { textOf } from '../../../src/codec/dicom/data-set.ts';
import { readDicom } from '../../../src/codec/dicom/read/read.ts';
import { defaultLimits } from '../../../src/core/limits.ts';
import { openWorld, type World } from '../../support/world.ts';

const scan = fileURLToPath(new URL('../../../converters/ase/fixtures/three-panels/', import.meta.url));
let world: World;
let files: readonly string[];

beforeAll(async () => {
  world = await openWorld();
  files = (await readdir(scan)).filter((name) => name !== 'expected.json').map((name) => join(scan, name));
});
afterAll(() => world.close());

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const convert = async (format: string, ...more: readonly string[]) => {
  const out = join(world.dir, [format, ...more].join('-'));
  const ran = await world.nii('convert', ...files, '--out', out, '--format', format, ...more);
  expect(ran).toMatchObject({ code: 0, err: '' });
  return { out, names: await readdir(out) };
};

test.each([
  ['dicos', '1.2.840.10008.5.1.4.1.1.501.2.2', 'dcs'],
  ['dicos-presentation', '1.2.840.10008.5.1.4.1.1.501.2.1', 'dcs'],
  ['medical-dx', '1.2.840.10008.5.1.4.1.1.1.1', 'dcm'],
])('%s writes its class in the syntax that --syntax names', async (format, sopClass, extension) => {
  const { out, names } = await convert(format, '--syntax', 'htj2k');
  expect(names).toContain(`main-high.${extension}`);
  const { dataSet, transferSyntax } = readDicom(
    await readFile(join(out, `main-high.${extension}`)),
    'file',
    defaultLimits,
  );
  expect(textOf(dataSet, '00080016')).toBe(sopClass);
  expect(transferSyntax).toBe('1.2.840.10008.1.2.4.201');
});

test('tiff and npy write one file a channel', async () => {
  expect((await convert('tiff')).names).toContain('main-high.tif');
  expect((await convert('npy')).names).toContain('main-high.npy');
});

test('original writes the files byte for byte as they came', async () => {
  const { out, names } = await convert('original');
  const hashesOf = async (paths: readonly string[]) =>
    (await Promise.all(paths.map(async (path) => sha256(await readFile(path))))).toSorted();
  expect(await hashesOf(names.map((name) => join(out, name)))).toEqual(await hashesOf(files));
});

test('a scan that holds no image is named, nothing is written, and the exit code is 4', async () => {
  const record = fileURLToPath(new URL('../../../converters/n42/fixtures/', import.meta.url));
  const [fixture = ''] = (await readdir(record)).toSorted();
  const [file = ''] = (await readdir(join(record, fixture))).filter((name) => name !== 'expected.json');
  const out = join(world.dir, 'empty');
  const ran = await world.nii('convert', join(record, fixture, file), '--out', out, '--format', 'raw');
  expect(ran).toEqual({
    code: 4,
    out: '',
    err: `${file}: nothing to write as raw, because the scan has no image; nii info shows its content\n`,
  });
  expect(await readdir(out).catch(() => [])).toEqual([]);
});

test.each([
  ['png', 'rle', 'use it with dicos'],
  ['dicos', 'jpeg', 'use explicit'],
])('--format %s --syntax %s is wrong use, said in words', async (format, syntax, words) => {
  const args = ['--out', join(world.dir, 'wrong'), '--format', format, '--syntax', syntax];
  const { code, err } = await world.nii('convert', ...files, ...args);
  expect(code).toBe(2);
  expect(err).toContain(words);
});
