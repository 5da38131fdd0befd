import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { NiiScan } from '../../../src/core/scan/scan.ts';
import {
  complaints,
  decompressed,
  hasDicomTools,
  hasPython,
  pydicomSha256,
} from '../../support/dicom-tools.ts';
import { railScans } from '../../support/inputs/rail-scans.ts';
import { temporaryFolder } from '../../support/staging.ts';
import { portalLines } from '../../support/vendors/portal.ts';
import { openWorld, type World } from '../../support/world.ts';

const withNumpy = test.runIf(hasPython('numpy'));
let world: World;
let fs6000: string;
let numpy: string;

beforeAll(async () => {
  world = await openWorld();
  fs6000 = join(world.dir, 'fs6000');
  numpy = join(world.dir, 'numpy');
  for (const [layout, out] of [
    ['nuctech-fs6000', fs6000],
    ['numpy', numpy],
  ] as const) {
    const args = ['--seed', '3', '--container', '20ft', '--cargo', 'drums', '--pitch', '20'];
    expect((await world.nii('simulate', '--layout', layout, '--out', out, ...args)).code).toBe(0);
  }
});

afterAll(() => world.close());

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** SHA-256 of every channel of a [rows, columns, channels] array, as NumPy sees it. */
function numpySha256(path: string): readonly string[] {
  const script = `
import sys, hashlib, numpy
array = numpy.load(sys.argv[1])
for channel in range(array.shape[2]):
    samples = numpy.ascontiguousarray(array[:, :, channel]).astype(array.dtype.newbyteorder('<'))
    print(hashlib.sha256(samples.tobytes()).hexdigest())
`;
  return execFileSync('/usr/bin/python3', ['-c', script, path], { encoding: 'utf8' }).trim().split('\n');
}

test('the same seed makes the same bytes, another seed makes others', async () => {
  const make = async (seed: string, out: string) => {
    const args = [
      '--layout',
      'ase',
      '--container',
      '20ft',
      '--cargo',
      'empty',
      '--out',
      join(world.dir, out),
      '--json',
    ];
    return JSON.parse((await world.nii('simulate', '--seed', seed, ...args)).out)[0].files[0].sha256;
  };
  const first = await make('5', 'ase-1');
  expect(await make('5', 'ase-2')).toBe(first);
  expect(await make('6', 'ase-3')).not.toBe(first);
});

test('info joins the files of a scan and says what it understood', async () => {
  const { code, out } = await world.nii('info', '--json', fs6000, numpy);
  expect(code).toBe(0);
  const { scans, refused } = JSON.parse(out);
  expect(refused).toEqual([]);
  const ids = scans.map((scan: { converter: { id: string } }) => scan.converter.id);
  expect(new Set(ids)).toEqual(new Set(['numpy-array', 'nuctech-fs6000']));
  const scan = scans.find((one: { converter: { id: string } }) => one.converter.id === 'nuctech-fs6000');
  expect(scan).toMatchObject({ completeness: 'full', units: [{ containers: [{ state: 'valid' }] }] });
  expect(scan.originals).toHaveLength(4);
  const words = await world.nii('info', fs6000);
  expect(words.out).toContain('ISO 6346: valid');
  expect(words.out).toContain('NII_W_');
});

test('one file that no converter knows does not hide the scans beside it, and ends with code 3', async () => {
  const stranger = join(world.dir, 'stranger.bin');
  await writeFile(stranger, 'nothing that a scanner writes');
  const { code, out, err } = await world.nii('info', '--json', numpy, stranger);
  expect(code).toBe(3);
  expect(err).toMatch(/^NII_UNKNOWN_FORMAT: stranger\.bin/);
  const answer = JSON.parse(out);
  expect(answer.scans).toHaveLength(1);
  expect(answer.refused).toMatchObject([
    { files: ['stranger.bin'], problem: { code: 'NII_UNKNOWN_FORMAT' } },
  ]);
});

test('an archive stands for its members', async () => {
  const archive = join(world.dir, 'scan.tar');
  execFileSync('tar', ['-cf', archive, '-C', world.dir, 'fs6000']);
  const { scans } = JSON.parse((await world.nii('info', '--json', archive)).out);
  expect(scans).toHaveLength(1);
  expect(scans[0].originals).toHaveLength(4);
});

withNumpy('raw writes every channel exactly as NumPy reads it, with its measures and SHA-256', async () => {
  const out = join(world.dir, 'raw');
  const { code, out: printed } = await world.nii('convert', numpy, '--out', out, '--format', 'raw', '--json');
  expect(code).toBe(0);
  const [{ files }] = JSON.parse(printed).scans;
  const npy = (await readdir(numpy)).find((name) => name.endsWith('.npy')) ?? '';
  expect(files.map((file: { sha256: string }) => file.sha256)).toEqual(numpySha256(join(numpy, npy)));
  for (const { name, sha256: stated, bytes, samples } of files) {
    expect(name).toBe(`${samples.view}-${samples.channel}.raw`);
    expect(sha256(await readFile(join(out, name)))).toBe(stated);
    expect(samples.rows * samples.columns * (samples.bits / 8)).toBe(bytes);
  }
  const table = await world.nii('convert', numpy, '--out', out, '--format', 'raw');
  for (const file of files) expect(table.out).toContain(file.sha256);
});

