/** A map of values, row by row. */
export interface ValueMap {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
}

/** Side of the square over which a map is averaged before its maximum is a score. */
const SMOOTHING = 5;
/** So far on each side a smoothed value looks. */
export const smoothingReach = (SMOOTHING - 1) / 2;

/**
 * Each value becomes the mean of the square around it, with zero outside of the map: the score of a model is the
 * maximum of this, in its reference as here (avg_pool2d(map, 5, 1, 2) in lab/training).
 */
export function smooth(map: ValueMap, side = SMOOTHING): ValueMap {
  return boxMean(boxMean(map, side, 'columns'), side, 'rows');
}

/** The mean along one axis; of two of them, one after the other, comes the mean of the square. */
function boxMean({ rows, columns, values }: ValueMap, side: number, axis: 'rows' | 'columns'): ValueMap {
  const reach = (side - 1) / 2;
  const length = axis === 'columns' ? columns : rows;
  const step = axis === 'columns' ? 1 : columns;
  const out = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const at = row * columns + column;
      const place = axis === 'columns' ? column : row;
      const last = at + Math.min(reach, length - 1 - place) * step;
      let sum = 0;
      for (let k = at - Math.min(reach, place) * step; k <= last; k += step) sum += values[k] ?? 0;
      out[at] = sum / side;
    }
  }
  return { rows, columns, values: out };
}
