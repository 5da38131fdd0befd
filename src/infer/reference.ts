import { percentileOf } from '../core/case/percentile.ts';

/** So many scores of a scanner's own weigh as much as the whole reference of the package. */
const PACKAGE_WEIGHT = 100;
/** With fewer of its own, a scanner is compared with the package's reference alone. */
export const FEWEST_OWN = 50;
/** The newest ones count: a scanner ages, and what goes through a lane changes with the season. */
export const MOST_OWN = 500;

/** What a score is compared with. */
export interface Reference {
  /** Of the package, in rising order, at least one. */
  readonly scores: readonly number[];
  /** Of earlier objects from the same scanner, in rising order. */
  readonly own?: readonly number[];
}

/**
 * Share of the reference, in percent, that a score is higher than. It starts as that among the package's scores and
 * goes over to that among the scanner's own as these grow in number (docs/decisions/0052-running-reference.md).
 */
export function percentileIn(score: number, { scores, own = [] }: Reference): number {
  if (own.length < FEWEST_OWN) return percentileOf(score, scores);
  const share = PACKAGE_WEIGHT / (PACKAGE_WEIGHT + own.length);
  return share * percentileOf(score, scores) + (1 - share) * percentileOf(score, own);
}
