import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { samplesOf } from '../../../src/codec/pixels/samples.ts';
import { type Channel, planeKey, type ScanWithPlanes } from '../../../src/core/scan/scan.ts';
import { downscale } from '../../../src/format/downscale.ts';
import { orient } from '../../../src/format/orient.ts';
import { encodePng } from '../../../src/format/png16.ts';
import { greyPng, renderPreview } from '../../../src/format/preview.ts';
import { hasDicomTools, inFolder } from '../../support/dicom-tools.ts';
import { channelOf, noise, scanOf, smooth } from '../../support/scan.ts';

const upright = { flipRows: false, rotate: 0, flipColumns: false } as const;

function withPlane(channel: Channel, plane: Uint8Array, display = upright as object): ScanWithPlanes {
  const scan = scanOf([channel]);
  const [view] = scan.views;
  const views = [{ ...view!, display: { ...upright, ...display } }];
  return { scan: { ...scan, views }, planes: new Map([[planeKey('side', channel.id), plane]]) };
}

/** The greys of a PNG that is grey, by the colour type in its header; the first colour of another. */
async function greys(png: Uint8Array) {
  expect([0, 2]).toContain(png[25]);
  const { data, info } = await sharp(png).extractChannel(0).raw().toBuffer({ resolveWithObject: true });
  return { data: [...data], columns: info.width, rows: info.height, isGrey: png[25] === 0 };
}

const sixteen = (values: readonly number[]) => new Uint8Array(Uint16Array.from(values).buffer);

