import { isMeasured, type MeasuredMask } from '../../../core/scan/measured.ts';
import type { Plane, Region } from '../plane.ts';

/** How often each sample value was found among what was measured. */
export interface Histogram {
  /** By value. */
  readonly counts: Uint32Array;
  readonly measured: number;
  /** Dead lines, and samples with the channel's invalid value. */
  readonly notMeasured: number;
}

/** Rows that are read at once. */
const ROWS_AT_ONCE = 64;

/**
 * Counts the stored samples of a region, which is cut to the plane; all of it unless given. Undefined while the plane does
 * not have them all.
 * @param mask - of the whole plane; all is measured where there is none
 */
export function histogramOf(
  plane: Plane,
  region: Region = wholeOf(plane),
  mask?: MeasuredMask,
): Histogram | undefined {
  const { row, column, rows, columns } = cut(region, plane);
  const counts = new Uint32Array(2 ** plane.bits);
  let notMeasured = 0;
  for (let done = 0; done < rows; done += ROWS_AT_ONCE) {
    const some = { row: row + done, column, rows: Math.min(ROWS_AT_ONCE, rows - done), columns };
    const samples = plane.read(0, some);
    if (samples === undefined) return undefined;
    for (let i = 0; i < some.rows * columns; i++) {
      const value = samples[i] ?? 0;
      const isCounted =
        mask === undefined ||
        isMeasured(mask, value, some.row + Math.floor(i / columns), column + (i % columns));
      if (isCounted) counts[value] = (counts[value] ?? 0) + 1;
      else notMeasured++;
    }
  }
  return { counts, measured: rows * columns - notMeasured, notMeasured };
}

function wholeOf({ rows, columns }: Plane): Region {
  return { row: 0, column: 0, rows, columns };
}

function cut({ row, column, rows, columns }: Region, plane: Plane): Region {
  const top = Math.min(plane.rows, Math.max(0, Math.floor(row)));
  const left = Math.min(plane.columns, Math.max(0, Math.floor(column)));
  return {
    row: top,
    column: left,
    rows: Math.max(0, Math.min(plane.rows, Math.ceil(row + rows)) - top),
    columns: Math.max(0, Math.min(plane.columns, Math.ceil(column + columns)) - left),
  };
}

/** Percentiles that are told of a region. */
export const toldPercentiles = [1, 5, 25, 50, 75, 95, 99] as const;

export interface Statistics {
  readonly count: number;
  readonly notMeasured: number;
  readonly mean: number;
  /** Of the samples themselves: the sum of squares is divided by their number. */
  readonly deviation: number;
  readonly least: number;
  readonly most: number;
  readonly percentiles: Readonly<Record<(typeof toldPercentiles)[number], number>>;
}

/** Undefined where nothing was measured. */
export function statisticsOf(histogram: Histogram): Statistics | undefined {
  const { counts, measured, notMeasured } = histogram;
  if (measured === 0) return undefined;
  let sum = 0;
  counts.forEach((count, value) => {
    sum += count * value;
  });
  const mean = sum / measured;
  let squares = 0;
  counts.forEach((count, value) => {
    if (count > 0) squares += count * (value - mean) ** 2;
  });
  const percentiles = Object.fromEntries(toldPercentiles.map((one) => [one, percentileOf(histogram, one)]));
  return {
    count: measured,
    notMeasured,
    mean,
    deviation: Math.sqrt(squares / measured),
    least: percentileOf(histogram, 0),
    most: percentileOf(histogram, 100),
    percentiles: percentiles as Statistics['percentiles'], // made of the same list
  };
}

/** The least value that this many of 100 measured samples do not exceed (nearest rank); 0 where nothing was measured. */
export function percentileOf({ counts, measured }: Histogram, percent: number): number {
  const rank = Math.max(1, Math.ceil((percent / 100) * measured));
  let below = 0;
  for (let value = 0; value < counts.length; value++) {
    below += counts[value] ?? 0;
    if (below >= rank) return value;
  }
  return 0;
}
