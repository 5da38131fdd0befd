import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { measuredMask } from '../../../../src/core/scan/measured.ts';
import { autoWindow } from '../../../../src/page/viewer/measure/auto-window.ts';
import { distanceBetween, profileAlong } from '../../../../src/page/viewer/measure/lines.ts';
import { histogramOf, percentileOf, statisticsOf } from '../../../../src/page/viewer/measure/statistics.ts';
import { planeInMemory } from '../../../../src/page/viewer/plane.ts';

const plane = planeInMemory(
  { rows: 3, columns: 4, fullScale: 65_535 },
  Uint16Array.of(5, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 1000),
);
const away = { ...plane, read: () => undefined };

describe('a region', () => {
  test('has the statistics that its samples have one by one', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(65_535), { minLength: 1, maxLength: 200 }), (values) => {
        const one = planeInMemory(
          { rows: 1, columns: values.length, fullScale: 65_535 },
          Uint16Array.from(values),
        );
        const histogram = histogramOf(one);
        const found = histogram && statisticsOf(histogram);
        const sorted = values.toSorted((a, b) => a - b);
        const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
        const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
        expect(found).toMatchObject({ count: values.length, least: sorted[0], most: sorted.at(-1) });
        expect(found?.mean).toBeCloseTo(mean, 6);
        expect(found?.deviation).toBeCloseTo(Math.sqrt(squares / values.length), 6);
        expect(found?.percentiles[50]).toBe(sorted[Math.ceil(values.length / 2) - 1]);
        expect(found?.percentiles[99]).toBe(sorted[Math.ceil(values.length * 0.99) - 1]);
      }),
    );
  });

  test('is cut to the picture', () => {
    const found = histogramOf(plane, { row: 1, column: -5, rows: 50, columns: 6 });
    expect(found?.measured).toBe(2);
    expect(found && percentileOf(found, 100)).toBe(8);
    expect(histogramOf(plane, { row: 9, column: 9, rows: 2, columns: 2 })?.measured).toBe(0);
  });

  test('leaves out what was not measured, and counts it', () => {
    const mask = measuredMask({
      rows: 3,
      columns: 4,
      notMeasured: { rows: [], columns: [{ from: 3, to: 4 }] },
      invalidValue: 5,
    });
    const histogram = histogramOf(plane, undefined, mask);
    expect(histogram).toMatchObject({ measured: 7, notMeasured: 5 });
    expect(histogram && statisticsOf(histogram)).toMatchObject({ most: 10, least: 1 });
  });

  test('without a measured sample has no statistics and no window', () => {
    const nothing = histogramOf(plane, { row: 0, column: 0, rows: 0, columns: 0 });
    expect(nothing && statisticsOf(nothing)).toBeUndefined();
    expect(nothing && autoWindow(nothing)).toBeUndefined();
  });
});

describe('the automatic window', () => {
  test('holds all but one sample of a hundred', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(65_535), { minLength: 100, maxLength: 400 }), (values) => {
        const one = planeInMemory(
          { rows: 1, columns: values.length, fullScale: 65_535 },
          Uint16Array.from(values),
        );
        const histogram = histogramOf(one);
        const window = histogram && autoWindow(histogram);
        const inside = values.filter((value) => value >= (window?.low ?? 1) && value <= (window?.high ?? 0));
        expect(inside.length / values.length).toBeGreaterThanOrEqual(0.98);
      }),
    );
  });

  test('leaves a failed sample out, and looks at a region alone', () => {
    const flat = new Uint16Array(1000).fill(300, 500).fill(200, 0, 500);
    flat[7] = 65_535;
    const one = planeInMemory({ rows: 1, columns: 1000, fullScale: 65_535 }, flat);
    const whole = histogramOf(one);
    expect(whole && autoWindow(whole)).toEqual({ low: 200, high: 300 });
    const right = histogramOf(one, { row: 0, column: 600, rows: 1, columns: 300 });
    expect(right && autoWindow(right)).toEqual({ low: 299, high: 301 });
  });
});

describe('a distance', () => {
  const a = { x: 1, y: 1 };
  const b = { x: 4, y: 5 };

  test('is in millimetres where the pitch is known, with a pitch of its own for rows and columns', () => {
    expect(distanceBetween(a, b, { rowMm: 2, columnMm: 5, source: 'file' })).toEqual({
      kind: 'millimetres',
      mm: 17,
      samples: 5,
    });
  });

  test.each([undefined, { rowMm: 2, columnMm: 5, source: 'assumed' } as const])(
    'is not calibrated where the pitch is unknown or assumed',
    (pitch) => expect(distanceBetween(a, b, pitch)).toEqual({ kind: 'not-calibrated', samples: 5 }),
  );
});

describe('a profile', () => {
  test('has the samples below its line in their order', () => {
    expect(profileAlong(plane, { x: 0.5, y: 1.5 }, { x: 3.5, y: 1.5 })?.map(({ value }) => value)).toEqual([
      4, 5, 6, 7,
    ]);
    expect(profileAlong(plane, { x: 3.5, y: 2.5 }, { x: 3.5, y: 0.5 })).toEqual([
      { at: 0, value: 1000 },
      { at: 1, value: 7 },
      { at: 2, value: 3 },
    ]);
  });

  test('leaves out what lies beside the picture', () => {
    expect(profileAlong(plane, { x: -9.5, y: 0.5 }, { x: 0.5, y: 0.5 })?.map(({ value }) => value)).toEqual([
      5,
    ]);
  });
});

test('what is not there yet is not measured', () => {
  expect(histogramOf(away)).toBeUndefined();
  expect(profileAlong(away, { x: 0, y: 0 }, { x: 2, y: 2 })).toBeUndefined();
});
