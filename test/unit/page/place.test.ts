import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lookOf, placeIn, queryOf, withLook } from '../../../src/page/case/reading/place.ts';
import { LEAST_ZOOM, MOST_ZOOM, type Scene, screenToSample } from '../../../src/page/viewer/geometry.ts';

const scene = (width: number, height: number): Scene => ({
  width,
  height,
  sides: { rows: 1000, columns: 100_000 },
  cell: { width: 1.5, height: 1 },
  display: { flipRows: true, rotate: 90, flipColumns: false },
});
const look = { rotate: 0, mirror: false, zoom: 1, pan: { x: 0, y: 0 } } as const;

describe('where a reader looks, in an address', () => {
  const places = fc.record({
    at: fc.record({
      x: fc.double({ min: 0, max: 100_000, noNaN: true }),
      y: fc.double({ min: 0, max: 1000, noNaN: true }),
    }),
    zoom: fc.double({ min: LEAST_ZOOM, max: MOST_ZOOM / 2, noNaN: true }),
    rotate: fc.constantFrom(0, 90, 180, 270),
    mirror: fc.boolean(),
  });

  test('is found again: the same sample in the middle, as large, lying the same way', () => {
    fc.assert(
      fc.property(places, fc.constantFrom('main', 'side-2.b'), (place, view) => {
        const query = queryOf({ view, look: place });
        const found = placeIn(query);
        expect(query.length).toBeLessThan(120);
        expect(found).toMatchObject({ view, look: { rotate: place.rotate, mirror: place.mirror } });
        expect(Math.abs((found.look?.at.x ?? -9) - place.at.x)).toBeLessThan(0.06);
        expect(Math.abs((found.look?.at.y ?? -9) - place.at.y)).toBeLessThan(0.06);
        expect(Math.abs((found.look?.zoom ?? 0) / place.zoom - 1)).toBeLessThan(1e-3);
      }),
    );
  });

  test('means the same on a screen of other size and finer pixels', () => {
    fc.assert(
      fc.property(places, (place) => {
        const here = withLook(scene(1200, 700), look, place, 1);
        const there = scene(801, 300);
        const next = withLook(there, look, lookOf(scene(1200, 700), here, 1), 2);
        const middle = screenToSample(there, next, { x: 400.5, y: 150 });
        expect(middle.x).toBeCloseTo(place.at.x, 3);
        expect(middle.y).toBeCloseTo(place.at.y, 3);
        expect(next.zoom).toBeCloseTo(2 * here.zoom, 6);
      }),
    );
  });

  test('is all of the picture where the address does not say it as this page does', () => {
    for (const query of [
      '',
      '?at=1,2',
      '?at=1,2&zoom=0',
      '?at=1,2&zoom=1e3',
      '?at=1,x&zoom=1',
      '?at=1,2,3&zoom=1',
    ])
      expect(placeIn(query).look).toBeUndefined();
    expect(placeIn('?view=../x').view).toBeUndefined();
    expect(placeIn('?at=1,2&zoom=1&turn=45').look).toMatchObject({ rotate: 0, mirror: false });
  });

  test('stays in the picture and in what can be drawn, whatever an address says', () => {
    const wide = scene(1200, 700);
    const far = placeIn('?at=-999999999,999999999&zoom=999999999').look;
    if (far === undefined) throw new Error('not read');
    const next = withLook(wide, look, far, 1);
    expect(next.zoom).toBe(MOST_ZOOM);
    expect(screenToSample(wide, next, { x: 600, y: 350 })).toEqual({ x: 0, y: 1000 });
  });
});
