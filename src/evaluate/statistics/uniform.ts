export interface Uniformity {
  readonly count: number;
  /** The farthest that the shares below and the line lie apart, 0 to 1. */
  readonly statistic: number;
  /** How often uniform values would lie so far apart, or farther. */
  readonly p: number;
}

/** How many of the values, from 0 to 1, lie in each tenth. */
export function tenthsOf(values: readonly number[]): number[] {
  return Array.from(
    { length: 10 },
    (_, i) => values.filter((value) => Math.min(9, Math.floor(value * 10)) === i).length,
  );
}

/**
 * Kolmogorov-Smirnov test of values that should be uniform between 0 and 1. The probability is the asymptotic one with
 * the correction of Stephens; values that are rounded to steps make it too small, never too large.
 * @returns undefined without values
 */
export function testUniform(values: readonly number[]): Uniformity | undefined {
  if (values.length === 0) return undefined;
  const sorted = [...values].sort((a, b) => a - b);
  const count = sorted.length;
  let statistic = 0;
  for (const [i, value] of sorted.entries()) {
    statistic = Math.max(statistic, value - i / count, (i + 1) / count - value);
  }
  const root = Math.sqrt(count);
  return { count, statistic, p: kolmogorovTail((root + 0.12 + 0.11 / root) * statistic) };
}

/**
 * Kolmogorov-Smirnov test of two samples that should have the same distribution. The probability is the asymptotic one,
 * and holds from some dozens of each on.
 * @returns undefined where one of them is empty; `count` is that of the first
 */
export function testSame(values: readonly number[], others: readonly number[]): Uniformity | undefined {
  if (values.length === 0 || others.length === 0) return undefined;
  const sorted = [values, others].map((some) => some.toSorted((a, b) => a - b));
  const [a = [], b = []] = sorted;
  let statistic = 0;
  for (let [i, j] = [0, 0]; i < a.length && j < b.length; ) {
    const at = Math.min(a[i] ?? 0, b[j] ?? 0);
    while (a[i] === at) i += 1;
    while (b[j] === at) j += 1;
    statistic = Math.max(statistic, Math.abs(i / a.length - j / b.length));
  }
  const size = Math.sqrt((a.length * b.length) / (a.length + b.length));
  return { count: a.length, statistic, p: kolmogorovTail(size * statistic) };
}

/** Share of Kolmogorov's distribution above `x`, by its series, which ends far below the last bit of the sum. */
export function kolmogorovTail(x: number): number {
  // below it the share differs from 1 by less than 1e-12, and the series converges slowly
  if (x < 0.2) return 1;
  let sum = 0;
  for (let k = 1; k <= 100; k++) sum += (k % 2 === 1 ? 2 : -2) * Math.exp(-2 * k * k * x * x);
  return Math.min(1, Math.max(0, sum));
}
