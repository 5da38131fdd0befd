import type { Random } from '../random.ts';
import type { Grid } from '../scene/canvas.ts';

/** Blurs with a small symmetric kernel given by its half (centre first), along rows and columns; edges repeat. */
export function blur(image: Float32Array, { rows, columns }: Grid, half: readonly number[]): Float32Array {
  const across = pass(image, rows, columns, 1, columns, half);
  return pass(across, columns, rows, columns, 1, half);
}

function pass(
  image: Float32Array,
  lines: number,
  length: number,
  step: number,
  lineStep: number,
  half: readonly number[],
): Float32Array {
  const out = new Float32Array(image.length);
  for (let line = 0; line < lines; line++) {
    const start = line * lineStep;
    for (let i = 0; i < length; i++) {
      let sum = (image[start + i * step] ?? 0) * (half[0] ?? 1);
      for (let k = 1; k < half.length; k++) {
        const before = image[start + Math.max(0, i - k) * step] ?? 0;
        const after = image[start + Math.min(length - 1, i + k) * step] ?? 0;
        sum += (before + after) * (half[k] ?? 0);
      }
      out[start + i * step] = sum;
    }
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
    for (let column = 0; column < grid.columns; column++) {
      const at = Math.floor(row / cell) * columns + Math.floor(column / cell);
      values[at] = (values[at] ?? 0) + (image[row * grid.columns + column] ?? 0);
      counts[at] = (counts[at] ?? 0) + 1;
    }
  }
  for (let i = 0; i < values.length; i++) values[i] = (values[i] ?? 0) / (counts[i] ?? 1);
  return { values, grid: { rows, columns, pitchMm: grid.pitchMm * cell } };
}

function enlarge(values: Float32Array, coarse: Grid, fine: Grid, cell: number): Float32Array {
  const out = new Float32Array(fine.rows * fine.columns);
  for (let row = 0; row < fine.rows; row++) {
    const y = clampTo((row + 0.5) / cell - 0.5, coarse.rows);
    for (let column = 0; column < fine.columns; column++) {
      out[row * fine.columns + column] = between(
        values,
        coarse.columns,
        y,
        clampTo((column + 0.5) / cell - 0.5, coarse.columns),
      );
    }
  }
  return out;
}

function clampTo(position: number, count: number): number {
  return Math.max(0, Math.min(count - 1.001, position));
}

/** Bilinear. */
function between(values: Float32Array, columns: number, y: number, x: number): number {
  const row = Math.floor(y);
  const column = Math.floor(x);
  const at = row * columns + column;
  const [fy, fx] = [y - row, x - column];
  const top = (values[at] ?? 0) * (1 - fx) + (values[at + 1] ?? values[at] ?? 0) * fx;
  const low = at + columns;
  const bottom = (values[low] ?? top) * (1 - fx) + (values[low + 1] ?? values[low] ?? top) * fx;
  return top * (1 - fy) + bottom * fy;
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
