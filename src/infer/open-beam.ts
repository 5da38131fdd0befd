/** Samples are counted in windows of this width, as a share of their value: noise of 1.5 % at both sides of a peak. */
const PEAK_WIDTH = 0.03;
/** Fewer samples than this share are no open beam: bad detectors and stray counts lie above it. */
const LEAST_SHARE = 0.01;
/** In a picture without a peak, the samples above the estimate. */
const BRIGHT_SHARE = 0.005;

/**
 * The unobstructed beam, where nothing states it: the middle of the brightest peak that holds one sample in a hundred. A
 * high percentile would be lifted by the noise and by single bad samples, as 0.5 % of a real rail scan are: by 4 to 8 %
 * there, as much as an empty container absorbs.
 * @param sorted - measured samples, high is transparent, rising; some ten thousand are enough
 * @returns undefined for no sample
 */
export function estimatedOpenBeam(sorted: Float64Array): number | undefined {
  const { length } = sorted;
  if (length === 0) return undefined;
  const fewest = Math.max(1, Math.ceil(length * LEAST_SHARE));
  let best: { readonly from: number; readonly to: number } | undefined;
  let to = length;
  for (let from = length - 1; from >= 0; from--) {
    const low = sorted[from] ?? 0;
    if (low <= 0) break;
    while ((sorted[to - 1] ?? 0) > low * (1 + PEAK_WIDTH)) to--;
    if (best !== undefined && (sorted[best.from] ?? 0) > low * (1 + PEAK_WIDTH)) break;
    const count = to - from;
    if (count >= fewest && count > (best === undefined ? 0 : best.to - best.from)) best = { from, to };
  }
  if (best === undefined) return sorted[Math.ceil(length * (1 - BRIGHT_SHARE)) - 1];
  return sorted[(best.from + best.to - 1) >> 1];
}
