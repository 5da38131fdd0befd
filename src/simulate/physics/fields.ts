import type { Random } from '../random.ts';
import type { Grid } from '../scene/canvas.ts';

/** Blurs with a small symmetric kernel given by its half (centre first), along rows and columns; edges repeat. */
export function blur(image: Float32Array, grid: Grid, half: readonly number[]): Float32Array {
  return blurColumns(blurRows(image, grid, half), grid, half);
}

function blurRows(image: Float32Array, { rows, columns }: Grid, half: readonly number[]): Float32Array {
  const out = new Float32Array(image.length);
  const reach = half.length - 1;
  const line = new Float32Array(columns + 2 * reach);
  for (let row = 0; row < rows; row++) {
    const start = row * columns;
    line.fill(image[start] ?? 0, 0, reach);
    line.set(image.subarray(start, start + columns), reach);
    line.fill(image[start + columns - 1] ?? 0, reach + columns);
    for (let i = 0; i < columns; i++) {
      const at = i + reach;
      let sum = (line[at] ?? 0) * (half[0] ?? 1);
      for (let k = 1; k <= reach; k++) sum += ((line[at - k] ?? 0) + (line[at + k] ?? 0)) * (half[k] ?? 0);
      out[start + i] = sum;
    }
  }
  return out;
}

/** Row by row, because memory is read in that order: five times as fast as column by column. */
function blurColumns(image: Float32Array, { rows, columns }: Grid, half: readonly number[]): Float32Array {
  const out = new Float32Array(image.length);
  const sums = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    const start = row * columns;
    for (let i = 0; i < columns; i++) sums[i] = (image[start + i] ?? 0) * (half[0] ?? 1);
    for (let k = 1; k < half.length; k++) {
      const weight = half[k] ?? 0;
      const above = Math.max(0, row - k) * columns;
      const below = Math.min(rows - 1, row + k) * columns;
      for (let i = 0; i < columns; i++) {
        sums[i] = (sums[i] ?? 0) + ((image[above + i] ?? 0) + (image[below + i] ?? 0)) * weight;
      }
    }
    out.set(sums, start);
  }
  return out;
}

/** The half kernel of a Gaussian of this width in pixels. */
export function gaussianHalf(sigma: number): number[] {
  const reach = Math.max(1, Math.ceil(3 * sigma));
  const raw = Array.from({ length: reach + 1 }, (_, k) => Math.exp((-k * k) / (2 * sigma * sigma)));
  const total = raw.reduce((sum, value, k) => sum + (k === 0 ? value : 2 * value), 0);
  return raw.map((value) => value / total);
}

/** A very wide blur, on a coarse grid: what scatter looks like. */
export function haze(image: Float32Array, grid: Grid, sigmaMm: number): Float32Array {
  const cell = Math.max(1, Math.round(sigmaMm / 4 / grid.pitchMm));
  const coarse = shrink(image, grid, cell);
  const soft = blur(coarse.values, coarse.grid, gaussianHalf(sigmaMm / (cell * grid.pitchMm)));
  return enlarge(soft, coarse.grid, grid, cell);
}

function shrink(image: Float32Array, grid: Grid, cell: number): { values: Float32Array; grid: Grid } {
  const rows = Math.ceil(grid.rows / cell);
  const columns = Math.ceil(grid.columns / cell);
  const values = new Float32Array(rows * columns);
  const counts = new Float32Array(rows * columns);
  for (let row = 0; row < grid.rows; row++) {
    const line = Math.floor(row / cell) * columns;
    for (let at = line, column = 0; column < grid.columns; at++) {
      const end = Math.min(grid.columns, column + cell);
      for (; column < end; column++) {
        values[at] = (values[at] ?? 0) + (image[row * grid.columns + column] ?? 0);
        counts[at] = (counts[at] ?? 0) + 1;
      }
    }
  }
  for (let i = 0; i < values.length; i++) values[i] = (values[i] ?? 0) / (counts[i] ?? 1);
  return { values, grid: { rows, columns, pitchMm: grid.pitchMm * cell } };
}

/** Bilinear. */
function enlarge(values: Float32Array, coarse: Grid, fine: Grid, cell: number): Float32Array {
  const out = new Float32Array(fine.rows * fine.columns);
  const down = placesAlong(fine.rows, coarse.rows, cell);
  const along = placesAlong(fine.columns, coarse.columns, cell);
  for (let row = 0; row < fine.rows; row++) {
    const top = (down.before[row] ?? 0) * coarse.columns;
    const bottom = top + coarse.columns;
    const fy = down.share[row] ?? 0;
    for (let column = 0; column < fine.columns; column++) {
      const left = along.before[column] ?? 0;
      const fx = along.share[column] ?? 0;
      const above = mean(values, top + left, fx);
      const below = mean(values, bottom + left, fx);
      out[row * fine.columns + column] = above * (1 - fy) + below * fy;
    }
  }
  return out;
}

/** Of two neighbours, by the share of the second. */
function mean(values: Float32Array, at: number, share: number): number {
  return (values[at] ?? 0) * (1 - share) + (values[at + 1] ?? values[at] ?? 0) * share;
}

/** Where the fine samples lie among the coarse ones: the coarse one before each, and the share of the next. */
function placesAlong(fine: number, coarse: number, cell: number) {
  const before = new Int32Array(fine);
  const share = new Float64Array(fine);
  for (let i = 0; i < fine; i++) {
    const position = clampTo((i + 0.5) / cell - 0.5, coarse);
    before[i] = Math.floor(position);
    share[i] = position - Math.floor(position);
  }
  return { before, share };
}

function clampTo(position: number, count: number): number {
  return Math.max(0, Math.min(count - 1.001, position));
}

/** Smooth noise about 1: goods are never equally dense everywhere. Two octaves. */
export function unevenness(random: Random, grid: Grid, scaleMm: number, amount: number): Float32Array {
  const out = new Float32Array(grid.rows * grid.columns).fill(1);
  for (const [scale, share] of [
    [scaleMm, 0.7],
    [scaleMm / 3, 0.45],
  ] as const) {
    const cell = Math.max(1, Math.round(scale / grid.pitchMm));
    const coarse = {
      rows: Math.ceil(grid.rows / cell) + 1,
      columns: Math.ceil(grid.columns / cell) + 1,
      pitchMm: scale,
    };
    const values = Float32Array.from({ length: coarse.rows * coarse.columns }, () => random.normal());
    const layer = enlarge(values, coarse, grid, cell);
    for (let i = 0; i < out.length; i++) out[i] = (out[i] ?? 1) + amount * share * (layer[i] ?? 0);
  }
  for (let i = 0; i < out.length; i++) out[i] = Math.max(0.4, out[i] ?? 1);
  return out;
}
