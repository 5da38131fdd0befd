import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addPoint,
  type DrawingTool,
  moveCrosshair,
  snapPoint,
} from '../../../src/page/case/annotations/drawing.ts';
import { applyPending, type PendingStep } from '../../../src/page/case/annotations/pending.ts';
import { materialShares } from '../../../src/page/case/measures/shares.ts';
import { squareCell } from '../../../src/page/viewer/cell.ts';
import { fitPicture, type Point } from '../../../src/page/viewer/geometry.ts';
import { autoWindow, gammaFor } from '../../../src/page/viewer/measure/auto-window.ts';
import { histogramOf } from '../../../src/page/viewer/measure/statistics.ts';
import { planeInMemory } from '../../../src/page/viewer/plane.ts';
import { toneOf } from '../../../src/page/viewer/tone.ts';

/** What is drawn over a picture, step by step. */

const at = (x: number, y: number): Point => ({ x, y });

/** The points of a drawing after each of these, and whether it is whole. */
function drawn(tool: DrawingTool, points: readonly Point[]) {
  let before: readonly Point[] = [];
  for (const point of points) {
    const step = addPoint(tool, before, point);
    if (step.isWhole) return step;
    before = step.points;
  }
  return { points: before, isWhole: false };
}

describe('a drawing', () => {
  test.each([
    ['point', [at(3, 4)], true],
    ['box', [at(3, 4)], false],
    ['box', [at(3, 4), at(9, 1)], true],
    ['box', [at(3, 4), at(3, 9)], false],
    ['arrow', [at(3, 4), at(3, 4)], false],
    ['arrow', [at(3, 4), at(3, 9)], true],
    ['polygon', [at(0, 0), at(4, 0), at(4, 4)], false],
    ['polygon', [at(0, 0), at(4, 0), at(4, 4), at(0, 0)], true],
    ['polygon', [at(0, 0), at(4, 0), at(4, 4), at(4, 4)], true],
    ['polygon', [at(0, 0), at(4, 0), at(8, 0), at(0, 0)], false],
  ] as const)('of a %s with %j is whole: %j', (tool, points, isWhole) => {
    expect(drawn(tool, points).isWhole).toBe(isWhole);
  });

  test('closed by its first corner or by its last one again has each corner once', () => {
    for (const end of [at(0, 0), at(4, 4)])
      expect(drawn('polygon', [at(0, 0), at(4, 0), at(4, 4), end]).points).toHaveLength(3);
  });

  test('goes on with another second corner where the two were on one line', () => {
    expect(drawn('box', [at(3, 4), at(3, 9), at(5, 9)])).toEqual({
      points: [at(3, 4), at(5, 9)],
      isWhole: true,
    });
  });
});

describe('the crosshair', () => {
  const scene = {
    width: 400,
    height: 300,
    sides: { rows: 600, columns: 900 },
    cell: squareCell,
    display: { flipRows: false, rotate: 90, flipColumns: true },
  } as const;
  const look = (rotate: 0 | 90 | 180 | 270, mirror: boolean) =>
    fitPicture(scene, { rotate, mirror, zoom: 1, pan: at(0, 0) });

  test('comes back to its place when it goes forth and back, whatever way the picture lies', () => {
    const turns = fc.constantFrom<0 | 90 | 180 | 270>(0, 90, 180, 270);
    const arrow = fc.constantFrom<readonly [number, number]>([1, 0], [0, 1], [-1, 0], [0, -1]);
    fc.assert(
      fc.property(turns, fc.boolean(), arrow, fc.boolean(), (rotate, mirror, [x, y], isFine) => {
        const from = at(450, 300);
        for (const tool of ['box', 'point'] as const) {
          const there = moveCrosshair(tool, scene, look(rotate, mirror), from, [x, y], isFine);
          const steps = Math.abs(there.x - from.x) + Math.abs(there.y - from.y);
          expect(isFine ? steps : Math.min(steps, 2)).toBe(isFine ? 1 : 2);
          expect(moveCrosshair(tool, scene, look(rotate, mirror), there, [-x, -y], isFine)).toEqual(from);
        }
      }),
    );
  });

  test('never leaves the picture: a sample is in it, a corner is at its edge at most', () => {
    expect(snapPoint('point', scene, at(9999, -5))).toEqual(at(899, 0));
    expect(snapPoint('box', scene, at(9999, -5))).toEqual(at(900, 0));
  });
});

describe('what is shown', () => {
  const saved = { id: 'a', shape: 'box' as const, view: 'main', points: [at(0, 0), at(1, 1)], text: 'x' };
  const other = { id: 'b', shape: 'point' as const, view: 'main', points: [at(5, 5)] };

  test('is what the service has, with every step that it has not', () => {
    const steps: readonly PendingStep[] = [
      { kind: 'add', key: '1', annotation: other },
      { kind: 'change', key: '2', id: 'a', text: null },
      { kind: 'change', key: '3', id: 'b', text: 'here' },
    ];
    expect(applyPending([saved], [])).toEqual([{ ...saved, state: 'saved' }]);
    const { text: _, ...silent } = saved;
    expect(applyPending([saved], steps)).toEqual([
      { ...silent, state: 'pending' },
      { ...other, text: 'here', state: 'pending' },
    ]);
    expect(applyPending([saved], [...steps, { kind: 'remove', key: '4', id: 'a' }])).toHaveLength(1);
  });

  test('has once what the service took, although the page never heard of it', () => {
    expect(applyPending([saved, other], [{ kind: 'add', key: '1', annotation: other }])).toHaveLength(2);
  });
});

describe('an area', () => {
  const samples = Uint16Array.from({ length: 100 }, (_, i) => 1000 + i * 10);
  const plane = planeInMemory({ rows: 10, columns: 10, fullScale: 65_535 }, samples);

  test('is seen in full by its window, with its median mid-grey by its curve', () => {
    const histogram = histogramOf(plane);
    const window = histogram && autoWindow(histogram);
    if (window === undefined) throw new Error('no window');
    const curve = { kind: 'gamma', gamma: gammaFor(1100, window) } as const;
    const tone = toneOf({ window, curve, enhancement: { kind: 'none' } }, 65_535);
    expect(tone(1100)).toBeCloseTo(0.5, 5);
    expect([gammaFor(0, window), gammaFor(9999, window)]).toEqual([5, 0.2]);
  });

  test('has shares of materials by the class map of the scanner, which add up to 1', () => {
    const classes = planeInMemory(
      { rows: 10, columns: 10, fullScale: 255 },
      Uint8Array.from({ length: 100 }, (_, i) => Math.floor(i / 25)),
    );
    const legend = [
      { metalShare: 0, certainty: 1 },
      { metalShare: 0.46, certainty: 1 },
      { metalShare: 1, certainty: 1 },
      { metalShare: 0, certainty: 0 },
    ];
    const source = { kind: 'class-map', brightness: 'high', classes: 'map', legend } as const;
    const planes = new Map([['map', classes]]);
    const whole = { row: 0, column: 0, rows: 10, columns: 10 };
    expect(materialShares(planes, source, whole)).toEqual({
      organic: 0.25,
      mixed: 0.25,
      metal: 0.25,
      notCertain: 0.25,
    });
    expect(materialShares(planes, undefined, whole)).toBeUndefined();
    expect(materialShares(planes, source, { ...whole, rows: 0 })).toBeUndefined();
  });
});
