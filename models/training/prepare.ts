/**
 * Counts to what the model reads, as the service does it: transmission = counts / open beam; samples of 0 were not
 * measured and take the mean of the valid ones among their eight neighbours, or 1 (air) where there is none; then
 * the mean over areas of 11 mm.
 */
export const MODEL_PITCH_MM = 11;

export interface Plane {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
}

export function transmissionOf(rows: number, columns: number, counts: Uint16Array, openBeam: number): Plane {
  const values = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const i = row * columns + column;
      const count = counts[i] ?? 0;
      values[i] =
        (count > 0 ? count : neighbourMean(rows, columns, counts, row, column, openBeam)) / openBeam;
    }
  }
  return { rows, columns, values };
}

function neighbourMean(
  rows: number,
  columns: number,
  counts: Uint16Array,
  row: number,
  column: number,
  otherwise: number,
): number {
  let sum = 0;
  let valid = 0;
  for (let r = Math.max(0, row - 1); r <= Math.min(rows - 1, row + 1); r++) {
    for (let c = Math.max(0, column - 1); c <= Math.min(columns - 1, column + 1); c++) {
      const count = counts[r * columns + c] ?? 0;
      if (count === 0) continue;
      sum += count;
      valid++;
    }
  }
  return valid > 0 ? sum / valid : otherwise;
}

/** Mean over areas: every source sample counts by the area it shares with the target sample. */
export function toModelPitch(plane: Plane, pitchMm: number): Plane {
  const rows = Math.max(1, Math.round((plane.rows * pitchMm) / MODEL_PITCH_MM));
  const columns = Math.max(1, Math.round((plane.columns * pitchMm) / MODEL_PITCH_MM));
  const narrow = along(plane.values, plane.rows, plane.columns, columns, plane.columns, 1, columns, 1);
  const values = along(narrow, columns, plane.rows, rows, 1, columns, 1, columns);
  return { rows, columns, values };
}

function along(
  source: Float32Array,
  lines: number,
  length: number,
  target: number,
  lineStep: number,
  step: number,
  outLineStep: number,
  outStep: number,
): Float32Array {
  const out = new Float32Array(lines * target);
  const ratio = length / target;
  for (let line = 0; line < lines; line++) {
    for (let i = 0; i < target; i++) {
      const [from, to] = [i * ratio, (i + 1) * ratio];
      let sum = 0;
      for (let k = Math.floor(from); k < Math.min(length, Math.ceil(to - 1e-9)); k++) {
        const share = Math.min(to, k + 1) - Math.max(from, k);
        sum += share * (source[line * lineStep + k * step] ?? 0);
      }
      out[line * outLineStep + i * outStep] = sum / ratio;
    }
  }
  return out;
}
