import type { Region, Samples } from '../../core/material/planes.ts';
import { channelKinds } from '../../core/scan/channel-kinds.ts';
import { isCounts } from '../../core/scan/measured.ts';
import type { Channel } from '../../core/scan/scan.ts';

export type { Region, Samples } from '../../core/material/planes.ts';

/**
 * The samples of one channel as the viewer reads them. Level 0 is as stored. Level k has one for 2^k x 2^k of them: the
 * rounded mean, or of classes, which have no mean, the first. A plane may have only some regions yet.
 */
export interface Plane {
  readonly rows: number;
  readonly columns: number;
  readonly bits: 8 | 16;
  /** The open beam, or the highest value that there can be. */
  readonly fullScale: number;
  /** The samples of a region that lies inside the level, row by row; undefined while they are not there. */
  read(level: number, region: Region): Samples | undefined;
}

/** How many samples become one. */
export type Reduction = 'mean' | 'first';

/** Means of more than 2^12 x 2^12 samples are never drawn. */
export const LEVELS_CEILING = 12;

/** Rows or columns of a level. The last one may stand for fewer samples. */
export function sideOfLevel(side: number, level: number): number {
  return Math.ceil(side / 2 ** level);
}

/** Whether a channel can be a plane: others are not drawn by the viewer. */
export function canBePlane(channel: Channel): boolean {
  return isCounts(channel);
}

/** How the channel is made smaller. */
export function reductionOf({ kind }: Pick<Channel, 'kind'>): Reduction {
  return channelKinds[kind].canBeAveraged ? 'mean' : 'first';
}

/**
 * A plane of samples that are all in memory.
 * @throws RangeError where there are fewer samples than rows and columns
 */
export function planeInMemory(
  { rows, columns, fullScale }: Pick<Plane, 'rows' | 'columns' | 'fullScale'>,
  samples: Samples,
  reduction: Reduction = 'mean',
): Plane {
  if (samples.length < rows * columns) {
    throw new RangeError(`${samples.length} samples for ${rows} rows of ${columns}: give ${rows * columns}`);
  }
  return {
    rows,
    columns,
    bits: samples.BYTES_PER_ELEMENT === 1 ? 8 : 16,
    fullScale,
    read: (level, region) => {
      const into =
        samples instanceof Uint8Array ? new Uint8Array(sizeOf(region)) : new Uint16Array(sizeOf(region));
      if (level === 0) copyRows(samples, columns, region, into);
      else if (reduction === 'first') pickFirst(samples, columns, level, region, into);
      else averageBlocks(samples, { rows, columns }, level, region, into);
      return into;
    },
  };
}

function sizeOf({ rows, columns }: Region): number {
  return rows * columns;
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

function pickFirst(samples: Samples, width: number, level: number, region: Region, into: Samples): void {
  const block = 2 ** level;
  for (let i = 0; i < into.length; i++) {
    const row = region.row + Math.floor(i / region.columns);
    const column = region.column + (i % region.columns);
    into[i] = samples[row * block * width + column * block] ?? 0;
  }
}

/** Each mean is made from the stored samples, so that rounding does not add up from level to level. */
function averageBlocks(
  samples: Samples,
  sides: { readonly rows: number; readonly columns: number },
  level: number,
  region: Region,
  into: Samples,
): void {
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
