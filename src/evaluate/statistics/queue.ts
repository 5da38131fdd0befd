export interface QueueQuestion {
  /** Share of scans that are positive, above 0 and below 1. */
  readonly prevalence: number;
  /** Share of the queue that is read, above 0 and up to 1. */
  readonly first: number;
}

/**
 * Share of all positive scans that lie in the first part of a queue. The two lists stand for what comes: each is
 * weighted to the prevalence. Scans of one rank are read in any order, so that each counts by its share.
 * @param ordinary rank of each ordinary scan; higher is read first
 * @returns undefined where either list is empty
 */
export function shareInFirst(
  ordinary: readonly number[],
  positive: readonly number[],
  { prevalence, first }: QueueQuestion,
): number | undefined {
  if (ordinary.length === 0 || positive.length === 0) return undefined;
  let room = first;
  let found = 0;
  for (const [ofOrdinary, ofPositive] of ranksDownwards(ordinary, positive)) {
    const positives = (prevalence * ofPositive) / positive.length;
    const weight = positives + ((1 - prevalence) * ofOrdinary) / ordinary.length;
    const share = Math.min(1, room / weight);
    found += share * positives;
    room -= share * weight;
    if (room <= 1e-12) break;
  }
  return Math.min(1, found / prevalence);
}

/** How many of each list have one rank, from the highest rank on. */
function ranksDownwards(
  ordinary: readonly number[],
  positive: readonly number[],
): readonly (readonly [number, number])[] {
  const counts = new Map<number, [number, number]>();
  for (const [list, ranks] of [ordinary, positive].entries()) {
    for (const rank of ranks) {
      const count = counts.get(rank) ?? [0, 0];
      count[list === 0 ? 0 : 1] += 1;
      counts.set(rank, count);
    }
  }
  return [...counts].sort(([a], [b]) => b - a).map(([, count]) => count);
}
