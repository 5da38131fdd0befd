import { describe, expect, test } from 'vitest';
import type { Region } from '../../../src/core/case/region.ts';
import { NiiError } from '../../../src/core/errors.ts';
import { boxOf, checkRegions } from '../../../src/triage/regions.ts';
import { channelOf, scanOf } from '../../support/scan.ts';

/** View `side`, 24 rows of 32 columns. */
const scan = scanOf([channelOf(), channelOf({ id: 'low', energy: 'low' })]);
const [unit] = scan.units;
const inPart = {
  ...scan,
  units: [{ ...unit!, extent: { view: 'side', axis: 'columns', from: 8, to: 16 } as const }],
};
const box = (part: Partial<Extract<Region, { x: number }>> = {}): Region => ({
  view: 'side',
  x: 0,
  y: 0,
  width: 4,
  height: 4,
  ...part,
});
const polygon = (...points: readonly (readonly [number, number])[]): Region => ({
  view: 'side',
  points: points.map(([x, y]) => ({ x, y })),
});

function refusal(regions: readonly Region[], of = scan): { field?: string; detail?: string } {
  try {
    checkRegions(of, 'unit-1', regions);
  } catch (error) {
    if (error instanceof NiiError) return { field: error.field ?? '', detail: error.message };
    throw error;
  }
  return {};
}

describe('regions of a verdict', () => {
  test('may reach to the last sample of the view, and of a channel that they name', () => {
    expect(refusal([box({ x: 28, y: 20 }), box({ width: 32, height: 24, channel: 'low' })])).toEqual({});
    expect(refusal([polygon([0, 0], [32, 0], [32, 24])])).toEqual({});
  });

  test.each([
    [box({ x: 29 }), 'regions.1.width', 'column 32: view "side" has columns 0 to 31'],
    [box({ y: 21 }), 'regions.1.height', 'row 24: view "side" has rows 0 to 23'],
    [polygon([0, 0], [33, 0], [3, 3]), 'regions.1.points', 'columns 0 to 31'],
    [polygon([0, 0], [3, 25], [3, 3]), 'regions.1.points', 'rows 0 to 23'],
    [polygon([0, 0], [2, 2], [9, 9]), 'regions.1.points', 'on one line'],
    [box({ view: 'top' }), 'regions.1.view', 'Invalid view "top": use side'],
    [box({ channel: 'mid' }), 'regions.1.channel', 'Invalid channel "mid": use high, low'],
  ])('%j is refused with its field and what is allowed', (region, field, detail) => {
    const refused = refusal([box(), region]);
    expect(refused.field).toBe(field);
    expect(refused.detail).toContain(detail);
  });

  test('name a channel where those of the view differ in size', () => {
    const uneven = scanOf([channelOf(), channelOf({ id: 'low', rows: 12, columns: 16 })]);
    expect(refusal([box()], uneven)).toMatchObject({ field: 'regions.0.channel' });
    expect(refusal([box({ channel: 'high', x: 28 })], uneven)).toEqual({});
    expect(refusal([box({ channel: 'low', x: 28 })], uneven)).toMatchObject({ field: 'regions.0.width' });
  });

  test('touch the object of inspection that the verdict is of', () => {
    expect(refusal([box({ x: 6 }), box({ x: 15 })], inPart)).toEqual({});
    for (const x of [4, 16])
      expect(refusal([box({ x })], inPart)).toEqual({
        field: 'regions.0',
        detail: 'The region is outside of this object of inspection, which has columns 8 to 15',
      });
  });
});

test('the box of a polygon holds all of its corners', () => {
  expect(boxOf(polygon([4, 2], [20, 2], [12, 10]))).toEqual({
    view: 'side',
    rowFrom: 2,
    rowTo: 10,
    columnFrom: 4,
    columnTo: 20,
  });
});
