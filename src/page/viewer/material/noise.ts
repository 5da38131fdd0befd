import type { Samples } from '../plane.ts';

/** Pairs that are looked at, evenly drawn. */
const MOST_PAIRS = 20_000;
const FEWEST_PAIRS = 50;
/** Samples from this share of the open beam on are open beam, or nearly. */
const BRIGHT_SHARE = 0.7;
/** Where nothing is bright: a usual detector. */
const USUAL_COUNTS = 10_000;
const MOST_COUNTS = 10_000_000;
/** The median of |x| is this share of the standard deviation of normal noise. */
const MEDIAN_SHARE = 0.6745;

/**
 * What one sample counts at open beam, by the noise of bright neighbours in a row: their differences have no structure
 * to speak of, and their median has no outliers.
 */
export function countsAtOpenBeam(samples: Samples, openBeam: number): number {
  const stride = Math.max(2, Math.floor(samples.length / (8 * MOST_PAIRS)));
  const shares: number[] = [];
  for (let i = 0; i + 1 < samples.length && shares.length < MOST_PAIRS; i += stride) {
    const a = samples[i] ?? 0;
    const b = samples[i + 1] ?? 0;
    const mean = (a + b) / 2;
    // the noise of counts grows with their root: scaled to open beam
    if (mean >= BRIGHT_SHARE * openBeam) shares.push(Math.abs(a - b) / Math.sqrt(mean * openBeam));
  }
  if (shares.length < FEWEST_PAIRS) return USUAL_COUNTS;
  shares.sort((a, b) => a - b);
  const deviation = (shares[shares.length >> 1] ?? 0) / MEDIAN_SHARE / Math.SQRT2;
  return deviation === 0 ? MOST_COUNTS : Math.min(MOST_COUNTS, 1 / deviation ** 2);
}
