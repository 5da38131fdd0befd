import { expect, test } from 'vitest';
import { secondsToRead } from '../../../src/core/reading-time.ts';

test.each([
  [0, 5],
  [480, 5.00048],
  [1_000_000, 6],
  [20_000_000, 25],
  [115_000_000, 120],
  [4_000_000_000, 120],
  [-1, 5],
])('%d pixels may take %d s', (pixels, seconds) => {
  expect(secondsToRead(pixels, { convertSeconds: 120 })).toBeCloseTo(seconds, 6);
});

test('a shorter time of conversions is the bound', () => {
  expect(secondsToRead(20_000_000, { convertSeconds: 3 })).toBe(3);
});
