import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { percentileOf } from '../../../src/core/case/percentile.ts';
import { FEWEST_OWN, MOST_OWN, percentileIn } from '../../../src/infer/reference.ts';
import { Random } from '../../../src/simulate/random.ts';

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

describe('percentile against a running reference', () => {
  const ofPackage = Array.from({ length: 2000 }, (_, i) => i / 2000);
  /** Scores of a scanner on which ordinary scans look odd to the model: all of them are in the package's highest tenth. */
  const scannerOf = (random: Random) => {
    const one = () => 0.9 + 0.1 * random.next();
    return { one, own: (count: number) => Array.from({ length: count }, one).sort((a, b) => a - b) };
  };
  const { own } = scannerOf(new Random(5, 'scanner'));
  const mean = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / values.length;

  test('is that of the package until the scanner has scores enough', () => {
    fc.assert(
      fc.property(scores, fc.integer(), fc.nat({ max: FEWEST_OWN - 1 }), (reference, score, count) => {
        const few = { scores: reference, own: own(count) };
        expect(percentileIn(score, few)).toBe(percentileOf(score, reference));
      }),
    );
  });

  test('goes over to the scanner: ordinary scans that all looked odd are ordinary among their own', () => {
    const scanner = scannerOf(new Random(5, 'scanner'));
    const percentilesWith = (count: number) => {
      const reference = { scores: ofPackage, own: scanner.own(count) };
      return Array.from({ length: 400 }, () => percentileIn(scanner.one(), reference));
    };
    const means = [0, FEWEST_OWN, 200, MOST_OWN].map((count) => mean(percentilesWith(count)));
    expect(means[0]).toBeGreaterThan(94);
    expect(means).toEqual(means.toSorted((a, b) => b - a));
    expect(means.at(-1)).toBeLessThan(63);
  });

  test('never falls when the score rises, and never leaves 0 to 100', () => {
    fc.assert(
      fc.property(scores, scores, fc.integer(), fc.nat(), (reference, few, score, more) => {
        const running = { scores: reference, own: [...few, ...own(FEWEST_OWN)].sort((a, b) => a - b) };
        const [low, high] = [percentileIn(score, running), percentileIn(score + more, running)];
        expect(high).toBeGreaterThanOrEqual(low);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThan(100);
      }),
    );
  });
});
