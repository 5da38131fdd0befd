import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bootstrap, quantile } from '../../../src/evaluate/statistics/bootstrap.ts';
import { detectedAt, freeResponse, type MarkedScan } from '../../../src/evaluate/statistics/free-response.ts';
import { shareInFirst } from '../../../src/evaluate/statistics/queue.ts';
import { auroc, aurocOfCounts } from '../../../src/evaluate/statistics/ranks.ts';
import {
  aurocOf,
  detectionOf,
  normalCdf,
  normalQuantile,
  rateOf,
  thresholdFor,
  wilson,
} from '../../../src/evaluate/statistics/rates.ts';
import { kolmogorovTail, tenthsOf, testSame, testUniform } from '../../../src/evaluate/statistics/uniform.ts';
import { Random } from '../../../src/simulate/random.ts';

// Expected values are scipy's and numpy's: reference.py beside this prints them.

const scores = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 30 });

test('the normal distribution is scipy’s', () => {
  const cdf = [-3, -1, 0.5, 2.5].map(normalCdf);
  const expected = [0.0013498980316300933, 0.15865525393145707, 0.6914624612740131, 0.9937903346742238];
  for (const [i, value] of expected.entries()) expect(cdf[i]).toBeCloseTo(value, 6);
  const levels = [0.005, 0.05, 0.95, 0.975, 0.995].map(normalQuantile);
  const quantiles = [-2.575829303548901, -1.6448536269514729, 1.6448536269514722, 1.959963984540054];
  for (const [i, value] of [...quantiles, 2.5758293035489004].entries())
    expect(levels[i]).toBeCloseTo(value, 4);
});

test('Wilson intervals are scipy’s', () => {
  const expected = [
    [0, 10, 0, 0.27753279986288926],
    [3, 10, 0.10779126740630102, 0.6032218525388546],
    [10, 10, 0.7224672001371109, 1],
    [181, 200, 0.8563983883518006, 0.9383368972826135],
  ] as const;
  for (const [hits, of, low, high] of expected) {
    const found = wilson(hits, of);
    expect(found[0]).toBeCloseTo(low, 6);
    expect(found[1]).toBeCloseTo(high, 6);
  }
});

test('a rate lies within its interval, which lies within 0 and 1', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (of, share) => {
        const { rate, interval } = rateOf(Math.round(of * share), of);
        expect(0 <= interval[0] && interval[0] <= rate && rate <= interval[1] && interval[1] <= 1).toBe(true);
      },
    ),
  );
});

test('the AUROC is the share of pairs in the right order, as scipy’s U says', () => {
  expect(auroc([0.1, 0.4, 0.4, 0.7, 0.2, 0.9], [0.4, 0.8, 0.9, 0.95])).toBeCloseTo(0.8125, 12);
  fc.assert(
    fc.property(scores, scores, (a, b) => {
      const pairs = a.flatMap((x) => b.map((y) => (y > x ? 1 : y === x ? 0.5 : 0)));
      const expected = pairs.reduce((sum: number, one) => sum + one, 0) / pairs.length;
      expect(auroc(a, b)).toBeCloseTo(expected, 12);
      expect((auroc(a, b) ?? 0) + (auroc(b, a) ?? 0)).toBeCloseTo(1, 12);
    }),
  );
});

test('the AUROC of counted levels is that of the values', () => {
  const counted = (values: readonly number[]) =>
    Array.from({ length: 21 }, (_, level) => values.filter((value) => value === level).length);
  fc.assert(
    fc.property(scores, scores, (a, b) => {
      expect(aurocOfCounts(counted(a), counted(b))).toBeCloseTo(auroc(a, b) ?? 0, 12);
    }),
  );
  expect(aurocOfCounts([0, 0], [1, 0])).toBeUndefined();
  expect(auroc([], [1])).toBeUndefined();
});

