import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toAnalysis } from '../../../src/infer/analysis.ts';
import type { Geometry } from '../../../src/infer/geometry.ts';
import type { ModelManifest } from '../../../src/infer/manifest.ts';
import { regionsAbove } from '../../../src/infer/regions.ts';
import { smooth, type ValueMap } from '../../../src/infer/smooth.ts';
import { manifestOf } from '../../support/infer/models.ts';
import { channelOf, scanOf, unitOf, viewOf } from '../../support/infer/scans.ts';

const manifest = manifestOf(new Uint8Array());
const still = { flipRows: false, rotate: 0, flipColumns: false } as const;

/** A view of 60 x 100 samples that the model sees at half the resolution. */
const geometry: Geometry = {
  view: 'side',
  stored: { rows: 60, columns: 100 },
  rule: still,
  model: { rows: 30, columns: 50 },
  pitch: { rowMm: 5, columnMm: 5, source: 'file' },
  openBeam: [{ channel: 'high', value: 60_000, source: 'stated' }],
  filled: 0,
  leftOut: [],
};

/** A map of zeros with blocks of a value. */
function mapWith(
  ...blocks: readonly { row: number; column: number; side?: number; value: number }[]
): ValueMap {
  const values = new Float32Array(30 * 50);
  for (const { row, column, side = 7, value } of blocks) {
    for (let r = row; r < row + side; r++) values.fill(value, r * 50 + column, r * 50 + column + side);
  }
  return { rows: 30, columns: 50, values };
}

function analyse(
  map: ValueMap,
  units = [unitOf('u1')],
  how: Partial<Geometry> = {},
  known: ModelManifest = manifest,
) {
  return toAnalysis(scanOf([viewOf([channelOf(60, 100)])], units), known, { ...geometry, ...how }, map, 1);
}

const smallMap = fc
  .record({ rows: fc.integer({ min: 1, max: 12 }), columns: fc.integer({ min: 1, max: 12 }) })
  .chain(({ rows, columns }) =>
    fc
      .array(fc.integer({ min: 0, max: 9 }), { minLength: rows * columns, maxLength: rows * columns })
      .map((values): ValueMap => ({ rows, columns, values: Float32Array.from(values) })),
  );

describe('regions and smoothing', () => {
  test('the smoothed map is the mean of the square around each value, with zero outside of the map', () => {
    fc.assert(
      fc.property(smallMap, (map) => {
        const smoothed = smooth(map);
        for (let row = 0; row < map.rows; row++) {
          for (let column = 0; column < map.columns; column++) {
            const around: number[] = [];
            for (let r = row - 2; r <= row + 2; r++) {
              for (let c = column - 2; c <= column + 2; c++) {
                if (r >= 0 && c >= 0 && r < map.rows && c < map.columns)
                  around.push(map.values[r * map.columns + c]!);
              }
            }
            const mean = around.reduce((sum, value) => sum + value, 0) / 25;
            expect(smoothed.values[row * map.columns + column]).toBeCloseTo(mean, 4);
          }
        }
      }),
    );
  });

  test('regions are the classes of values that touch: merged pair by pair gives the same boxes and peaks', () => {
    fc.assert(
      fc.property(smallMap, fc.integer({ min: 1, max: 9 }), (map, level) => {
        const found = regionsAbove(map, level).map(({ box, peak }) => ({ ...box, peak }));
        expect(found).toHaveLength(mergedByPairs(map, level).length);
        expect(sortedText(found)).toEqual(sortedText(mergedByPairs(map, level)));
        expect(found.map(({ peak }) => peak)).toEqual(
          [...found.map(({ peak }) => peak)].sort((a, b) => b - a),
        );
      }),
    );
  });
});