test('several scans in one call get a folder each, one scan none', async () => {
  const out = join(world.dir, 'several');
  expect((await world.nii('convert', numpy, fs6000, '--out', out, '--format', 'json')).code).toBe(0);
  expect(new Set(await readdir(out))).toEqual(new Set(['sim-numpy-3', 'sim-nuctech-fs6000-3']));
  expect(await readdir(join(out, 'sim-numpy-3'))).toEqual(['scan.json']);
});

withNumpy('what cannot be written in a format is refused with its code and leaves no file', async () => {
  const path = join(world.dir, 'float.npy');
  const script = 'import sys, numpy; numpy.save(sys.argv[1], numpy.ones((4, 5, 1), dtype="<f4"))';
  execFileSync('/usr/bin/python3', ['-c', script, path]);
  const out = join(world.dir, 'float');
  const { code, err } = await world.nii('convert', path, '--out', out, '--format', 'png');
  expect(code).toBe(3);
  expect(err).toMatch(/^NII_UNSUPPORTED_VARIANT: float\.npy/);
  expect(existsSync(out)).toBe(false);
});

test.each(['raw', 'png', 'npy'])(
  'a scan without an image has nothing to write as %s, which ends with 4 and says so',
  async (format) => {
    const log = join(world.dir, 'portal.csv');
    await writeFile(log, portalLines([{ number: 1 }]));
    const out = join(world.dir, `no-image-${format}`);
    const { code, out: printed, err } = await world.nii('convert', log, '--out', out, '--format', format);
    expect([code, printed]).toEqual([4, '']);
    expect(err).toContain(`portal.csv: nothing to write as ${format}`);
  },
);

test('PNG holds the samples that raw holds, 16 bits of them', async () => {
  const raw = join(world.dir, 'png-raw');
  const png = join(world.dir, 'png');
  await world.nii('convert', numpy, '--out', raw, '--format', 'raw');
  await world.nii('convert', numpy, '--out', png, '--format', 'png');
  const sharp = (await import('sharp')).default;
  for (const name of await readdir(png)) {
    const picture = sharp(join(png, name));
    expect(await picture.metadata()).toMatchObject({ depth: 'ushort' });
    const samples = await picture.toColourspace('grey16').raw({ depth: 'ushort' }).toBuffer();
    expect(sha256(samples), name).toBe(sha256(await readFile(join(raw, name.replace('.png', '.raw')))));
  }
});

describe.skipIf(!hasDicomTools())('DICOS files', () => {
  test('pass dcmftest and dcmdump, hold the samples that raw holds, upright, and are the same on every run', async () => {
    const [raw, first, second] = [join(world.dir, 'd-raw'), join(world.dir, 'd-1'), join(world.dir, 'd-2')];
    await world.nii('convert', fs6000, '--out', raw, '--format', 'raw');
    for (const out of [first, second]) await world.nii('convert', fs6000, '--out', out, '--format', 'dicos');
    const names = (await readdir(first)).filter((name) => name.endsWith('.dcs'));
    expect(names).toHaveLength(3);
    const { views } = JSON.parse(await readFile(join(first, 'scan.json'), 'utf8')) as NiiScan;
    expect(views[0]?.display).toEqual({ flipRows: true, rotate: 0, flipColumns: false });
    for (const name of names) {
      const path = join(first, name);
      expect(complaints(path)).toEqual([]);
      expect(await readFile(join(second, name))).toEqual(await readFile(path));
      const syntax = execFileSync('dcmdump', ['+P', 'TransferSyntaxUID', '-Un', path], { encoding: 'utf8' });
      const uid = /\[([0-9.]+)\]/.exec(syntax)?.[1] ?? '';
      const samples = await readFile(join(raw, name.replace('.dcs', '.raw')));
      const channel = views[0]?.channels.find(({ id }) => name === `main-${id}.dcs`);
      const rowBytes = samples.length / (channel?.rows ?? 0);
      const rows = Array.from({ length: channel?.rows ?? 0 }, (_, row) =>
        samples.subarray(row * rowBytes, (row + 1) * rowBytes),
      );
      expect(pydicomSha256([decompressed(path, uid)])).toEqual([sha256(Buffer.concat(rows.toReversed()))]);
    }
  });
});

describe('an array of a rail scanner', () => {
  withNumpy.each(railScans(temporaryFolder()))(
    '$name is recognised and comes back bit for bit',
    async (rail) => {
      const { name, path } = rail;
      const { scans } = JSON.parse((await world.nii('info', path, '--json')).out);
      expect(scans).toMatchObject([{ converter: { id: 'numpy-array' } }]);
      const out = join(world.dir, name);
      const { code, out: printed } = await world.nii(
        'convert',
        path,
        '--out',
        out,
        '--format',
        'raw',
        '--json',
      );
      expect(code).toBe(0);
      const [{ files }] = JSON.parse(printed).scans;
      const found = [];
      for (const file of files) found.push(sha256(await readFile(join(out, file.name))));
      expect(found).toEqual(numpySha256(path));
    },
  );
});
