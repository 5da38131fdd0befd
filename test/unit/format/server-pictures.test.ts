import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { readDicom } from '../../../src/codec/dicom/read/read.ts';
import { defaultLimits } from '../../../src/core/limits.ts';
import { type Channel, planeKey } from '../../../src/core/scan/scan.ts';
import type { Turn } from '../../../src/core/scan/turn.ts';
import { encodeDx } from '../../../src/format/dicos/dx.ts';
import { downscale } from '../../../src/format/downscale.ts';
import { orient } from '../../../src/format/orient.ts';
import { renderPreview } from '../../../src/format/preview.ts';
import { renderFrame } from '../../../src/format/rendered/picture.ts';
import { toneCurve } from '../../../src/format/tone.ts';
import { channelOf, ids, noise, scanOf } from '../../support/scan.ts';
import { runs } from '../../support/search-size.ts';

const { invalidValue: _, ...transmission } = channelOf();
const sixteen = (values: readonly number[]) => new Uint8Array(Uint16Array.from(values).buffer);
const channelWith = (part: Partial<Channel>) => channelOf({ invalidValue: 65_535, ...part });

function toneOf(channel: Channel, samples: readonly number[]): (value: number) => number {
  const tone = toneCurve(channel, downscale(channel, sixteen(samples), 4096));
  return (value) => tone(Float64Array.of(value))[0] ?? Number.NaN;
}

async function previewOf(channel: Channel, plane: Uint8Array, display: Turn = upright) {
  const scan = scanOf([channel]);
  const views = scan.views.map((view) => ({ ...view, display }));
  const planes = new Map([[planeKey('side', channel.id), plane]]);
  const pictures = await renderPreview({ scan: { ...scan, views }, planes });
  return greys(pictures?.preview);
}

async function greys(png: Uint8Array | undefined) {
  const { data, info } = await sharp(png).extractChannel(0).raw().toBuffer({ resolveWithObject: true });
  return { sides: [info.height, info.width], values: [...data] };
}

const upright: Turn = { flipRows: false, rotate: 0, flipColumns: false };
const turns: readonly Turn[] = [false, true].flatMap((flipRows) =>
  ([0, 90, 180, 270] as const).map((rotate) => ({ flipRows, rotate, flipColumns: false })),
);

describe('the tone of a preview', () => {
  const channel = channelWith({ rows: 20, columns: 20, openBeam: 60_000 });

  test('never shows a denser sample lighter', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 65_534 }), { minLength: 400, maxLength: 400 }),
        fc.constantFrom<Partial<Channel>>({}, { polarity: 'high-is-opaque' }, { kind: 'backscatter' }),
        (samples, part) => {
          const tone = toneOf({ ...channel, ...part }, samples);
          const shown = samples.toSorted((a, b) => a - b).map(tone);
          const rising = part.polarity === 'high-is-opaque' ? shown.toReversed() : shown;
          expect(rising).toEqual(rising.toSorted((a, b) => a - b));
          expect(Math.min(...shown)).toBeGreaterThanOrEqual(0);
          expect(Math.max(...shown)).toBeLessThanOrEqual(255);
        },
      ),
      { numRuns: runs(100) },
    );
  });

  test('gives dense cargo greys of its own: a tenth and a hundredth of one per cent are far from black and apart', () => {
    const samples = Array.from({ length: 400 }, (_, i) => [60_000, 600, 60, 6][i % 4] ?? 0);
    const tone = toneOf(channel, samples);
    expect(tone(60) - tone(6)).toBeGreaterThan(25);
    expect(tone(600) - tone(60)).toBeGreaterThan(25);
    expect(tone(6)).toBeLessThan(5);
  });

  test('spends no grey on dense cargo where there is none', () => {
    const samples = Array.from({ length: 400 }, (_, i) => 600 + i * 148);
    const tone = toneOf(channel, samples);
    // One per cent is black, a tenth of the open beam half of two decades: 255 * 0.5 ** 1.2
    expect([tone(600), tone(6000), tone(60_000)]).toEqual([0, 111, 255]);
  });

  test('leaves a grey picture of 8 bits as somebody else has drawn it', async () => {
    const drawn = { kind: 'display', polarity: 'none', bitsAllocated: 8, bitsStored: 8 } as const;
    const picture = channelWith({ ...drawn, rows: 2, columns: 2 });
    expect((await previewOf(picture, Uint8Array.of(90, 100, 110, 120))).values).toEqual([90, 100, 110, 120]);
  });
});

