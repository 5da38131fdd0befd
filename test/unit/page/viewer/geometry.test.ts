import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Turn } from '../../../../src/core/scan/turn.ts';
import { type Cell, cellOf, squareCell } from '../../../../src/page/viewer/cell.ts';
import {
  fitPicture,
  LEAST_ZOOM,
  MOST_ZOOM,
  oneToOne,
  panBy,
  pixelsOfSample,
  type Scene,
  sampleToScreen,
  screenToSample,
  screenToSampleAffine,
  turnTo,
  zoomAt,
} from '../../../../src/page/viewer/geometry.ts';
import { footprintOf, levelFor, MOST_BELOW } from '../../../../src/page/viewer/picture.ts';
import type { Look } from '../../../../src/page/viewer/settings.ts';

const quarter = fc.constantFrom<Turn['rotate']>(0, 90, 180, 270);
const place = fc.double({ min: -2000, max: 120_000, noNaN: true });
const point = fc.record({ x: place, y: place });
/** Square ones as often as others. */
const cells: fc.Arbitrary<Cell> = fc
  .tuple(fc.constantFrom(1, 1, 1.37, 2, 5.5, 32), fc.boolean())
  .map(([longer, isWide]) => (isWide ? { width: longer, height: 1 } : { width: 1, height: longer }));
const scenes: fc.Arbitrary<Scene> = fc.record({
  width: fc.integer({ min: 1, max: 4000 }),
  height: fc.integer({ min: 1, max: 4000 }),
  sides: fc.record({
    rows: fc.integer({ min: 1, max: 3000 }),
    columns: fc.integer({ min: 1, max: 100_000 }),
  }),
  cell: cells,
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

  test('one to one shows every sample, cuts no first one, and draws its shorter side as one pixel', () => {
    fc.assert(
      fc.property(scenes, looks, (scene, look) => {
        const one = oneToOne(scene, look);
        const { x, y } = pixelsOfSample(scene, one);
        expect([one.zoom, Math.min(x, y)]).toEqual([1, 1]);
        const { rows, columns } = scene.sides;
        const corners = [
          { x: 0, y: 0 },
          { x: columns, y: rows },
        ].map((corner) => sampleToScreen(scene, one, corner));
        const isWhole = (at: number) => Math.abs(at - Math.round(at)) < 1e-5;
        expect(corners.some((corner) => isWhole(corner.x))).toBe(true);
        expect(corners.some((corner) => isWhole(corner.y))).toBe(true);
        if (x === 1 && y === 1) {
          const at = screenToSample(scene, one, { x: 0, y: 0 });
          expect([at.x - Math.round(at.x), at.y - Math.round(at.y)]).toEqual([0, 0]);
        }
      }),
    );
  });

  test('what is as long in millimetres is as long on the screen, whatever way the picture lies', () => {
    const pitch = fc.double({ min: 0.5, max: 8, noNaN: true });
    fc.assert(
      fc.property(scenes, looks, pitch, pitch, point, (scene, look, columnMm, rowMm, at) => {
        const cell = cellOf({ columnMm, rowMm, source: 'file' });
        const here = sampleToScreen({ ...scene, cell }, look, at);
        const lengthTo = (x: number, y: number) => {
          const there = sampleToScreen({ ...scene, cell }, look, { x: at.x + x, y: at.y + y });
          return Math.hypot(there.x - here.x, there.y - here.y);
        };
        const [along, down] = [lengthTo(1000 / columnMm, 0), lengthTo(0, 1000 / rowMm)];
        expect(Math.abs(along / down - 1)).toBeLessThan(1e-3);
      }),
    );
  });

  test('a drag moves what lies below the hand as far as the hand', () => {
    fc.assert(
      fc.property(scenes, looks, fc.nat(4000), fc.nat(4000), (scene, look, x, y) => {
        const next = panBy(scene, look, { x: -x, y: -y });
        const held = screenToSample(scene, look, { x: 0, y: 0 });
        near(sampleToScreen(scene, next, held), { x, y }, 1e-3);
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

describe('samples of unequal sides', () => {
  const pitch = (rowMm: number, columnMm: number, source: 'file' | 'assumed' = 'file') => ({
    rowMm,
    columnMm,
    source,
  });

  test('are drawn as the pitch says, and square where it is unknown, assumed or cannot be right', () => {
    expect(cellOf(pitch(4, 2))).toEqual({ width: 1, height: 2 });
    expect(cellOf(pitch(1.5, 6))).toEqual({ width: 4, height: 1 });
    for (const one of [undefined, pitch(4, 2, 'assumed'), pitch(1e-9, 3), pitch(3, 97)])
      expect(cellOf(one)).toEqual(squareCell);
  });

  test('lose nothing on the longer side to the level, and none has more below a pixel than the shader sums', () => {
    const zoom = fc.double({ min: LEAST_ZOOM, max: MOST_ZOOM, noNaN: true });
    fc.assert(
      fc.property(cells, zoom, (cell, at) => {
        const level = levelFor(cell, at);
        const { columns, rows } = footprintOf(cell, at, level);
        expect(Math.max(columns, rows)).toBeLessThanOrEqual(MOST_BELOW);
        const longest = Math.max(cell.width, cell.height);
        if (longest <= MOST_BELOW / 2) expect(level === 0 || Math.min(columns, rows) >= 1 - 1e-9).toBe(true);
      }),
    );
  });
});
