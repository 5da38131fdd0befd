import fc from 'fast-check';
import { expect, test } from 'vitest';
import { reduceSamples } from '../../../../src/core/samples/reduce.ts';
import { asMeasured, planeInMemory, shownSamples } from '../../../../src/page/viewer/plane.ts';
import { ArrivingSamples, BLOCK } from '../../../../src/page/viewer/planes/arriving.ts';
import { fetchedPlane } from '../../../../src/page/viewer/planes/fetched.ts';
import { fillSamples } from '../../../../src/page/viewer/planes/filled.ts';
import { runs } from '../../../support/search-size.ts';

const [rows, columns] = [150, 170];
const whole = { row: 0, column: 0, rows, columns };
const samples = Uint16Array.from({ length: rows * columns }, (_, i) => (i * 7919) % 60_000);
const all = planeInMemory({ rows, columns, fullScale: 60_000 }, samples);
const of = { rows, columns, bits: 16, fullScale: 60_000, reduction: 'mean' } as const;
const copyLevel = 3;
const copySides = { row: 0, column: 0, rows: 19, columns: 22 };
const copy = reduceSamples(samples, { rows, columns }, copyLevel, copySides, 'mean');

test('a copy is drawn at once, and never read as a measurement', () => {
  const arriving = new ArrivingSamples(of);
  arriving.takeCopy(copyLevel, copy);
  const plane = arriving.plane();
  expect(plane.read(0, { row: 3, column: 5, rows: 1, columns: 1 })).toBeUndefined();
  expect(shownSamples(plane, 0, { row: 9, column: 17, rows: 1, columns: 1 })?.[0]).toBe(copy[22 + 2]);
});

test('whatever the order of regions, all samples are there in the end, and each that came is read as stored', () => {
  const place = fc.record({ row: fc.nat(rows - 1), column: fc.nat(columns - 1) });
  fc.assert(
    fc.property(fc.array(place, { maxLength: 6 }), (looks) => {
      const arriving = new ArrivingSamples(of);
      arriving.takeCopy(copyLevel, copy);
      const bring = (region: typeof whole) => {
        arriving.take(region, reduceSamples(samples, { rows, columns }, 0, region, 'mean'));
        expect(arriving.plane().read(0, region)).toEqual(all.read(0, region));
      };
      for (const { row, column } of looks) {
        const missing = arriving.missingIn({ row, column, rows: 40, columns: 40 });
        if (missing !== undefined) bring(missing);
      }
      for (let turn = 0; turn < 40 && !arriving.isWhole; turn++) {
        const next = arriving.nextMissing(2 * BLOCK * BLOCK);
        if (next !== undefined) bring(next);
      }
      expect(arriving.isWhole).toBe(true);
      expect(arriving.plane().read(0, whole)).toEqual(samples);
    }),
    { numRuns: runs(20) },
  );
});

test('a failed line and a failed sample are filled where it is drawn, and stay in every figure', () => {
  const flat = new Uint16Array(40 * 40).map((_, i) => 10_000 + Math.floor(i / 40) * 10);
  flat.fill(0, 7 * 40, 8 * 40);
  flat[20 * 40 + 20] = 0;
  const channel = {
    kind: 'transmission',
    polarity: 'high-is-transparent',
    rows: 40,
    columns: 40,
    bitsStored: 16,
    bitsAllocated: 16,
    samplesPerPixel: 1,
    sampleFormat: 'unsigned',
    notMeasured: { rows: [{ from: 7, to: 8 }], columns: [] },
  } as const;
  const arriving = new ArrivingSamples({
    ...of,
    rows: 40,
    columns: 40,
    fill: (every) =>
      fillSamples({ ...channel, notMeasured: { rows: [{ from: 7, to: 8 }], columns: [] } }, every),
  });
  arriving.takeAll(flat);
  const plane = arriving.plane();
  const one = (row: number) => ({ row, column: 20, rows: 1, columns: 1 });
  expect(plane.filled).toEqual({ lines: 1, single: 1 });
  expect([7, 20].map((row) => shownSamples(plane, 0, one(row))?.[0])).toEqual([10_070, 10_200]);
  expect([7, 20].map((row) => plane.read(0, one(row))?.[0])).toEqual([0, 0]);
  expect(shownSamples(asMeasured(plane), 0, one(7))?.[0]).toBe(0);
});

test('a channel that is not held asks once for what is drawn, keeps what fits, and draws its copy meanwhile', async () => {
  const asked: string[] = [];
  const plane = fetchedPlane({
    ...of,
    copy: { level: copyLevel, samples: copy },
    mostBytes: 2 * 32 * 32 * 2,
    ask: async (level, region) => {
      asked.push(`${level} ${region.row} ${region.column}`);
      return reduceSamples(samples, { rows, columns }, level, region, 'mean');
    },
  });
  const at = (column: number) => ({ row: 0, column, rows: 32, columns: 32 });
  expect(shownSamples(plane, 0, at(0))).toBeUndefined();
  // what the viewer asks for next, to stand in
  expect(shownSamples(plane, 1, { row: 0, column: 0, rows: 16, columns: 16 })).toBeUndefined();
  expect(shownSamples(plane, copyLevel, { row: 0, column: 0, rows: 2, columns: 2 })).toHaveLength(4);
  await Promise.resolve();
  await Promise.resolve();
  expect(asked).toEqual(['0 0 0']);
  expect(shownSamples(plane, 0, at(0))).toEqual(all.read(0, at(0)));
  expect(plane.read(0, { row: 2, column: 3, rows: 2, columns: 2 })).toEqual(
    all.read(0, { row: 2, column: 3, rows: 2, columns: 2 }),
  );
  for (const column of [32, 64]) shownSamples(plane, 0, at(column));
  await Promise.resolve();
  await Promise.resolve();
  expect(plane.read(0, at(0))).toBeUndefined();
  expect(plane.read(0, at(64))).toEqual(all.read(0, at(64)));
});
