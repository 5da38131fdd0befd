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