describe('in a preview', () => {
  const rows = 20;
  const columns = 24;
  const channel: Channel = { ...transmission, rows, columns, bytes: rows * columns * 2 };
  const sampled = (at: (row: number, column: number) => number) =>
    sixteen(Array.from({ length: rows * columns }, (_, i) => at(Math.floor(i / columns), i % columns)));
  const even = 30_000;

  test('dead lines are filled from the measured lines on both sides', async () => {
    const isDead = (row: number, column: number) => row === 0 || row === 7 || row === 8 || column === 5;
    const plane = sampled((row, column) => (isDead(row, column) ? 0 : even));
    const before = plane.slice();
    expect(new Set((await previewOf(channel, plane)).values).size).toBe(1);
    expect(plane).toEqual(before);
  });

  test('a filled line lies between its neighbours, by the distance of each', () => {
    const plane = sampled((row) => (row === 7 || row === 8 ? 0 : row < 7 ? 10_000 : 40_000));
    const { values } = downscale(channel, plane, 4096);
    expect([...values.filter((_, i) => i % columns === 0)].slice(6, 10)).toEqual([
      10_000, 20_000, 30_000, 40_000,
    ]);
  });

  test('a dead band that is wider than twice the reach stays black in its middle', () => {
    const tall = { ...channel, rows: 300, bytes: 300 * columns * 2 };
    const plane = sixteen(
      Array.from({ length: 300 * columns }, (_, i) => (Math.abs(i / columns - 150) < 80 ? 0 : even)),
    );
    const { values } = downscale(tall, plane, 4096);
    expect(values[100 * columns]).toBe(even);
    expect(values[150 * columns]).toBeNaN();
  });

  test('a single failed sample is filled, and a block that lets nothing through is black', async () => {
    const isOpaque = (row: number, column: number) => row >= 10 && row < 13 && column >= 10 && column < 13;
    const plane = sampled((row, column) => (isOpaque(row, column) || (row === 3 && column === 4) ? 0 : even));
    const { values } = await previewOf(channel, plane);
    expect(values[3 * columns + 4]).toBe(values[0]);
    expect(values[11 * columns + 11]).toBe(0);
  });
});

describe.each(turns)('a frame of our own DICOS file, of a view shown by %o', (display) => {
  const channel = channelWith({ rows: 18, columns: 25 });
  const plane = noise(channel.bytes, 'rendered');
  plane.fill(0, 2 * 25 * 2, 3 * 25 * 2);
  const scan = scanOf([channel]);
  const shown = { ...scan, views: scan.views.map((view) => ({ ...view, display })) };

  test('is rendered as the preview, pixel by pixel; by a window where one is asked for', async () => {
    const { bytes } = await encodeDx({ scan: shown, viewId: 'side', channelId: 'high', plane, ids });
    const file = readDicom(bytes, 'file', defaultLimits);
    const rendered = await renderFrame(file.dataSet, await file.pixels(), 0, { format: 'png' });
    const preview = await previewOf(channel, plane, display);
    expect(await greys(rendered)).toEqual(preview);
    const window = { center: 30_000, width: 2, function: 'linear-exact' } as const;
    const windowed = await renderFrame(file.dataSet, await file.pixels(), 0, { format: 'png', window });
    expect((await greys(windowed)).values).not.toEqual(preview.values);
  });

  test('is flat where the cab is masked, as before elsewhere, and not drawn where it says nothing of its place', async () => {
    const { bytes } = await encodeDx({ scan: shown, viewId: 'side', channelId: 'high', plane, ids });
    const file = readDicom(bytes, 'file', defaultLimits);
    const pixels = await file.pixels();
    const bands = [{ view: 'side', axis: 'columns', from: 3, to: 8, of: 25 }] as const;
    const cab = Uint8Array.from({ length: 18 * 25 }, (_, i) => (i % 25 >= 3 && i % 25 < 8 ? 1 : 0));
    const isCab = orient({ rows: 18, columns: 25, channels: 1, bytes: cab }, display).bytes;
    for (const window of [undefined, { center: 30_000, width: 40_000, function: 'linear' } as const]) {
      const order = { format: 'png', ...(window === undefined ? {} : { window }) } as const;
      const whole = await greys(await renderFrame(file.dataSet, pixels, 0, order));
      const masked = await greys(await renderFrame(file.dataSet, pixels, 0, order, bands));
      expect(masked.sides).toEqual(whole.sides);
      expect(masked.values).toEqual(whole.values.map((value, i) => (isCab[i] === 1 ? 128 : value)));
    }
    const foreign = file.dataSet.filter(({ tag }) => !tag.startsWith('0041'));
    await expect(renderFrame(foreign, pixels, 0, { format: 'png' }, bands)).rejects.toMatchObject({
      code: 'NII_CAB_MASKED',
    });
  });
});
