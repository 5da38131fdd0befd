import type { Window } from '../settings.ts';
import { type Histogram, percentileOf } from './statistics.ts';

/** A few samples in a thousand are noise or failed. */
const LOW_PERCENT = 0.5;
const HIGH_PERCENT = 99.5;

/**
 * The window that shows nearly all of what was counted: of the whole picture, or of a region that the reader draws.
 * Undefined where nothing was measured. A region of one value gets the narrowest window round it.
 */
export function autoWindow(histogram: Histogram): Window | undefined {
  if (histogram.measured === 0) return undefined;
  const low = percentileOf(histogram, LOW_PERCENT);
  const high = percentileOf(histogram, HIGH_PERCENT);
  return high > low ? { low, high } : { low: Math.max(0, low - 1), high: low + 1 };
}

const GAMMAS = { least: 0.2, most: 5 } as const;

/** The curve by which a value is mid-grey in its window. */
export function gammaFor(value: number, { low, high }: Window): number {
  const share = (value - low) / Math.max(1, high - low);
  if (share <= 0) return GAMMAS.most;
  if (share >= 1) return GAMMAS.least;
  return Math.min(GAMMAS.most, Math.max(GAMMAS.least, Math.log(share) / Math.log(0.5)));
}
