import { expect, test } from 'vitest';
import { clopperPearson, kappa, weightedShare, wilson } from '../../../../src/core/measures/statistics.ts';
import { toCsv } from '../../../../src/features/measures/csv.ts';
import { periodOf } from '../../../../src/features/measures/period.ts';

test('nothing that was counted has no share, rather than nought', () => {
  expect([wilson(0, 0), clopperPearson(0, 0), weightedShare(0, 0, 0)]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect(kappa({ yesYes: 0, yesNo: 0, noYes: 0, noNo: 0 })).toBeUndefined();
  expect(kappa({ yesYes: 0, yesNo: 0, noYes: 0, noNo: 9 })).toBeUndefined();
});

test('the exact interval of none of n ends where (1 - p)^n is a half of 5 %, and of all of n begins there', () => {
  for (const n of [1, 7, 30, 400]) {
    expect(clopperPearson(0, n)?.high).toBeCloseTo(1 - 0.025 ** (1 / n), 10);
    expect(clopperPearson(n, n)?.low).toBeCloseTo(0.025 ** (1 / n), 10);
  }
});

test('the exact interval is where the tails of the binomial distribution hold 2.5 % each', () => {
  const tail = (n: number, p: number, counts: readonly number[]) =>
    counts.reduce((sum, k) => {
      let choose = 1;
      for (let i = 0; i < k; i++) choose = (choose * (n - i)) / (i + 1);
      return sum + choose * p ** k * (1 - p) ** (n - k);
    }, 0);
  const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
  for (const [k, n] of [
    [3, 40],
    [17, 25],
  ] as const) {
    const { low = 0, high = 1 } = clopperPearson(k, n) ?? {};
    expect(tail(n, low, range(k, n))).toBeCloseTo(0.025, 9);
    expect(tail(n, high, range(0, k))).toBeCloseTo(0.025, 9);
  }
});

test('drawn with one share, a weighted share is the plain one', () => {
  const weight = 1 / 0.02;
  expect(weightedShare(50 * weight, 50 * weight ** 2, 3 * weight)?.high).toBeCloseTo(
    clopperPearson(3, 50)?.high ?? 0,
    10,
  );
});

test('kappa of the example of Cohen of two by two, and its interval', () => {
  const found = kappa({ yesYes: 20, yesNo: 5, noYes: 10, noNo: 15 });
  expect(found?.value).toBeCloseTo(0.4, 12);
  // the sum of the formula of 1969, term by term
  expect(((found?.high ?? 0) - (found?.low ?? 0)) / 2 / 1.959963984540054).toBeCloseTo(0.1265, 3);
});

test('a text in CSV never begins a formula, and numbers stay numbers', () => {
  expect(
    toCsv(
      ['a', 'b'],
      [
        ['=1+1', -0.5],
        ['@x', null],
        ['say "a, b"', 2],
      ],
    ),
  ).toBe('a,b\r\n\'=1+1,-0.5\r\n\'@x,\r\n"say ""a, b""",2\r\n');
});

test.each([
  [{ from: '2026-02-01T00:00:00Z', to: '2026-01-01T00:00:00Z' }, 'use a time before to'],
  [{ from: '2020-01-01T00:00:00Z', to: '2026-01-01T00:00:00Z', by: 'hour' as const }, 'use at most 1000'],
  [{ zone: '+02:00' }, 'use a name from the time zone database'],
  [{ zone: 'Europe/Nowhere' }, 'use a name from the time zone database'],
])('a period that cannot be is rejected in words: %j', (asked, words) => {
  expect(() => periodOf(asked, new Date('2026-01-31T00:00:00Z'))).toThrow(words);
});
