import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  inView,
  isLong,
  moveTo,
  overviewOf,
  placeOf,
  shareAlong,
  stepBy,
  wagonAt,
  wagonsOf,
} from '../../../src/page/case/train/overview.ts';
import { fitPicture, type Scene, sampleToScreen, screenToSample } from '../../../src/page/viewer/geometry.ts';
import type { ViewSettings } from '../../../src/page/viewer/settings.ts';

const quarters = fc.constantFrom<0 | 90 | 180 | 270>(0, 90, 180, 270);
const pictures = fc.record({
  // long as stored, or as the record turns it upright
  sides: fc.constantFrom({ rows: 800, columns: 30_000 }, { rows: 30_000, columns: 800 }),
  mirror: fc.boolean(),
  flipRows: fc.boolean(),
  cell: fc.constantFrom({ width: 1, height: 1 }, { width: 1, height: 2.5 }, { width: 3, height: 1 }),
});
const settings = (rotate: ViewSettings['rotate'], mirror: boolean): ViewSettings => ({
  shown: { kind: 'channel', id: 'high' },
  window: { low: 0, high: 65_535 },
  curve: { kind: 'linear' },
  invert: false,
  colourMap: 'grey',
  enhancement: { kind: 'none' },
  rotate,
  mirror,
  zoom: 1,
  pan: { x: 0, y: 0 },
});
const strip = { width: 940, height: 44 };

function trainOf({
  sides,
  mirror,
  flipRows,
  cell,
}: typeof pictures extends fc.Arbitrary<infer P> ? P : never) {
  const rotate = sides.rows > sides.columns ? (90 as const) : (0 as const);
  return { ...sides, cell, display: { flipRows, rotate, flipColumns: mirror } };
}

describe('the strip of a train', () => {
  test('is filled by the whole train, and marks what the canvas shows', () => {
    fc.assert(
      fc.property(pictures, quarters, fc.boolean(), (of, rotate, mirror) => {
        const picture = trainOf(of);
        const { rows, columns, cell, display } = picture;
        const scene: Scene = { sides: { rows, columns }, cell, display, width: 900, height: 600 };
        const wanted = settings(rotate, mirror);
        const overview = overviewOf(picture, wanted, strip);
        const corners = [
          { x: 0, y: 0 },
          { x: columns, y: rows },
        ].map((corner) => sampleToScreen(overview.scene, overview.look, corner));
        expect(Math.abs((corners[0]?.x ?? 0) - (corners[1]?.x ?? 0))).toBeCloseTo(strip.width, 6);
        expect(Math.abs((corners[0]?.y ?? 0) - (corners[1]?.y ?? 0))).toBeCloseTo(strip.height, 6);
        const all = inView(overview, scene, fitPicture(scene, wanted));
        expect(all.left).toBeCloseTo(0, 6);
        expect(all.right).toBeCloseTo(strip.width, 6);
      }),
    );
  });

  test('moves the middle of the part in view to where the hand is, and not across the train', () => {
    fc.assert(
      fc.property(pictures, quarters, fc.boolean(), fc.nat(940), (of, rotate, mirror, x) => {
        const picture = trainOf(of);
        const { rows, columns, cell, display } = picture;
        const scene: Scene = { sides: { rows, columns }, cell, display, width: 900, height: 600 };
        const before = fitPicture(scene, settings(rotate, mirror));
        const overview = overviewOf(picture, before, strip);
        const after = moveTo(overview, scene, { ...before, zoom: 2 }, x);
        const middle = screenToSample(scene, after, { x: 450, y: 300 });
        const at = sampleToScreen(overview.scene, overview.look, middle);
        // near an end the part in view stays in the train
        const { left, right } = inView(overview, scene, after);
        const half = (right - left) / 2;
        expect(Math.abs(at.x - Math.min(strip.width - half, Math.max(half, x)))).toBeLessThan(0.1);
        expect(at.y).toBeCloseTo(strip.height / 2, 5);
      }),
    );
  });

  test('goes to the ends of the train, and back by what is seen', () => {
    fc.assert(
      fc.property(pictures, quarters, fc.boolean(), (of, rotate, mirror) => {
        const picture = trainOf(of);
        const { rows, columns, cell, display } = picture;
        const scene: Scene = { sides: { rows, columns }, cell, display, width: 900, height: 600 };
        const before = { ...fitPicture(scene, settings(rotate, mirror)), zoom: 2 };
        const overview = overviewOf(picture, before, strip);
        const start = stepBy(overview, scene, before, Number.NEGATIVE_INFINITY);
        const end = stepBy(overview, scene, before, Number.POSITIVE_INFINITY);
        expect(shareAlong(overview, scene, start)).toBeCloseTo(0, 6);
        expect(shareAlong(overview, scene, end)).toBeCloseTo(1, 6);
        expect(inView(overview, scene, start).left).toBeCloseTo(0, 6);
        expect(inView(overview, scene, end).right).toBeCloseTo(strip.width, 6);
        const next = stepBy(overview, scene, start, 1);
        // what is in view is told in whole samples
        expect(
          Math.abs(inView(overview, scene, next).left - inView(overview, scene, start).right),
        ).toBeLessThan(0.1);
      }),
    );
  });

  test('is there for what is much longer than high in millimetres alone', () => {
    const display = { flipRows: false, rotate: 0, flipColumns: false } as const;
    const square = { width: 1, height: 1 };
    expect(isLong({ rows: 1000, columns: 100_000, cell: square, display })).toBe(true);
    expect(isLong({ rows: 1378, columns: 2295, cell: square, display })).toBe(false);
    expect(isLong({ rows: 1378, columns: 2295, cell: { width: 4, height: 1 }, display })).toBe(true);
    expect(isLong({ rows: 9000, columns: 1000, cell: square, display: { ...display, rotate: 90 } })).toBe(
      true,
    );
  });

  test('has the wagons in their order, with numbers from the first column, and knows the one in the middle', () => {
    const unit = (id: string, from: number, to: number, axis: 'columns' | 'rows' = 'columns') => ({
      id,
      extent: { view: 'main', axis, from, to },
      containers: [],
    });
    const wagons = wagonsOf([
      unit('b', 500, 900),
      { id: 'nowhere', containers: [] },
      unit('across', 0, 80, 'rows'),
      unit('a', 0, 450),
    ]);
    expect(wagons.map(({ number, id }) => [number, id])).toEqual([
      [1, 'a'],
      [2, 'b'],
    ]);
    const picture = trainOf({
      sides: { rows: 800, columns: 30_000 },
      mirror: false,
      flipRows: false,
      cell: { width: 1, height: 1 },
    });
    const { rows, columns, cell, display } = picture;
    const scene: Scene = { sides: { rows, columns }, cell, display, width: 900, height: 600 };
    const look = (x: number) => ({ ...settings(0, false), pan: { x, y: 400 } });
    expect([100, 470, 899].map((x) => wagonAt(wagons, scene, look(x))?.id)).toEqual(['a', undefined, 'b']);
    const place = placeOf(overviewOf(picture, settings(0, true), strip), { from: 0, to: 3000 });
    // mirrored, the first tenth lies at the right
    expect([place.left / 940, place.right / 940].map((share) => Math.round(share * 10))).toEqual([9, 10]);
  });
});
