import type { Region, Samples } from '../material/planes.ts';
import { channelKinds } from '../scan/channel-kinds.ts';
import type { Channel } from '../scan/scan.ts';

/** Smaller copies of a channel: level k has one sample for 2^k x 2^k of level 0, which is as stored. */

/** How many samples become one: their rounded mean; of classes, which have no mean, the one that is there most often. */
export type Reduction = 'mean' | 'most-frequent';

/** Means of more than 2^12 x 2^12 samples are never drawn. */
export const LEVELS_CEILING = 12;

interface Sides {
  readonly rows: number;
  readonly columns: number;
}

/** Rows or columns of a level. The last one may stand for fewer samples. */
export function sideOfLevel(side: number, level: number): number {
  return Math.ceil(side / 2 ** level);
}

/** How the channel is made smaller. */
export function reductionOf({ kind }: Pick<Channel, 'kind'>): Reduction {
  return channelKinds[kind].canBeAveraged ? 'mean' : 'most-frequent';
}

export function emptyLike(samples: Samples, length: number): Samples {
  return samples instanceof Uint8Array ? new Uint8Array(length) : new Uint16Array(length);
}

/** The samples of a region that lies inside the level, made from the stored ones and not from the level before. */
export function reduceSamples(
  samples: Samples,
  sides: Sides,
  level: number,
  region: Region,
  reduction: Reduction,
): Samples {
  const into = emptyLike(samples, region.rows * region.columns);
  if (level === 0) copyRows(samples, sides.columns, region, into);
  else if (reduction === 'mean') averageBlocks(samples, sides, level, region, into);
  else countBlocks(samples, sides, level, region, into);
  return into;
}

function copyRows(
  samples: Samples,
  width: number,
  { row, column, rows, columns }: Region,
  into: Samples,
): void {
  for (let r = 0; r < rows; r++) {
    const start = (row + r) * width + column;
    into.set(samples.subarray(start, start + columns), r * columns);
  }
}

/** Each mean is made from the stored samples, so that rounding does not add up from level to level. */
function averageBlocks(samples: Samples, sides: Sides, level: number, region: Region, into: Samples): void {
  const block = 2 ** level;
  const sums = new Float64Array(region.columns);
  const firstColumn = region.column * block;
  const endColumn = Math.min(sides.columns, (region.column + region.columns) * block);
  for (let r = 0; r < region.rows; r++) {
    const firstRow = (region.row + r) * block;
    const endRow = Math.min(sides.rows, firstRow + block);
    sums.fill(0);
    for (let row = firstRow; row < endRow; row++) {
      addRow(samples, row * sides.columns + firstColumn, endColumn - firstColumn, block, sums);
    }
    for (let c = 0; c < region.columns; c++) {
      const wide = Math.min(block, endColumn - firstColumn - c * block);
      into[r * region.columns + c] = Math.round((sums[c] ?? 0) / ((endRow - firstRow) * wide));
    }
  }
}

function addRow(samples: Samples, start: number, count: number, block: number, sums: Float64Array): void {
  for (let c = 0, at = 0; at < count; c++) {
    const end = Math.min(count, at + block);
    let sum = 0;
    for (; at < end; at++) sum += samples[start + at] ?? 0;
    sums[c] = (sums[c] ?? 0) + sum;
  }
}

/** Of two values that are there equally often, the lower one stands for the block. */
function countBlocks(samples: Samples, sides: Sides, level: number, region: Region, into: Samples): void {
  const block = 2 ** level;
  const counts = new Uint32Array(2 ** (8 * samples.BYTES_PER_ELEMENT));
  for (let i = 0; i < into.length; i++) {
    const top = (region.row + Math.floor(i / region.columns)) * block;
    const left = (region.column + (i % region.columns)) * block;
    const [bottom, right] = [Math.min(sides.rows, top + block), Math.min(sides.columns, left + block)];
    let best = -1;
    let most = 0;
    for (let row = top; row < bottom; row++) {
      for (let at = row * sides.columns + left; at < row * sides.columns + right; at++) {
        const value = samples[at] ?? 0;
        const count = (counts[value] ?? 0) + 1;
        counts[value] = count;
        if (count > most || (count === most && value < best)) [best, most] = [value, count];
      }
    }
    for (let row = top; row < bottom; row++) {
      for (let at = row * sides.columns + left; at < row * sides.columns + right; at++)
        counts[samples[at] ?? 0] = 0;
    }
    into[i] = Math.max(0, best);
  }
}