describe('a preview', () => {
  test('is white at the open beam, black at the least that passes, and logarithmic in two parts between', async () => {
    const channel = channelOf({ rows: 1, columns: 5, openBeam: 60_000 });
    const scan = withPlane(channel, sixteen([60_000, 65_535, 600, 1, 6000]));
    const { preview } = (await renderPreview(scan)) ?? {};
    expect((await greys(preview!)).isGrey).toBe(true);
    // Of two thirds of the greys, a tenth of the open beam is half of two decades: 255 * (1 + 2 * 0.5 ** 1.2) / 3.
    expect((await greys(preview!)).data).toEqual([255, 255, 85, 0, 159]);
  });

  test('does not let invalid samples darken what they lie beside', async () => {
    const channel = channelOf({ rows: 2, columns: 640, openBeam: 60_000, invalidValue: 7 });
    const values = Array.from({ length: 1280 }, (_, i) => (i % 2 === 0 ? 7 : 60_000));
    const { thumbnail } = (await renderPreview(withPlane(channel, sixteen(values)))) ?? {};
    expect(new Set((await greys(thumbnail!)).data)).toEqual(new Set([255]));
  });

  test('averages areas before anything is cut to eight bits', () => {
    const channel = channelOf({ rows: 2, columns: 4, invalidValue: 9 });
    const means = downscale(channel, sixteen([1, 2, 9, 9, 3, 6, 9, 9]), 2);
    expect([means.rows, means.columns, ...means.values]).toEqual([1, 2, 3, Number.NaN]);
  });

  test('is never larger than its side, and never enlarged', { timeout: 120_000 }, async () => {
    const side = fc.integer({ min: 1, max: 6000 });
    await fc.assert(
      fc.asyncProperty(side, fc.integer({ min: 1, max: 40 }), async (columns, rows) => {
        const channel = channelOf({ rows, columns });
        const { preview, thumbnail } = (await renderPreview(withPlane(channel, smooth(channel)))) ?? {};
        const [large, small] = [await greys(preview!), await greys(thumbnail!)];
        // A train keeps 256 samples of its short side, up to 16,384 of its long one.
        const [short, long] = [rows, columns].toSorted((a, b) => a - b);
        const longest = Math.max(2048, Math.min(16_384, Math.round((256 * (long ?? 1)) / (short ?? 1))));
        expect(large.columns).toBe(Math.min(columns, longest));
        expect(small.columns).toBe(Math.min(columns, 320));
        expect(large.rows).toBeLessThanOrEqual(rows);
      }),
      { numRuns: runs(30) },
    );
  });

  test('is the same bytes for the same scan', async () => {
    const channel = channelOf({ rows: 90, columns: 700 });
    const [one, two] = [
      await renderPreview(withPlane(channel, smooth(channel))),
      await renderPreview(withPlane(channel, smooth(channel))),
    ];
    expect(Buffer.compare(one!.preview, two!.preview)).toBe(0);
    expect(Buffer.compare(one!.thumbnail, two!.thumbnail)).toBe(0);
  });

  test('shows colours as they are, of 8 bits and of more, and stretches none of them', async () => {
    const orange = [240, 144, 32];
    const colours = [...orange, 120, 72, 16, 255, 255, 255, 0, 0, 0];
    const part = { kind: 'display', polarity: 'none', samplesPerPixel: 3, rows: 2, columns: 2 } as const;
    const shown = async (more: Partial<Channel>, plane: Uint8Array) => {
      const { preview } = (await renderPreview(withPlane(channelOf({ ...part, ...more }), plane))) ?? {};
      return [...(await sharp(preview).raw().toBuffer())];
    };
    expect(await shown({ bitsAllocated: 8, bitsStored: 8 }, Uint8Array.from(colours))).toEqual(colours);
    const wide = sixteen(colours.map((value) => value * 257));
    expect(await shown({ bitsAllocated: 16, bitsStored: 16 }, wide)).toEqual(colours);
  });

  test('shows class maps, colour and every width of sample', async () => {
    const parts: readonly Partial<Channel>[] = [
      { kind: 'class-map', bitsAllocated: 8, bitsStored: 8, polarity: 'none' },
      { kind: 'display', bitsAllocated: 8, bitsStored: 8, samplesPerPixel: 3, polarity: 'none' },
      { kind: 'unknown', bitsAllocated: 1, bitsStored: 1, polarity: 'unknown' },
      { bitsAllocated: 32, bitsStored: 32, sampleFormat: 'float', polarity: 'high-is-opaque' },
      { bitsAllocated: 64, bitsStored: 64, sampleFormat: 'signed' },
    ];
    for (const part of parts) {
      const channel = channelOf(part);
      const { preview } = (await renderPreview(withPlane(channel, noise(channel.bytes, 'any')))) ?? {};
      const picture = await greys(preview!);
      expect([picture.rows, picture.columns]).toEqual([channel.rows, channel.columns]);
    }
  });

  test('prefers the high-energy transmission channel, and is absent without samples', async () => {
    const channel = channelOf();
    expect(
      await renderPreview({ scan: { ...scanOf([channel]), views: [] }, planes: new Map() }),
    ).toBeUndefined();
    const low = channelOf({ id: 'low', energy: 'low', rows: 3, columns: 3 });
    const planes = new Map([
      ['side-low', smooth(low)],
      ['side-high', smooth(channel)],
    ]);
    const { preview } = (await renderPreview({ scan: scanOf([low, channel]), planes })) ?? {};
    expect((await greys(preview!)).rows).toBe(32); // turned a quarter, as the record says
  });

  test.skipIf(!hasDicomTools())('is turned as NumPy turns it: rows flipped, turned, columns mirrored', () => {
    const script = `
import sys, json, numpy as np
flip, turns, mirror = sys.argv[1] == 'true', int(sys.argv[2]) // 90, sys.argv[3] == 'true'
a = np.arange(12).reshape(3, 4)
a = np.flipud(a) if flip else a
a = np.rot90(a, turns)
a = np.fliplr(a) if mirror else a
print(json.dumps({'rows': a.shape[0], 'values': a.ravel().tolist()}))`;
    const bytes = Uint8Array.from({ length: 12 }, (_, i) => i);
    for (const flipRows of [false, true]) {
      for (const rotate of [0, 90, 180, 270] as const) {
        for (const flipColumns of [false, true]) {
          const turned = orient(
            { rows: 3, columns: 4, channels: 1, bytes },
            { flipRows, rotate, flipColumns },
          );
          const args = ['-c', script, String(flipRows), String(rotate), String(flipColumns)];
          const expected = JSON.parse(execFileSync('/usr/bin/python3', args, { encoding: 'utf8' }));
          expect({ rows: turned.rows, values: [...turned.bytes] }).toEqual(expected);
        }
      }
    }
  });

  test('of a map of grey values keeps them', async () => {
    const bytes = Uint8Array.of(0, 1, 127, 128, 254, 255);
    expect((await greys(await greyPng({ rows: 2, columns: 3, bytes }))).data).toEqual([...bytes]);
  });
});