test('at most the wanted share of ordinary scores is above the threshold, and a lower one would let more through', () => {
  fc.assert(
    fc.property(scores, fc.double({ min: 0, max: 0.5, noNaN: true }), (values, wanted) => {
      const threshold = thresholdFor(values, wanted);
      const above = (level: number) => values.filter((value) => value > level).length / values.length;
      expect(above(threshold)).toBeLessThanOrEqual(wanted + 1e-9);
      expect(values).toContain(threshold);
      expect(values.filter((value) => value >= threshold).length / values.length).toBeGreaterThan(
        wanted - 1e-9,
      );
    }),
  );
});

test('quantiles are numpy’s', () => {
  const found = [0.025, 0.3, 0.975].map((share) => quantile([1, 2, 4, 8, 16], share));
  for (const [i, value] of [1.1, 2.4, 15.2].entries()) expect(found[i]).toBeCloseTo(value, 12);
});

test('a bootstrap interval of a mean has the width that the normal distribution gives it', () => {
  const random = new Random(3, 'test');
  const values = Array.from({ length: 400 }, () => random.normal());
  const mean = (drawn: readonly number[]) => drawn.reduce((sum, value) => sum + value, 0) / drawn.length;
  const [low, high] = bootstrap(values, mean) ?? [0, 0];
  const spread = Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)) / 400);
  expect((high - low) / (2 * 1.96 * spread)).toBeGreaterThan(0.9);
  expect((high - low) / (2 * 1.96 * spread)).toBeLessThan(1.1);
  expect(bootstrap(values, mean)).toEqual([low, high]);
  expect(bootstrap([1], mean)).toBeUndefined();
  expect(bootstrap([1, 2], () => undefined)).toBeUndefined();
});

test('values that are uniform pass, and those that are not fail, as scipy says', () => {
  const even = Array.from({ length: 100 }, (_, i) => (((i + 1) * 37) % 101) / 101);
  const found = [1, 1.2, 1.4, 2].map((power) => testUniform(even.map((value) => value ** power)));
  for (const [i, value] of [
    0.00990099009900991, 0.0710974878881227, 0.12756097742139522, 0.2550249975492599,
  ].entries())
    expect(found[i]?.statistic).toBeCloseTo(value, 12);
  for (const [i, p] of [1, 0.6661593641681534, 0.07056635390998217, 3.199492570721674e-6].entries())
    expect(Math.abs((found[i]?.p ?? 9) - p)).toBeLessThan(0.02);
  expect(found[3]?.p).toBeLessThan(1e-5);
  expect(testUniform([])).toBeUndefined();
});

test('Kolmogorov’s distribution is scipy’s', () => {
  for (const [x, p] of [
    [0, 1],
    [0.3, 0.9999906941986655],
    [0.5, 0.9639452436648751],
    [0.8276, 0.49995841656354456],
    [1, 0.26999967167735456],
    [1.3580986393225507, 0.05],
    [1.6276236115189504, 0.01],
    [1.95, 0.00099591084288358],
  ] as const)
    expect(kolmogorovTail(x)).toBeCloseTo(p, 12);
});

test('it falls from 1 to 0, without a step where the series begins', () => {
  const shares = Array.from({ length: 400 }, (_, i) => kolmogorovTail(i / 100));
  expect([shares[0], shares.at(-1)]).toEqual([1, expect.closeTo(0, 12)]);
  for (const [i, share] of shares.entries()) expect(share).toBeLessThanOrEqual((shares[i - 1] ?? 1) + 1e-12);
});

test('two samples are compared as scipy compares them', () => {
  const one = Array.from({ length: 100 }, (_, i) => (((i + 1) * 37) % 101) / 101);
  const other = Array.from({ length: 82 }, (_, i) => ((((i + 1) * 53) % 83) / 83) ** 1.3);
  for (const [power, statistic, p] of [
    [1, 0.10682926829268292, 0.6826632690632453],
    [1.5, 0.06414634146341464, 0.9925013962541118],
    [2, 0.16951219512195123, 0.1500887818914568],
  ] as const) {
    const found = testSame(
      one.map((value) => value ** power),
      other,
    );
    expect(found?.statistic).toBeCloseTo(statistic, 12);
    expect(found?.p).toBeCloseTo(p, 12);
  }
  expect(testSame([1, 2, 2, 3, 3, 3], [2, 2, 3, 4, 5])?.statistic).toBeCloseTo(0.4, 12);
  expect([testSame([], [1]), testSame([1], [])]).toEqual([undefined, undefined]);
});

