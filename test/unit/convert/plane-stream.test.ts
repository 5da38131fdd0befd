import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { gather, gatherStream } from '../../../src/codec/gather.ts';
import { openPlaneFile } from '../../../src/codec/plane-file.ts';
import { openConverterFile } from '../../../src/convert/converter-file.ts';
import { surveyPlanes } from '../../../src/convert/plane-warnings.ts';
import { type PlaneSource, planeInMemory, readWindow } from '../../../src/core/scan/plane-source.ts';
import type { Channel, View } from '../../../src/core/scan/scan.ts';
import { runs } from '../../support/search-size.ts';
import { temporaryFolder } from '../../support/staging.ts';

const folder = temporaryFolder();

function onDisk(bytes: Uint8Array): string {
  const path = join(mkdtempSync(join(folder, 'p-')), 'file');
  writeFileSync(path, bytes);
  return path;
}

const shape = fc.record({
  rows: fc.integer({ min: 1, max: 12 }),
  columns: fc.integer({ min: 1, max: 12 }),
  channels: fc.integer({ min: 1, max: 3 }),
  item: fc.constantFrom(1, 2, 4, 8),
  first: fc.integer({ min: 0, max: 9 }),
  order: fc.constantFrom('rows', 'columns', 'planar'),
  bigEndian: fc.boolean(),
});

function stridesOf({
  rows,
  columns,
  channels,
  item,
  first,
  order,
  bigEndian,
}: typeof shape extends fc.Arbitrary<infer T> ? T : never) {
  const channel = channels - 1;
  const lie = {
    rows: { row: columns * channels * item, column: channels * item, first: first + channel * item },
    columns: { row: item, column: rows * item, first: first + channel * rows * columns * item },
    planar: { row: columns * item, column: item, first: first + channel * rows * columns * item },
  };
  return { rows, columns, item, bigEndian, ...lie[order as keyof typeof lie] };
}

it('a channel gathered from a file in pieces is the one gathered from memory', () => {
  fc.assert(
    fc.property(shape, fc.integer(), (wanted, seed) => {
      const { rows, columns, channels, item, first } = wanted;
      const bytes = Uint8Array.from(
        { length: first + rows * columns * channels * item },
        (_, i) => (i * 31 + seed) & 0xff,
      );
      const { file, close } = openConverterFile({ name: 'x', role: 'image', complete: true }, onDisk(bytes));
      const stream = gatherStream(file, stridesOf(wanted));
      const joined = Buffer.concat([...stream.pieces()]);
      close();
      expect(stream.byteLength).toBe(joined.length);
      expect(joined.equals(gather(bytes, stridesOf(wanted)))).toBe(true);
    }),
    { numRuns: runs(60) },
  );
});

it('pieces of a wide channel join to the same samples, by rows and by columns', () => {
  const [rows, columns] = [70, 150_000];
  const values = new Uint16Array(rows * columns * 2);
  for (let i = 0; i < values.length; i += 1) values[i] = (i * 2_654_435_761) >>> 16;
  const bytes = new Uint8Array(values.buffer);
  const { file, close } = openConverterFile({ name: 'x', role: 'image', complete: true }, onDisk(bytes));
  const base = { rows, columns, item: 2, bigEndian: false };
  for (const lie of [
    { first: 2, row: columns * 4, column: 4 },
    { first: rows * columns * 2, row: 2, column: rows * 2 },
  ]) {
    const pieces = [...gatherStream(file, { ...base, ...lie }).pieces()];
    expect(pieces.length).toBeGreaterThan(1);
    expect(Buffer.concat(pieces).equals(gather(bytes, { ...base, ...lie }))).toBe(true);
  }
  close();
});

it('a file that ends within a channel is refused with a code', () => {
  const { file, close } = openConverterFile(
    { name: 'x', role: 'image', complete: true },
    onDisk(new Uint8Array(20)),
  );
  const strides = { rows: 3, columns: 4, item: 2, bigEndian: false, first: 0, row: 8, column: 2 };
  expect(() => [...gatherStream(file, strides).pieces()]).toThrow(
    expect.objectContaining({ code: 'NII_TRUNCATED' }),
  );
  close();
});

