import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import type { Channel } from '../../../src/core/scan/scan.ts';
import { encodeNpy } from '../../../src/format/npy.ts';
import { encodeTiff } from '../../../src/format/tiff.ts';
import { hasDicomTools, hasPython, inFolder } from '../../support/dicom-tools.ts';
import { channelOf, noise, smooth } from '../../support/scan.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** tifffile and NumPy read each file; the answer is one JSON a line. */
const reader = `
import sys, json, hashlib, numpy, tifffile
for path in sys.argv[1:]:
    if path.endswith('.npy'):
        a = numpy.load(path)
        facts = {'shape': a.shape, 'type': a.dtype.str}
    else:
        with tifffile.TiffFile(path) as t:
            page = t.pages[0]
            a = page.asarray()
            facts = {'tile': page.tile, 'compression': page.compression.name, 'predictor': page.predictor.name,
                     'levels': [p.shape[:2] for p in t.pages], 'type': a.dtype.str}
    print(json.dumps({**facts, 'sha256': hashlib.sha256(a.tobytes()).hexdigest()}))
`;

interface Facts {
  readonly sha256: string;
  readonly type: string;
  readonly [fact: string]: unknown;
}

async function read(
  files: readonly { readonly name: string; readonly bytes: Uint8Array }[],
): Promise<readonly Facts[]> {
  return inFolder(async (folder) => {
    const paths = files.map(({ name, bytes }) => {
      const path = join(folder, name);
      writeFileSync(path, bytes);
      return path;
    });
    const out = execFileSync('/usr/bin/python3', ['-c', reader, ...paths], { encoding: 'utf8' });
    return out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  });
}

describe.skipIf(!hasPython('tifffile', 'numpy'))('a TIFF', () => {
  const shapes: readonly Partial<Channel>[] = [
    { rows: 700, columns: 900 },
    { rows: 300, columns: 40, frames: 2 },
    { rows: 600, columns: 500, bitsAllocated: 8, bitsStored: 8 },
    { rows: 520, columns: 300, samplesPerPixel: 3 },
    { rows: 20, columns: 30, bitsAllocated: 8, bitsStored: 8, samplesPerPixel: 3 },
  ];

  test('gives tifffile and libvips the very samples on its first page', { timeout: 60_000 }, async () => {
    const files = await Promise.all(
      shapes.map(async (shape, i) => {
        const channel = channelOf(shape);
        const plane = noise(channel.bytes, `tiff ${i}`);
        return { name: `${i}.tif`, plane, channel, bytes: await encodeTiff(channel, plane) };
      }),
    );
    const facts = await read(files);
    for (const [i, { plane, channel, bytes }] of files.entries()) {
      expect(facts[i]?.sha256).toBe(sha256(plane));
      const wide = channel.bitsAllocated === 16;
      const space = `${channel.samplesPerPixel === 1 ? 'grey' : 'rgb'}16`;
      const picture = wide ? sharp(bytes).toColourspace(space) : sharp(bytes);
      const back = picture.raw({ depth: wide ? 'ushort' : 'uchar' });
      const grey = channel.samplesPerPixel === 1 && !wide ? back.toColourspace('b-w') : back;
      expect(sha256(await grey.toBuffer())).toBe(sha256(plane));
    }
  });

  test('is tiled, deflated with a predictor, and halves to a small level', async () => {
    const channel = channelOf({ rows: 700, columns: 900 });
    const [facts] = await read([{ name: 'a.tif', bytes: await encodeTiff(channel, smooth(channel)) }]);
    expect(facts).toMatchObject({
      tile: [256, 256],
      compression: 'ADOBE_DEFLATE',
      predictor: 'HORIZONTAL',
      type: '<u2',
      levels: [
        [700, 900],
        [350, 450],
        [175, 225],
      ],
    });
  });

  test('of a class map has no smaller level, since a mean of classes is none', async () => {
    const channel = channelOf({
      kind: 'class-map',
      rows: 700,
      columns: 900,
      bitsAllocated: 8,
      bitsStored: 8,
    });
    const bytes = await encodeTiff(channel, noise(channel.bytes, 'classes'));
    expect((await read([{ name: 'a.tif', bytes }]))[0]?.levels).toEqual([[700, 900]]);
  });

  test.each<Partial<Channel>>([
    { sampleFormat: 'signed' },
    { bitsAllocated: 32, bitsStored: 32 },
    { bitsAllocated: 32, bitsStored: 32, sampleFormat: 'float' },
    { samplesPerPixel: 4 },
    { samplesPerPixel: 3, planar: true },
  ])('is refused, with what can hold them, for %o', async (part) => {
    const channel = channelOf(part);
    const refused = encodeTiff(channel, noise(channel.bytes, 'any'));
    await expect(refused).rejects.toMatchObject({ code: 'NII_UNSUPPORTED_VARIANT' });
    await expect(refused).rejects.toThrow(/npy/);
  });
});

test.skipIf(!hasDicomTools())('a NumPy array holds the very samples of any channel', async () => {
  const cases: readonly [Partial<Channel>, string, readonly number[]][] = [
    [{}, '<u2', [24, 32]],
    [{ bitsAllocated: 8, bitsStored: 8 }, '|u1', [24, 32]],
    [{ sampleFormat: 'signed' }, '<i2', [24, 32]],
    [{ bitsAllocated: 32, bitsStored: 32, sampleFormat: 'float' }, '<f4', [24, 32]],
    [{ bitsAllocated: 64, bitsStored: 64, sampleFormat: 'float' }, '<f8', [24, 32]],
    [{ bitsAllocated: 64, bitsStored: 64 }, '<u8', [24, 32]],
    [{ frames: 3, samplesPerPixel: 3 }, '<u2', [3, 24, 32, 3]],
    [{ frames: 2, samplesPerPixel: 3, planar: true }, '<u2', [2, 3, 24, 32]],
  ];
  const files = cases.map(([part], i) => {
    const channel = channelOf(part);
    const plane = noise(channel.bytes, `npy ${i}`);
    return { name: `${i}.npy`, plane, bytes: encodeNpy(channel, plane) };
  });
  const facts = await read(files);
  for (const [i, [, type, shape]] of cases.entries()) {
    expect(facts[i]).toEqual({ type, shape, sha256: sha256(files[i]?.plane ?? new Uint8Array()) });
  }
});

test.skipIf(!hasDicomTools())(
  'packed bits become one byte a sample, least significant bit first',
  async () => {
    const channel = channelOf({ rows: 3, columns: 5, bitsAllocated: 1, bitsStored: 1 });
    const [facts] = await read([
      { name: 'a.npy', bytes: encodeNpy(channel, Uint8Array.of(0b10000101, 0b1)) },
    ]);
    const expected = Uint8Array.of(1, 0, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0);
    expect(facts).toEqual({ type: '|u1', shape: [3, 5], sha256: sha256(expected) });
  },
);
