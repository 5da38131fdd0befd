import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { encodeJpegLs } from '../../../src/codec/pixels/jpeg-ls.ts';
import { encodeJpegLossless } from '../../../src/codec/pixels/native-codecs.ts';
import { readRaster } from '../../../src/codec/raster/read.ts';
import { isNiiError } from '../../../src/core/errors.ts';
import { defaultLimits } from '../../../src/core/limits.ts';
import { hasPython } from '../../support/dicom-tools.ts';

interface Found {
  readonly rows: number;
  readonly columns: number;
  readonly samples: number;
  readonly dtype: string;
  readonly sha256: string;
}

const folder = mkdtempSync(join(tmpdir(), 'nii-raster-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const script = fileURLToPath(new URL('raster_variants.py', import.meta.url));
const others = hasPython('numpy', 'PIL', 'tifffile');
const found: Readonly<Record<string, Found>> = others
  ? JSON.parse(execFileSync('/usr/bin/python3', [script, folder], { encoding: 'utf8', maxBuffer: 1 << 26 }))
  : {};

const bytesOf = (name: string) => Uint8Array.from(readFileSync(join(folder, name)));
const read = (name: string, bytes: Uint8Array = bytesOf(name), limits = defaultLimits) =>
  readRaster(bytes, limits, name);
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const kinds = { unsigned: 'uint', signed: 'int', float: 'float' } as const;

async function refusal(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'read';
  } catch (error) {
    if (isNiiError(error)) return error.code;
    throw error;
  }
}

describe.runIf(others)('samples of a picture', () => {
  it.each(Object.entries(found))('of %s are those that another reader finds', async (name, expected) => {
    const { pages } = await read(name);
    const [page] = pages;
    expect(pages).toHaveLength(1);
    expect(page).toMatchObject({ rows: expected.rows, columns: expected.columns });
    expect(page?.samplesPerPixel).toBe(expected.samples);
    expect(`${kinds[page?.sampleFormat ?? 'unsigned']}${page?.bitsAllocated}`).toBe(expected.dtype);
    expect(sha256(page?.samples ?? new Uint8Array())).toBe(expected.sha256);
  });

  it('are kept beside what says how to show them', async () => {
    const photometrics = ['min-is-white-u2.tif', 'palette-4.png', 'rgb-u1.tif', 'grey.jpg', 'grey-16.png'];
    const pages = await Promise.all(photometrics.map(async (name) => (await read(name)).pages[0]));
    expect(pages.map((page) => page?.photometric)).toEqual([
      'inverted-grey',
      'palette',
      'rgb',
      'grey',
      'grey',
    ]);
    expect(pages.map((page) => page?.lossy)).toEqual([false, false, false, true, false]);
    expect(pages[1]?.palette).toHaveLength(3 * 16);
    expect(pages[1]?.bitsStored).toBe(4);
  });

  it('are no differences where a predictor stands beside no compression: libtiff and libvips pass it over', async () => {
    const plain = bytesOf('grey-u2.tif');
    const stated = withTag(plain, 305, 2, 317);
    const [before, after] = await Promise.all([read('a.tif', plain), read('b.tif', stated)]);
    expect(stated).not.toEqual(plain);
    expect(after.pages[0]?.samples).toEqual(before.pages[0]?.samples);
  });

  it('of the lossless JPEG processes, up to 16 bits, are exact', async () => {
    const shape = {
      rows: 9,
      columns: 14,
      samplesPerPixel: 1,
      bitsAllocated: 16,
      bitsStored: 16,
      signed: false,
    };
    const samples = Uint8Array.from({ length: 9 * 14 * 2 }, (_, i) => (i * 73) % 256);
    for (const encode of [encodeJpegLossless, encodeJpegLs]) {
      const { pages } = await readRaster(await encode(samples, shape), defaultLimits, 'x.jpg');
      expect(pages[0]).toMatchObject({ rows: 9, columns: 14, bitsAllocated: 16, lossy: false });
      expect(Buffer.from(pages[0]?.samples ?? [])).toEqual(Buffer.from(samples));
    }
  });
});

describe.runIf(others)('a picture that is refused', () => {
  it.each([
    ['grey.jpg', 'NII_TRUNCATED'],
    ['grey-16.png', 'NII_TRUNCATED'],
    ['grey-u2.tif', 'NII_TRUNCATED'],
  ])('%s: its first half ends in a code', async (name, code) => {
    const bytes = bytesOf(name);
    expect(await refusal(read(name, bytes.subarray(0, bytes.length / 2)))).toBe(code);
  });

  it.each(['cmyk.jpg', 'zstd.tif'])('%s is of a variant that is not read', async (name) => {
    expect(await refusal(read(name))).toBe('NII_UNSUPPORTED_VARIANT');
  });

  it('has more pixels than the limit, and is refused before any is decoded', async () => {
    const limits = { ...defaultLimits, pixels: 1000 };
    for (const name of ['grey-u2.tif', 'grey-16.png', 'grey.jpg', 'tiles-u2.tif']) {
      expect([name, await refusal(read(name, bytesOf(name), limits))]).toEqual([name, 'NII_LIMIT_PIXELS']);
    }
  });

  it('claims samples that its bytes cannot hold', async () => {
    const big = withTag(bytesOf('deflate-u2.tif'), 257, 100_000_000 / 53);
    expect(await refusal(read('x.tif', big))).toBe('NII_LIMIT_EXPANSION');
    const png = Uint8Array.from(bytesOf('grey-8.png'));
    new DataView(png.buffer).setUint32(16, 0x7fffffff);
    expect(await refusal(read('x.png', png))).toBe('NII_MALFORMED'); // its checksum gives it away
  });

  it('is a JPEG of more columns than its bytes can hold, in the last rows of which libvips hears of nothing', async () => {
    const jpeg = bytesOf('grey.jpg');
    const frame = Buffer.from(jpeg).indexOf('ffc0', 'hex');
    new DataView(jpeg.buffer).setUint16(frame + 5, 8);
    new DataView(jpeg.buffer).setUint16(frame + 7, 65_000);
    expect(await refusal(read('x.jpg', jpeg))).toBe('NII_TRUNCATED');
  });

  it('is a JPEG of more rows than its stream holds, which libjpeg would paint grey', async () => {
    const jpeg = bytesOf('grey.jpg');
    const frame = Buffer.from(jpeg).indexOf('ffc0', 'hex');
    new DataView(jpeg.buffer).setUint16(frame + 5, 640);
    expect(await refusal(read('x.jpg', jpeg))).toBe('NII_MALFORMED');
  });

  it('has directories in a circle, or tiles of absurd size', async () => {
    const tiff = bytesOf('grey-u2.tif');
    const view = new DataView(tiff.buffer);
    const directory = view.getUint32(4, true);
    const entries = view.getUint16(directory, true);
    const circle = Uint8Array.from(tiff);
    new DataView(circle.buffer).setUint32(directory + 2 + entries * 12, directory, true);
    expect(await refusal(read('circle.tif', circle))).toBe('NII_MALFORMED');
    expect(await refusal(read('tiles.tif', withTag(bytesOf('tiles-u1.tif'), 322, 2 ** 30)))).toBe(
      'NII_LIMIT_PIXELS',
    );
  });
});

/** A little-endian TIFF with another number, and maybe another tag, in one entry of its first directory. */
function withTag(bytes: Uint8Array, tag: number, value: number, renamed = tag): Uint8Array<ArrayBuffer> {
  const changed = Uint8Array.from(bytes);
  const view = new DataView(changed.buffer);
  const directory = view.getUint32(4, true);
  for (let i = 0; i < view.getUint16(directory, true); i += 1) {
    const entry = directory + 2 + i * 12;
    if (view.getUint16(entry, true) !== tag) continue;
    view.setUint16(entry, renamed, true);
    view.setUint16(entry + 2, 4, true);
    view.setUint32(entry + 4, 1, true);
    view.setUint32(entry + 8, value, true);
  }
  return changed;
}