it('a window of a plane in a file is the same as of one in memory', () => {
  const channel = { rows: 5, columns: 7, samplesPerPixel: 1, bitsAllocated: 16 } as const;
  const bytes = Uint8Array.from({ length: 5 * 7 * 2 * 3 }, (_, i) => i);
  const file = openPlaneFile(onDisk(bytes));
  for (const columns of [
    [0, 7],
    [2, 5],
  ]) {
    const window = { rowFrom: 1, rowTo: 4, columnFrom: columns[0] ?? 0, columnTo: columns[1] ?? 7 };
    const fromFile = readWindow(file, channel, window, 2);
    expect([...fromFile]).toEqual([...readWindow(planeInMemory(bytes), channel, window, 2)]);
    expect(fromFile[0]).toBe((2 * 35 + 7 + (columns[0] ?? 0)) * 2);
  }
  file.close();
});

/** In parts of a few rows, whatever is asked for. */
function viewOf(channels: readonly Partial<Channel>[]): View {
  const base = {
    kind: 'transmission',
    rows: 600,
    columns: 9000,
    frames: 1,
    samplesPerPixel: 1,
    planar: false,
    bitsAllocated: 16,
    bitsStored: 16,
    sampleFormat: 'unsigned',
    polarity: 'high-is-transparent',
    bytes: 600 * 9000 * 2,
  } as const;
  const display = { flipRows: false, rotate: 0, flipColumns: false } as const;
  return {
    id: 'main',
    display,
    channels: [
      { ...base, id: 'high', energy: 'high' as const, ...channels[0] },
      { ...base, id: 'low', energy: 'low' as const, ...channels[1] },
    ],
  };
}

it('warnings of planes that are read block by block count what a plain loop counts', () => {
  const [rows, columns] = [600, 9000];
  const valueAt = (i: number, factor: number) => {
    const row = Math.floor(i / columns);
    if (row === 7 || row === 599 || i % columns === 4000) return 0;
    if (i % 500 === 17) return 65_535;
    return 1 + ((i * 7919) % 20_000) * factor;
  };
  const [high, low] = [new Uint16Array(rows * columns), new Uint16Array(rows * columns)];
  for (let i = 0; i < high.length; i += 1) {
    high[i] = valueAt(i, 1);
    low[i] = valueAt(i, 2);
  }
  const views = [viewOf([{ invalidValue: 0, openBeam: 60_000 }, { openBeam: 60_000 }])];
  const sources = new Map<string, PlaneSource>([
    ['main-high', openPlaneFile(onDisk(new Uint8Array(high.buffer)))],
    ['main-low', planeInMemory(new Uint8Array(low.buffer))],
  ]);
  const { warnings, views: surveyed } = surveyPlanes(views, sources);
  const values = Object.fromEntries(warnings.map(({ code, field, value }) => [`${code} ${field}`, value]));
  const share = (test: (value: number) => boolean) =>
    `${((100 * high.reduce((n, value) => n + (test(value) ? 1 : 0), 0)) / high.length).toFixed(2)} %`;
  const zeros = high.reduce((n, value) => n + (value === 0 ? 1 : 0), 0);
  expect(values['NII_W_INVALID_IS_OPAQUE main-high']).toBe(
    `0 samples treated as opaque, ${zeros} in lines that were not measured`,
  );
  expect(surveyed[0]?.channels.map(({ notMeasured }) => notMeasured)).toEqual(
    [1, 2].map(() => ({
      rows: [
        { from: 7, to: 8 },
        { from: 599, to: 600 },
      ],
      columns: [{ from: 4000, to: 4001 }],
    })),
  );
  expect(values['NII_W_SATURATED main-high']).toBe(share((value) => value === 65_535));
  expect(values['NII_W_DEAD_ROWS main-high']).toBe('2 rows, 1 columns');
  let [sumHigh, sumLow] = [0, 0];
  for (let i = 0; i < high.length; i += 1) {
    const a = (high[i] ?? 0) / 60_000;
    const b = (low[i] ?? 0) / 60_000;
    if (a > 0.02 && a < 0.5 && b > 0.02 && b < 0.5) {
      sumHigh += a;
      sumLow += b;
    }
  }
  expect(values['NII_W_ENERGY_ORDER main-high']).toBe((sumHigh / sumLow).toFixed(3));
});
