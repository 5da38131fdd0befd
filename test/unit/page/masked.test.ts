import { describe, expect, test } from 'vitest';
import { measuredMask } from '../../../src/core/scan/measured.ts';
import { materialShares } from '../../../src/page/case/measures/shares.ts';
import { boxOfLines, isMasked, withoutMasked } from '../../../src/page/viewer/masked.ts';
import { profileAlong } from '../../../src/page/viewer/measure/lines.ts';
import { histogramOf } from '../../../src/page/viewer/measure/statistics.ts';
import { planeInMemory } from '../../../src/page/viewer/plane.ts';
import { channelOf } from '../../support/scan.ts';

/** Of 4 x 10 samples the first three columns are masked. */
const sides = { rows: 4, columns: 10 };
const masked = [{ axis: 'columns', from: 0, to: 3 }] as const;
const isLeftOut = (row: number, column: number) => isMasked(masked, row, column);
const plane = planeInMemory(
  { ...sides, fullScale: 255 },
  Uint8Array.from({ length: 40 }, (_, i) => i % 10),
);

describe('what is masked is in no figure:', () => {
  test('not in histograms and statistics, beside the lines that failed', () => {
    const dead = { rows: [{ from: 1, to: 2 }], columns: [] };
    const channel = withoutMasked(channelOf({ ...sides, notMeasured: dead }), masked);
    const histogram = histogramOf(plane, undefined, measuredMask({ ...channel, invalidValue: 255 }));
    expect([...(histogram?.counts ?? [])].slice(0, 10)).toEqual([0, 0, 0, 3, 3, 3, 3, 3, 3, 3]);
    expect(histogram?.measured).toBe(21);
  });

  test('not in the profile of a line', () => {
    const points = profileAlong(plane, { x: 0.5, y: 0.5 }, { x: 9.5, y: 0.5 }, isLeftOut);
    expect(points?.map(({ value }) => value)).toEqual([3, 4, 5, 6, 7, 8, 9]);
  });

  test('not in the shares of materials', () => {
    const legend = Array.from({ length: 10 }, (_, i) => ({ metalShare: i < 3 ? 1 : 0, certainty: 1 }));
    const source = { kind: 'class-map', brightness: 'high', classes: 'map', legend } as const;
    const part = { row: 1, column: 1, rows: 2, columns: 5 };
    const planes = new Map([['map', plane]]);
    expect(materialShares(planes, source, part)?.metal).toBeCloseTo(0.4);
    expect(materialShares(planes, source, part, isLeftOut)).toMatchObject({ organic: 1, metal: 0 });
    expect(materialShares(planes, source, { ...part, columns: 2 }, isLeftOut)).toBeUndefined();
  });
});

test('masked lines lie over the whole picture across them', () => {
  expect(boxOfLines({ axis: 'columns', from: 2, to: 5 }, sides)).toEqual({ x: 2, y: 0, width: 3, height: 4 });
  expect(boxOfLines({ axis: 'rows', from: 1, to: 2 }, sides)).toEqual({ x: 0, y: 1, width: 10, height: 1 });
  expect([isMasked(masked, 3, 2), isMasked(masked, 2, 3)]).toEqual([true, false]);
});
