/** A map of values, row by row. */
export interface ValueMap {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
}

/** Side of the square over which a map is averaged before its maximum is a score. */
export const SMOOTHING = 5;

/**
 * Each value becomes the mean of the square around it, with zero outside of the map: the score of a model is the
 * maximum of this, in its reference as here (avg_pool2d(map, 5, 1, 2) in models/training).
 */
export function smooth(map: ValueMap, side = SMOOTHING): ValueMap {
  return boxMean(boxMean(map, side, 'columns'), side, 'rows');
}

/** The mean along one axis; of two of them, one after the other, comes the mean of the square. */
function boxMean({ rows, columns, values }: ValueMap, side: number, axis: 'rows' | 'columns'): ValueMap {
  const reach = (side - 1) / 2;
  const [lines, length, lineStep, step] =
    axis === 'columns' ? [rows, columns, columns, 1] : [columns, rows, 1, columns];
  const out = new Float32Array(values.length);
  for (let line = 0; line < lines; line++) {
    for (let i = 0; i < length; i++) {
      const from = Math.max(0, i - reach);
      const to = Math.min(length - 1, i + reach);
      let sum = 0;
      for (let k = from; k <= to; k++) sum += values[line * lineStep + k * step] ?? 0;
      out[line * lineStep + i * step] = sum / side;
    }
  }
  return { rows, columns, values: out };
}