describe('an analysis', () => {
  test('finds a block where it lies in stored samples, and scores it with its highest smoothed value', () => {
    const { analysis } = analyse(mapWith({ row: 10, column: 20, value: 0.9 }));
    expect(analysis.findings).toHaveLength(1);
    expect(analysis.findings[0]).toMatchObject({ unitId: 'u1', label: 'anomaly', score: 0.9 });
    // Smoothing draws the region's border inwards or outwards by at most two pixels, four samples.
    const { box } = analysis.findings[0]!;
    expect(Math.abs(box.rowFrom - 20)).toBeLessThanOrEqual(4);
    expect(Math.abs(box.rowTo - 34)).toBeLessThanOrEqual(4);
    expect(Math.abs(box.columnFrom - 40)).toBeLessThanOrEqual(4);
    expect(Math.abs(box.columnTo - 54)).toBeLessThanOrEqual(4);
    expect(analysis.units).toEqual([{ unitId: 'u1', score: 0.9, anomalyPercentile: (100 * 10) / 11 }]);
    expect(analysis.alarm).toBe(true);
  });

  test('of an empty map finds nothing and raises no alarm', () => {
    const { analysis, map } = analyse(mapWith());
    expect(analysis).toMatchObject({
      status: 'analysed',
      alarm: false,
      findings: [],
      map: { rows: 30, columns: 50 },
    });
    expect(analysis.units).toEqual([{ unitId: 'u1', score: 0, anomalyPercentile: 0 }]);
    expect(map!.bytes.every((value) => value === 0)).toBe(true);
    expect(analysis.notes).toBeUndefined();
  });

  test('turned scans are found in their stored place', () => {
    const how = { rule: { ...still, rotate: 90 as const }, stored: { rows: 100, columns: 60 } };
    const { analysis, map } = analyse(mapWith({ row: 0, column: 0, value: 1 }), undefined, how);
    // The upright picture's top left corner is the first row's last column.
    expect(analysis.findings[0]!.box).toMatchObject({ rowFrom: 0, columnTo: 60 });
    expect([map!.rows, map!.columns]).toEqual([50, 30]);
    expect(map!.bytes[29]).toBe(255);
    expect(map!.bytes[0]).toBe(0);
  });

  test('each unit has its own score, and a finding belongs to the unit it lies in', () => {
    const units = [unitOf('left', { from: 0, to: 50 }), unitOf('right', { from: 50, to: 100 })];
    const { analysis } = analyse(mapWith({ row: 5, column: 35, value: 0.8 }), units);
    expect(analysis.units.map(({ unitId, score }) => [unitId, score])).toEqual([
      ['left', 0],
      ['right', 0.8],
    ]);
    expect(analysis.findings.map(({ unitId }) => unitId)).toEqual(['right']);
    expect(analysis.notes).toBeUndefined();
  });

  test('units that nothing places have the score of the whole image, and the analysis says so', () => {
    const { analysis } = analyse(mapWith({ row: 5, column: 35, value: 0.8 }), [unitOf('a'), unitOf('b')]);
    expect(analysis.units.map(({ score }) => score)).toEqual([0.8, 0.8]);
    expect(analysis.findings[0]!.unitId).toBeUndefined();
    expect(analysis.notes).toEqual([expect.stringMatching(/positions of 'a', 'b' in the image are unknown/)]);
  });

  test('a unit that reaches the threshold of the score shows where, though the map stays below its own', () => {
    const units = [unitOf('left', { from: 0, to: 50 }), unitOf('right', { from: 50, to: 100 })];
    const { analysis } = analyse(
      mapWith({ row: 5, column: 5, value: 0.45 }, { row: 5, column: 35, value: 0.9 }),
      units,
    );
    expect(analysis.findings.map(({ unitId, score }) => [unitId, score])).toEqual([
      ['right', 0.9],
      ['left', 0.45],
    ]);
  });

  test('keeps the twenty strongest findings', () => {
    const blocks = Array.from({ length: 32 }, (_, i) => ({
      row: 3 + 7 * Math.floor(i / 8),
      column: 3 + 6 * (i % 8),
      side: 1,
      value: 20 + i,
    }));
    const { analysis } = analyse(mapWith(...blocks));
    expect(analysis.findings).toHaveLength(20);
    expect(Math.min(...analysis.findings.map(({ score }) => score))).toBeCloseTo(32 / 25, 1);
  });

  test('the same map gives the same analysis, ids included; another map other ids', () => {
    const once = analyse(mapWith({ row: 10, column: 20, value: 0.9 }));
    const again = analyse(mapWith({ row: 10, column: 20, value: 0.9 }));
    const other = analyse(mapWith({ row: 10, column: 21, value: 0.9 }));
    expect(again).toEqual(once);
    expect(other.analysis.findings[0]!.id).not.toBe(once.analysis.findings[0]!.id);
    expect(once.analysis.findings[0]!.id).toMatch(/^[0-9a-f]{32}$/);
  });

  test('says what was assumed', () => {
    const { analysis } = analyse(mapWith(), undefined, {
      pitch: { rowMm: 5, columnMm: 5, source: 'assumed' },
      openBeam: [{ channel: 'high', value: 51_000, source: 'estimated' }],
      filled: 3,
    });
    expect(analysis.notes).toEqual([
      "Open beam of channel 'high' is estimated as 51000",
      'The pixel pitch is assumed from the height of the scanner',
      '3 samples without a measured value were filled',
    ]);
    expect(analysis.pitch).toMatchObject({ source: 'assumed' });
  });
});

/** Connected components the slow way: merge any two groups that hold neighbours until none do. */
function mergedByPairs({ rows, columns, values }: ValueMap, level: number) {
  let groups: number[][] = [];
  for (let at = 0; at < rows * columns; at++) if (values[at]! >= level) groups.push([at]);
  const near = (a: number, b: number) =>
    Math.abs(Math.floor(a / columns) - Math.floor(b / columns)) <= 1 &&
    Math.abs((a % columns) - (b % columns)) <= 1;
  for (let merged = true; merged; ) {
    merged = false;
    for (const one of groups) {
      const other = groups.find((group) => group !== one && group.some((a) => one.some((b) => near(a, b))));
      if (other === undefined) continue;
      groups = [...groups.filter((group) => group !== one && group !== other), [...one, ...other]];
      merged = true;
      break;
    }
  }
  return groups.map((group) => ({
    rowFrom: Math.min(...group.map((at) => Math.floor(at / columns))),
    rowTo: Math.max(...group.map((at) => Math.floor(at / columns))) + 1,
    columnFrom: Math.min(...group.map((at) => at % columns)),
    columnTo: Math.max(...group.map((at) => at % columns)) + 1,
    peak: Math.max(...group.map((at) => values[at]!)),
  }));
}

function sortedText(regions: readonly object[]): string[] {
  return regions.map((region) => JSON.stringify(region)).sort();
}
