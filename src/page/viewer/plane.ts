import type { Region, Samples } from '../../core/material/planes.ts';
import { type Reduction, reduceSamples } from '../../core/samples/reduce.ts';
import { isCounts } from '../../core/scan/measured.ts';
import type { Channel } from '../../core/scan/scan.ts';

export type { Region, Samples } from '../../core/material/planes.ts';
export { LEVELS_CEILING, reductionOf, sideOfLevel } from '../../core/samples/reduce.ts';

/**
 * The samples of one channel as the viewer reads them. Level 0 is as stored. Level k has one for 2^k x 2^k of them: the
 * rounded mean, or of classes, which have no mean, the most frequent. A plane may have only some regions yet.
 */
export interface Plane {
  readonly rows: number;
  readonly columns: number;
  readonly bits: 8 | 16;
  /** The open beam, or the highest value that there can be. */
  readonly fullScale: number;
  /** The samples of a region that lies inside the level, row by row; undefined while they are not there. */
  read(level: number, region: Region): Samples | undefined;
  /**
   * What is drawn of it, where that differs from what was measured: a coarse copy while samples are on their way, or a
   * dead line filled. Never for figures.
   */
  show?(level: number, region: Region): Samples | undefined;
  /** How many lines and single samples `show` fills. */
  readonly filled?: { readonly lines: number; readonly single: number };
}

/** The same plane, drawn as it was measured. */
export function asMeasured(plane: Plane): Plane {
  if (plane.filled === undefined) return plane;
  const { show: _, filled: __, ...rest } = plane;
  return rest;
}

/** What is drawn of a region. */
export function shownSamples(plane: Plane, level: number, region: Region): Samples | undefined {
  return plane.show === undefined ? plane.read(level, region) : plane.show(level, region);
}

/** Whether a channel can be a plane: others are not drawn by the viewer. */
export function canBePlane(channel: Channel): boolean {
  return isCounts(channel);
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
    throw new RangeError(
      `${samples.length} samples for ${rows} rows of ${columns} columns: use ${rows * columns}`,
    );
  }
  return {
    rows,
    columns,
    bits: samples.BYTES_PER_ELEMENT === 1 ? 8 : 16,
    fullScale,
    read: (level, region) => reduceSamples(samples, { rows, columns }, level, region, reduction),
  };
}
