import { Random } from '../../simulate/random.ts';
import type { Interval } from './rates.ts';

export interface Resampling {
  /** The same seed gives the same interval. */
  readonly seed?: number;
  readonly draws?: number;
}

/**
 * 95 % interval of a figure by drawing whole scans with replacement: what lies in one scan stays together.
 * @param figure of some scans; undefined where they do not tell it, and that draw is passed over
 * @returns undefined where fewer than half of the draws tell it
 */
export function bootstrap<T>(
  scans: readonly T[],
  figure: (drawn: readonly T[]) => number | undefined,
  { seed = 1, draws = 1000 }: Resampling = {},
): Interval | undefined {
  if (scans.length < 2) return undefined;
  const random = new Random(seed, 'bootstrap');
  const figures: number[] = [];
  for (let draw = 0; draw < draws; draw++) {
    const value = figure(scans.map(() => random.pick(scans)));
    if (value !== undefined) figures.push(value);
  }
  if (figures.length < draws / 2) return undefined;
  const sorted = figures.sort((a, b) => a - b);
  return [quantile(sorted, 0.025), quantile(sorted, 0.975)];
}

/**
 * Linear between neighbours, as numpy.quantile does.
 * @param sorted at least one, in rising order
 * @param share 0 to 1
 */
export function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const low = sorted[Math.floor(at)] ?? Number.NaN;
  const high = sorted[Math.ceil(at)] ?? low;
  return low + (high - low) * (at - Math.floor(at));
}
