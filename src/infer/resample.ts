/** For each cell of an axis: the first source cell that counts, and the weights from there on; they sum to 1. */
export interface AxisWeights {
  readonly first: Int32Array;
  /** `most` places a cell, zero where fewer count. */
  readonly weights: Float64Array;
  readonly most: number;
}

/**
 * From `from` cells to `to` cells of the same length: by area when there are fewer, so that every source cell
 * counts and the mean is kept; linearly between centres when there are more.
 */
export function axisWeights(from: number, to: number): AxisWeights {
  return to <= from ? areaWeights(from, to) : linearWeights(from, to);
}

function areaWeights(from: number, to: number): AxisWeights {
  const most = Math.ceil(from / to) + 1;
  const first = new Int32Array(to);
  const weights = new Float64Array(to * most);
  for (let cell = 0; cell < to; cell++) {
    // In units of 1/to of a source cell, so that the borders are exact integers.
    const start = cell * from;
    const end = start + from;
    const lead = Math.floor(start / to);
    first[cell] = lead;
    for (let k = 0; k < most; k++) {
      const overlap = Math.min(end, (lead + k + 1) * to) - Math.max(start, (lead + k) * to);
      weights[cell * most + k] = Math.max(0, overlap) / from;
    }
  }
  return { first, weights, most };
}

function linearWeights(from: number, to: number): AxisWeights {
  const first = new Int32Array(to);
  const weights = new Float64Array(to * 2);
  for (let cell = 0; cell < to; cell++) {
    const centre = Math.min(Math.max(((cell + 0.5) * from) / to - 0.5, 0), from - 1);
    const lead = Math.min(Math.floor(centre), Math.max(0, from - 2));
    first[cell] = lead;
    weights[cell * 2] = 1 - (centre - lead);
    weights[cell * 2 + 1] = centre - lead;
  }
  return { first, weights, most: 2 };
}

/** Adds a row `factor` times to another. */
export function addWeighted(row: Float64Array, factor: number, sums: Float64Array): void {
  for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] ?? 0) + factor * (row[i] ?? 0);
}

/** A row resampled along its columns. */
export function resampleRow(source: Float64Array, axis: AxisWeights, target: Float64Array): void {
  const { first, weights, most } = axis;
  for (let cell = 0; cell < target.length; cell++) {
    const lead = first[cell] ?? 0;
    let sum = 0;
    for (let k = 0; k < most; k++) {
      const weight = weights[cell * most + k] ?? 0;
      if (weight > 0) sum += weight * (source[lead + k] ?? 0);
    }
    target[cell] = sum;
  }
}
