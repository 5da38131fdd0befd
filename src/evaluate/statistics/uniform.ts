export interface Uniformity {
  readonly count: number;
  /** The farthest that the shares below and the line lie apart, 0 to 1. */
  readonly statistic: number;
  /** How often uniform values would lie so far apart, or farther. */
  readonly p: number;
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
  return { count, statistic, p: tail((root + 0.12 + 0.11 / root) * statistic) };
}

/** Kolmogorov's distribution: the share above. */
function tail(x: number): number {
  if (x < 0.2) return 1;
  let sum = 0;
  for (let k = 1; k <= 100; k++) sum += (k % 2 === 1 ? 2 : -2) * Math.exp(-2 * k * k * x * x);
  return Math.min(1, Math.max(0, sum));
}
