import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { percentileOf } from '../../../src/infer/reference.ts';

const scores = fc
  .array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 200 })
  .map((list) => list.sort((a, b) => a - b));

describe('percentile against a reference', () => {
  test('is the share of scores below plus half of those equal, capped', () => {
    fc.assert(
      fc.property(scores, fc.integer({ min: -5, max: 55 }), (reference, score) => {
        const below = reference.filter((entry) => entry < score).length;
        const equal = reference.filter((entry) => entry === score).length;
        const share = (below + equal / 2) / reference.length;
        const cap = reference.length / (reference.length + 1);
        expect(percentileOf(score, reference)).toBeCloseTo(100 * Math.min(share, cap), 9);
      }),
    );
  });

  test('never falls when the score rises', () => {
    fc.assert(
      fc.property(scores, fc.integer(), fc.nat(), (reference, score, more) => {
        expect(percentileOf(score + more, reference)).toBeGreaterThanOrEqual(percentileOf(score, reference));
      }),
    );
  });

  test('of the highest score ever seen is not 100: nine scores can say 90 at most', () => {
    expect(percentileOf(1000, [1, 2, 3, 4, 5, 6, 7, 8, 9])).toBe(90);
    expect(percentileOf(0, [1, 2, 3])).toBe(0);
    expect(percentileOf(2, [1, 2, 3])).toBe(50);
  });
});
