import type { Samples } from './planes.ts';

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
export function countsAtOpenBeam(strips: readonly Samples[], openBeam: number): number {
  const total = strips.reduce((sum, { length }) => sum + length, 0);
  const stride = Math.max(2, Math.floor(total / MOST_PAIRS));
  const shares = strips.flatMap((strip) => brightDifferences(strip, openBeam, stride));
  if (shares.length < FEWEST_PAIRS) return USUAL_COUNTS;
  shares.sort((a, b) => a - b);
  const deviation = (shares[shares.length >> 1] ?? 0) / MEDIAN_SHARE / Math.SQRT2;
  return deviation === 0 ? MOST_COUNTS : Math.min(MOST_COUNTS, 1 / deviation ** 2);
}

/** Of neighbours that are open beam or nearly: the noise of counts grows with their root, so it is scaled to open beam. */
function brightDifferences(strip: Samples, openBeam: number, stride: number): readonly number[] {
  const shares: number[] = [];
  for (let i = 0; i + 1 < strip.length; i += stride) {
    const a = strip[i] ?? 0;
    const b = strip[i + 1] ?? 0;
    const mean = (a + b) / 2;
    if (mean >= BRIGHT_SHARE * openBeam) shares.push(Math.abs(a - b) / Math.sqrt(mean * openBeam));
  }
  return shares;
}