describe('samples of any width', () => {
  test('are read from bytes at any offset', () => {
    const bytes = new Uint8Array(17);
    new DataView(bytes.buffer).setInt16(1, -5, true);
    new DataView(bytes.buffer).setFloat64(9, 1.5, true);
    expect(samplesOf(bytes.subarray(1, 3), { bitsAllocated: 16, sampleFormat: 'signed' })[0]).toBe(-5);
    expect(samplesOf(bytes.subarray(9), { bitsAllocated: 64, sampleFormat: 'float' })[0]).toBe(1.5);
    expect([
      ...Array.from(samplesOf(Uint8Array.of(5), { bitsAllocated: 1, sampleFormat: 'unsigned' })),
    ]).toEqual([1, 0, 1, 0, 0, 0, 0, 0]);
  });
});

/** A PNG without interlace read by hand: zlib and the five filters of the PNG specification. */
const pngReader = `
import sys, zlib, struct, hashlib
data = open(sys.argv[1], 'rb').read()
at, idat = 8, b''
while at < len(data):
    size, kind = struct.unpack('>I4s', data[at:at+8])
    body = data[at+8:at+8+size]
    if kind == b'IHDR': width, height, depth, colour = struct.unpack('>IIBB', body[:10])
    if kind == b'IDAT': idat += body
    at += 12 + size
raw, bpp = zlib.decompress(idat), (3 if colour == 2 else 1) * depth // 8
stride, prior, out = width * bpp, bytes(width * bpp), b''
for y in range(height):
    f, line = raw[y*(stride+1)], bytearray(raw[y*(stride+1)+1:(y+1)*(stride+1)])
    for x in range(stride):
        a = line[x-bpp] if x >= bpp else 0; b = prior[x]; c = prior[x-bpp] if x >= bpp else 0
        p = a + b - c; pa, pb, pc = abs(p-a), abs(p-b), abs(p-c)
        paeth = a if pa <= pb and pa <= pc else b if pb <= pc else c
        line[x] = (line[x] + [0, a, b, (a+b)//2, paeth][f]) & 255
    prior = bytes(line); out += prior
if depth == 16: out = b''.join(out[i+1:i+2] + out[i:i+1] for i in range(0, len(out), 2))
print(depth, colour, hashlib.sha256(out).hexdigest())`;

import { runs } from '../../support/search-size.ts';

describe('an exact PNG', () => {
  test.skipIf(!hasDicomTools())('gives another reader the very samples', { timeout: 60_000 }, async () => {
    const parts: readonly [Partial<Channel>, string][] = [
      [{}, '16 0'],
      [{ samplesPerPixel: 3 }, '16 2'],
      [{ bitsAllocated: 8, bitsStored: 8 }, '8 0'],
      [{ bitsAllocated: 8, bitsStored: 8, samplesPerPixel: 3 }, '8 2'],
      [{ frames: 2 }, '16 0'],
    ];
    await inFolder(async (folder) => {
      for (const [i, [part, kind]] of parts.entries()) {
        const channel = channelOf(part);
        const plane = noise(channel.bytes, `png ${i}`);
        const path = join(folder, `${i}.png`);
        writeFileSync(path, await encodePng(channel, plane));
        const read = execFileSync('/usr/bin/python3', ['-c', pngReader, path], { encoding: 'utf8' }).trim();
        expect(read).toBe(`${kind} ${createHash('sha256').update(plane).digest('hex')}`);
      }
    });
  });

  test('is refused for samples that PNG cannot hold', async () => {
    const channel = channelOf({ sampleFormat: 'signed' });
    await expect(encodePng(channel, smooth(channel))).rejects.toMatchObject({
      code: 'NII_UNSUPPORTED_VARIANT',
    });
  });
});
