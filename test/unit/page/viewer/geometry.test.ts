import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Turn } from '../../../../src/core/scan/turn.ts';
import {
  fitPicture,
  LEAST_ZOOM,
  MOST_ZOOM,
  oneToOne,
  type Scene,
  sampleToScreen,
  screenToSample,
  screenToSampleAffine,
  turnTo,
  zoomAt,
} from '../../../../src/page/viewer/geometry.ts';
import type { Look } from '../../../../src/page/viewer/settings.ts';

const quarter = fc.constantFrom<Turn['rotate']>(0, 90, 180, 270);
const place = fc.double({ min: -2000, max: 120_000, noNaN: true });
const point = fc.record({ x: place, y: place });
const scenes: fc.Arbitrary<Scene> = fc.record({
  width: fc.integer({ min: 1, max: 4000 }),
  height: fc.integer({ min: 1, max: 4000 }),
  sides: fc.record({
    rows: fc.integer({ min: 1, max: 3000 }),
    columns: fc.integer({ min: 1, max: 100_000 }),
  }),
  display: fc.record({ flipRows: fc.boolean(), rotate: quarter, flipColumns: fc.boolean() }),
});
const looks: fc.Arbitrary<Look> = fc.record({
  rotate: quarter,
  mirror: fc.boolean(),
  zoom: fc.double({ min: LEAST_ZOOM, max: MOST_ZOOM, noNaN: true }),
  pan: point,
});

const near = (found: { x: number; y: number }, wanted: { x: number; y: number }, within = 1e-6) => {
  expect(Math.abs(found.x - wanted.x)).toBeLessThan(within);
  expect(Math.abs(found.y - wanted.y)).toBeLessThan(within);
};

describe('places', () => {
  test('a sample lies on the screen where the screen shows it, in both directions', () => {
    fc.assert(
      fc.property(scenes, looks, point, (scene, look, sample) => {
        near(screenToSample(scene, look, sampleToScreen(scene, look, sample)), sample);
        // a pixel far out is many samples away
        const pixel = { x: sample.x / 50, y: sample.y / 50 };
        near(sampleToScreen(scene, look, screenToSample(scene, look, pixel)), pixel);
      }),
    );
  });

  test('the numbers for the shader say the same', () => {
    fc.assert(
      fc.property(scenes, looks, fc.nat(4000), fc.nat(4000), (scene, look, x, y) => {
        const { column, row } = screenToSampleAffine(scene, look);
        const found = {
          x: column.at0 + column.across * x + column.down * y,
          y: row.at0 + row.across * x + row.down * y,
        };
        const wanted = screenToSample(scene, look, { x, y });
        near(found, wanted, 1e-6 * (1 + Math.abs(wanted.x) + Math.abs(wanted.y)));
      }),
    );
  });

  test('zooming keeps what lies below the pointer', () => {
    fc.assert(
      fc.property(
        scenes,
        looks,
        fc.nat(4000),
        fc.nat(4000),
        fc.double({ min: 0.1, max: 10, noNaN: true }),
        (scene, look, x, y, factor) => {
          const before = screenToSample(scene, look, { x, y });
          const next = zoomAt(scene, look, { x, y }, factor);
          near(screenToSample(scene, next, { x, y }), before, 1e-5);
          expect(next.zoom).toBeGreaterThanOrEqual(LEAST_ZOOM);
          expect(next.zoom).toBeLessThanOrEqual(MOST_ZOOM);
        },
      ),
    );
  });

  test('fit shows all corners, and leaves no room on one axis at least', () => {
    fc.assert(
      fc.property(scenes, looks, (scene, look) => {
        const fitted = fitPicture(scene, look);
        fc.pre(fitted.zoom > LEAST_ZOOM && fitted.zoom < MOST_ZOOM);
        const { rows, columns } = scene.sides;
        const a = sampleToScreen(scene, fitted, { x: 0, y: 0 });
        const b = sampleToScreen(scene, fitted, { x: columns, y: rows });
        const wide = Math.abs(a.x - b.x) / scene.width;
        const high = Math.abs(a.y - b.y) / scene.height;
        expect(Math.max(wide, high)).toBeCloseTo(1, 6);
        near(
          { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 },
          { x: scene.width / 2, y: scene.height / 2 },
          1e-6 * columns,
        );
      }),
    );
  });

  test('one to one cuts no sample between two pixels', () => {
    fc.assert(
      fc.property(scenes, looks, (scene, look) => {
        const one = oneToOne(scene, look);
        const { x, y } = screenToSample(scene, one, { x: 0, y: 0 });
        expect([one.zoom, x - Math.round(x), y - Math.round(y)]).toEqual([1, 0, 0]);
      }),
    );
  });

  test('turning keeps the middle of the canvas', () => {
    fc.assert(
      fc.property(scenes, looks, quarter, fc.boolean(), (scene, look, rotate, mirror) => {
        const middle = { x: scene.width / 2, y: scene.height / 2 };
        const next = turnTo(scene, look, { rotate, mirror });
        near(screenToSample(scene, next, middle), screenToSample(scene, look, middle));
      }),
    );
  });
});
