import { expect, test } from 'vitest';
import { beginTwoFingers, moveTwoFingers, type Pair } from '../../../src/page/case/reading/gestures.ts';

const pair = (x1: number, y1: number, x2: number, y2: number): Pair => [
  { x: x1, y: y1 },
  { x: x2, y: y2 },
];

test('fingers that move apart zoom by as much about their middle', () => {
  const [held, pinch] = moveTwoFingers(beginTwoFingers(pair(100, 100, 200, 100)), pair(50, 100, 250, 100));
  expect(pinch).toEqual({ kind: 'zoom', at: { x: 150, y: 100 }, factor: 2, by: { x: 0, y: 0 } });
  const [, then] = moveTwoFingers(held, pair(50, 180, 250, 180));
  expect(then).toMatchObject({ kind: 'zoom', factor: 1, by: { x: 0, y: 80 } });
});

test('fingers that move together change the window, also when they come closer later', () => {
  const [held, pinch] = moveTwoFingers(beginTwoFingers(pair(100, 100, 200, 100)), pair(100, 140, 200, 140));
  expect(pinch).toEqual({ kind: 'window', by: { x: 0, y: 40 } });
  const [, then] = moveTwoFingers(held, pair(140, 150, 160, 150));
  expect(then).toEqual({ kind: 'window', by: { x: 0, y: 10 } });
});

test('fingers that rest do nothing', () => {
  const [held, pinch] = moveTwoFingers(beginTwoFingers(pair(100, 100, 200, 100)), pair(103, 104, 204, 101));
  expect(pinch).toBeUndefined();
  expect(held.kind).toBe('undecided');
});
