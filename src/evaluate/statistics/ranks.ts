/**
 * Share of pairs of an ordinary and a positive score in which the positive one is higher; ties count half.
 * @returns undefined where either is empty
 */
export function auroc(ordinary: readonly number[], positive: readonly number[]): number | undefined {
  if (ordinary.length === 0 || positive.length === 0) return undefined;
  const sorted = Float64Array.from(ordinary).sort();
  let below = 0;
  for (const score of positive) below += countBelow(sorted, score, false) + countBelow(sorted, score, true);
  return below / (2 * ordinary.length * positive.length);
}

/** Values below `score`, or with `orEqual` up to it. */
function countBelow(sorted: Float64Array, score: number, orEqual: boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const value = sorted[middle] ?? Number.POSITIVE_INFINITY;
    if (value < score || (orEqual && value === score)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * As `auroc`, from how often each level occurred: `outside` of the ordinary, `inside` of the positive.
 * @param outside counts by rising level, as many as `inside`
 */
export function aurocOfCounts(outside: readonly number[], inside: readonly number[]): number | undefined {
  let below = 0;
  let pairs = 0;
  let positives = 0;
  for (const [level, count] of inside.entries()) {
    const ordinary = outside[level] ?? 0;
    pairs += count * (below + ordinary / 2);
    below += ordinary;
    positives += count;
  }
  return positives === 0 || below === 0 ? undefined : pairs / (positives * below);
}
