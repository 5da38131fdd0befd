import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MapReader, toAnalysis } from '../../../src/infer/analysis.ts';
import type { Geometry } from '../../../src/infer/geometry.ts';
import { MapPicture } from '../../../src/infer/map-picture.ts';
import { regionsAbove } from '../../../src/infer/regions.ts';
import { smooth, type ValueMap } from '../../../src/infer/smooth.ts';
import { RegionFinder, StripSmoother } from '../../../src/infer/strips.ts';
import type { Strip } from '../../../src/infer/tiling.ts';
import { atOnce } from '../../../src/infer/turns.ts';
import { manifestOf } from '../../support/infer/models.ts';
import { channelOf, scanOf, unitOf, viewOf } from '../../support/infer/scans.ts';

const manifest = manifestOf(new Uint8Array());
const level = manifest.thresholds.map;

function geometryOf({ rows, columns }: ValueMap): Geometry {
  return {
    view: 'side',
    stored: { rows: rows * 2, columns: columns * 2 },
    rule: { flipRows: true, rotate: 0, flipColumns: true },
    model: { rows, columns },
    pitch: { rowMm: 5, columnMm: 5, source: 'file' },
    openBeam: [{ channel: 'high', value: 60_000, source: 'stated' }],
    filled: 0,
    leftOut: [],
  };
}

/** Mostly quiet, with places far above the level: as a train is. */
const map = fc
  .record({
    rows: fc.integer({ min: 1, max: 9 }),
    columns: fc.integer({ min: 1, max: 60 }),
    seed: fc.integer({ min: 1, max: 1e9 }),
  })
  .map(({ rows, columns, seed }): ValueMap => {
    let state = seed;
    const next = () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state / 2 ** 32;
    };
    const values = Float32Array.from({ length: rows * columns }, (_, i) =>
      Math.floor((i % columns) / 7) % 2 === 0 ? next() * 0.1 : level * 3 * next(),
    );
    return { rows, columns, values };
  });

function cut({ rows, columns, values }: ValueMap, from: number, to: number): Strip {
  const lines = Array.from({ length: rows }, (_, row) => [
    ...values.subarray(row * columns + from, row * columns + to),
  ]);
  return { from, rows, columns: to - from, values: Float32Array.from(lines.flat()) };
}

function stripsOf(whole: ValueMap, width: number): readonly Strip[] {
  const starts = Array.from({ length: Math.ceil(whole.columns / width) }, (_, i) => i * width);
  return starts.map((from) => cut(whole, from, Math.min(from + width, whole.columns)));
}

const width = fc.integer({ min: 1, max: 20 });

describe('a map that comes in strips', () => {
  test('is smoothed as the whole is, to the last bit', () => {
    fc.assert(
      fc.property(map, width, (whole, size) => {
        const smoother = new StripSmoother(whole.columns);
        const smoothed = { ...smooth(whole) };
        let next = 0;
        for (const strip of stripsOf(whole, size)) {
          const part = smoother.next(strip);
          expect(part.values).toEqual(cut(smoothed, next, next + part.columns).values);
          next += part.columns;
        }
        expect(next).toBe(whole.columns);
      }),
    );
  });

  test('has the regions that the whole has', () => {
    fc.assert(
      fc.property(map, width, (whole, size) => {
        const finder = new RegionFinder([level, level / 2]);
        for (const strip of stripsOf(whole, size)) finder.add(strip);
        const [strong = [], weak = []] = finder.finish();
        const named = (regions: typeof strong) => regions.map((region) => JSON.stringify(region)).sort();
        expect(named(strong)).toEqual(named(regionsAbove(whole, level)));
        expect(named(weak)).toEqual(named(regionsAbove(whole, level / 2)));
      }),
    );
  });

  test('gives the analysis and the picture that the whole gives', () => {
    fc.assert(
      fc.property(map, width, (whole, size) => {
        const half = Math.max(1, whole.columns);
        const units = [
          unitOf('u1', { from: 0, to: half }),
          unitOf('u2', { from: half, to: whole.columns * 2 }),
        ].slice(0, whole.columns > 1 ? 2 : 1);
        const scan = scanOf([viewOf([channelOf(whole.rows * 2, whole.columns * 2)])], units);
        const reader = new MapReader(scan, manifest, geometryOf(whole));
        for (const strip of stripsOf(whole, size)) atOnce(reader.add(strip));
        expect(atOnce(reader.finish(1))).toEqual(toAnalysis(scan, manifest, geometryOf(whole), whole, 1));
      }),
    );
  });
});

test('the picture of a long map is smaller by a whole factor and keeps each highest value', () => {
  const whole: ValueMap = { rows: 5, columns: 23, values: new Float32Array(5 * 23) };
  whole.values[2 * 23 + 17] = 1;
  const geometry = {
    ...geometryOf(whole),
    rule: { flipRows: false, rotate: 0, flipColumns: false } as const,
  };
  const picture = new MapPicture(geometry, 8);
  for (const strip of stripsOf(whole, 4)) picture.add(strip);
  const { rows, columns, bytes } = picture.finish();
  expect([rows, columns]).toEqual([2, 8]);
  expect([...bytes].map((byte, i) => [i, byte]).filter(([, byte]) => byte !== 0)).toEqual([[5, 255]]);
});
