import type { Limits } from './limits.ts';

const BASE_SECONDS = 5;
const PER_SECOND = 1_000_000;

/**
 * Wall time for reading so many pixels, or bytes where nobody knows the pixels: 5 s, and 1 s for each megapixel that the
 * headers claim, or each megabyte. At most the time of a conversion, so that a header that claims too much gains little.
 */
export function secondsToRead(amount: number, { convertSeconds }: Pick<Limits, 'convertSeconds'>): number {
  return Math.min(convertSeconds, BASE_SECONDS + Math.max(0, amount) / PER_SECOND);
}

const QUICK_BASE_SECONDS = 0.25;
const QUICK_PER_SECOND = 5_000_000;

/** Of these so much that a good picture is always drawn in it on an idle machine. It is a few times what that takes. */
export function secondsOfQuick(secondsToRead: number): number {
  return QUICK_BASE_SECONDS + (Math.max(0, secondsToRead - BASE_SECONDS) * PER_SECOND) / QUICK_PER_SECOND;
}

/** Rows times columns times frames. */
export function pixelsOf(sides: {
  readonly rows: number;
  readonly columns: number;
  readonly frames: number;
}): number {
  return sides.rows * sides.columns * sides.frames;
}