test('the distance of two samples is the widest gap between their shares, whichever comes first', () => {
  fc.assert(
    fc.property(scores, scores, (a, b) => {
      const upTo = (some: readonly number[], at: number) =>
        some.filter((value) => value <= at).length / some.length;
      const gaps = [...a, ...b].map((at) => Math.abs(upTo(a, at) - upTo(b, at)));
      expect(testSame(a, b)?.statistic).toBeCloseTo(Math.max(...gaps), 12);
      expect(testSame(b, a)?.statistic).toBe(testSame(a, b)?.statistic);
    }),
  );
});

test('each value is counted in its tenth, and 1 in the last', () => {
  expect(tenthsOf([0, 0.05, 0.1, 0.55, 0.99, 1])).toEqual([2, 1, 0, 0, 0, 1, 0, 0, 0, 2]);
});

test('what lies first in the queue is counted from the top, with ties by their share', () => {
  // of 100 ordinary scans 1 is above; 0.05 of the queue holds all positives and four of each hundred ordinary ones
  const ordinary = Array.from({ length: 100 }, (_, i) => i);
  expect(shareInFirst(ordinary, [1000], { prevalence: 0.01, first: 0.05 })).toBeCloseTo(1, 9);
  expect(shareInFirst(ordinary, [-1], { prevalence: 0.01, first: 0.05 })).toBe(0);
  // all of one rank: the first part holds its share of the positives
  expect(shareInFirst([5, 5, 5], [5], { prevalence: 0.2, first: 0.05 })).toBeCloseTo(0.05, 9);
  // more positives than room: half of the room is a tenth of the positives
  expect(shareInFirst([0], [1], { prevalence: 0.5, first: 0.05 })).toBeCloseTo(0.1, 9);
  fc.assert(
    fc.property(scores, scores, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (a, b, prevalence) => {
      const at = (first: number) => shareInFirst(a, b, { prevalence, first }) ?? -1;
      expect(at(1)).toBeCloseTo(1, 9);
      expect(at(0.05)).toBeLessThanOrEqual(at(0.1) + 1e-9);
      expect(at(0.05)).toBeGreaterThanOrEqual(0);
    }),
  );
});

test('the free-response curve counts objects and false marks from the highest score down', () => {
  const scans: MarkedScan[] = [
    { objects: [0.9], ordinaryScans: 0, falseMarks: [] },
    { objects: [undefined], ordinaryScans: 0, falseMarks: [] },
    { objects: [0.5], ordinaryScans: 1, falseMarks: [0.7, 0.2] },
    { objects: [], ordinaryScans: 1, falseMarks: [] },
  ];
  expect(freeResponse(scans)).toEqual([
    { score: 0.9, falseMarksPerScan: 0, detected: 1 / 3 },
    { score: 0.7, falseMarksPerScan: 0.5, detected: 1 / 3 },
    { score: 0.5, falseMarksPerScan: 0.5, detected: 2 / 3 },
    { score: 0.2, falseMarksPerScan: 1, detected: 2 / 3 },
  ]);
  expect(detectedAt(scans, 0.4)).toBe(1 / 3);
  expect(detectedAt(scans, 0.5)).toBe(2 / 3);
  expect(detectedAt([{ objects: [], ordinaryScans: 3, falseMarks: [] }], 1)).toBeUndefined();
});

test('the ideal observer by closed forms: d′ of 0 guesses, and larger ones see more', () => {
  expect(aurocOf(0)).toBeCloseTo(0.5, 6);
  expect(detectionOf(0, 0.05)).toBeCloseTo(0.05, 6);
  // scipy: norm.cdf(2 / sqrt(2)), norm.cdf(2 - norm.ppf(0.95))
  expect(aurocOf(2)).toBeCloseTo(0.9213503964748575, 6);
  expect(detectionOf(2, 0.05)).toBeCloseTo(0.6387600313123348, 5);
});
