import type { SeqRange } from '../core/ports/records/seals.ts';

/** The ranges of numbers in rising order. */
export function rangesOf(seqs: readonly number[]): readonly SeqRange[] {
  return mergeRanges(seqs.map((seq) => [seq, seq]));
}

/** The same numbers in rising order, with as few ranges as there can be. */
export function mergeRanges(ranges: readonly SeqRange[]): readonly SeqRange[] {
  const merged: [number, number][] = [];
  for (const [first, last] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const before = merged.at(-1);
    if (before === undefined || first > before[1] + 1) merged.push([first, last]);
    else before[1] = Math.max(before[1], last);
  }
  return merged;
}

/** What merged ranges leave out of the numbers above the floor, up to and with the last one. */
export function gapsIn(merged: readonly SeqRange[], floor: number, last: number): readonly SeqRange[] {
  const gaps: SeqRange[] = [];
  let next = floor + 1;
  for (const [from, to] of merged) {
    if (from > last) break;
    if (from > next) gaps.push([next, from - 1]);
    next = Math.max(next, to + 1);
  }
  if (next <= last) gaps.push([next, last]);
  return gaps;
}

/** Ranges in rising order as stored JSON has them, or undefined if it holds anything else. */
export function readRanges(stored: unknown): readonly SeqRange[] | undefined {
  if (!Array.isArray(stored)) return undefined;
  const ranges: SeqRange[] = [];
  let highest = 0;
  for (const range of stored) {
    if (!isRange(range) || range[0] <= highest) return undefined;
    ranges.push(range);
    highest = range[1];
  }
  return ranges;
}

function isRange(value: unknown): value is SeqRange {
  return (
    Array.isArray(value) && value.length === 2 && value.every(Number.isSafeInteger) && value[0] <= value[1]
  );
}
