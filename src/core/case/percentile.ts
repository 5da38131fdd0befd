/**
 * Share of the reference, in percent, that a score is higher than: those below, and half of those equal.
 * Never a probability. N scores cannot tell more than 100 N / (N + 1): the next ordinary scan could be the highest.
 * @param scores of comparable scans, in rising order, at least one
 */
export function percentileOf(score: number, scores: readonly number[]): number {
  const below = firstAtLeast(scores, score);
  const upTo = firstAbove(scores, score);
  const share = (below + (upTo - below) / 2) / scores.length;
  return 100 * Math.min(share, scores.length / (scores.length + 1));
}

function firstAtLeast(sorted: readonly number[], value: number): number {
  return bisect(sorted, (entry) => entry >= value);
}

function firstAbove(sorted: readonly number[], value: number): number {
  return bisect(sorted, (entry) => entry > value);
}

function bisect(sorted: readonly number[], passed: (entry: number) => boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (passed(sorted[middle] ?? Number.POSITIVE_INFINITY)) high = middle;
    else low = middle + 1;
  }
  return low;
}
