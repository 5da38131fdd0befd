import type { Grid } from '../scene/canvas.ts';
import { materials } from './materials.ts';
import { layerAttenuation } from './physics.ts';

/** Attenuation (-ln T, high energy) below which there is nothing, and below which the ratio says nothing. */
const NOTHING = 0.03;
const UNCERTAIN = 0.09;
const CURVE_STEP = 0.25;
const CURVE_POINTS = 48;

interface Curves {
  readonly organic: Float64Array;
  readonly steel: Float64Array;
}

let cached: Curves | undefined;

/** Low-to-high ratio of -ln T over -ln T at high energy, for cellulose and for steel. */
function curves(): Curves {
  cached ??= {
    organic: ratioCurve(materials.cellulose),
    steel: ratioCurve(materials.steel),
  };
  return cached;
}

function ratioCurve(composition: Parameters<typeof layerAttenuation>[0]): Float64Array {
  const curve = new Float64Array(CURVE_POINTS);
  let grams = 0.5;
  for (let point = 0; point < CURVE_POINTS; point++) {
    const target = Math.max(0.05, point * CURVE_STEP);
    for (let i = 0; i < 30; i++) grams *= target / layerAttenuation(composition, grams).high;
    const { high, low } = layerAttenuation(composition, grams);
    curve[point] = low / high;
  }
  return curve;
}

/**
 * Class bytes from both channels smoothed over 5 x 5 samples, split as seen at one site that uses this kind of map:
 * 0 background, 1 to 40 noise, 41 to 120 organic, 121 to 255 metal.
 */
export function classifyMaterial(
  grid: Grid,
  high: Uint16Array,
  low: Uint16Array,
  openBeam: { readonly high: number; readonly low: number },
): Uint8Array {
  const smoothHigh = smoothAttenuation(grid, high, openBeam.high);
  const smoothLow = smoothAttenuation(grid, low, openBeam.low);
  const classes = new Uint8Array(smoothHigh.length);
  for (let i = 0; i < classes.length; i++) classes[i] = classOf(smoothHigh[i] ?? 0, smoothLow[i] ?? 0);
  return classes;
}

function classOf(high: number, low: number): number {
  if (high < NOTHING) return 0;
  if (high < UNCERTAIN) return 1 + Math.floor((39 * (high - NOTHING)) / (UNCERTAIN - NOTHING));
  const metallic = metallicShare(high, low);
  return metallic < 0.55 ? ramp(41, 120, (metallic + 0.6) / 1.15) : ramp(121, 255, (metallic - 0.55) / 1.6);
}

/**
 * Where the ratio of two attenuations (-ln T) lies between that of cellulose, 0, and that of steel, 1; below 0 and
 * above 1 for what is beyond them.
 * @param high above 0
 */
export function metallicShare(high: number, low: number): number {
  const point = Math.min(CURVE_POINTS - 1, Math.round(high / CURVE_STEP));
  const organic = curves().organic[point] ?? 1.2;
  const steel = curves().steel[point] ?? 1.1;
  return (organic - low / high) / (organic - steel);
}

function ramp(from: number, to: number, share: number): number {
  return Math.round(from + (to - from) * Math.max(0, Math.min(1, share)));
}

/** -ln of the mean transmission over 5 x 5 valid samples; 0 where none is valid. */
function smoothAttenuation({ rows, columns }: Grid, values: Uint16Array, openBeam: number): Float64Array {
  const sums = boxSums(rows, columns, values);
  const counts = boxSums(
    rows,
    columns,
    values.map((value) => (value === 0 ? 0 : 1)),
  );
  return sums.map((sum, i) => {
    const count = counts[i] ?? 0;
    return count === 0 ? 0 : Math.max(0, -Math.log(sum / count / openBeam));
  });
}

const REACH = 2;

/** Sums over 5 x 5 neighbourhoods by running sums along rows, then columns. */
function boxSums(rows: number, columns: number, values: Uint16Array): Float64Array {
  const along = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const start = row * columns;
    let sum = 0;
    for (let column = -REACH; column < columns; column++) {
      if (column + REACH < columns) sum += values[start + column + REACH] ?? 0;
      if (column - REACH - 1 >= 0) sum -= values[start + column - REACH - 1] ?? 0;
      if (column >= 0) along[start + column] = sum;
    }
  }
  // row by row, as they lie in memory
  const out = new Float64Array(rows * columns);
  const running = new Float64Array(columns);
  for (let row = -REACH; row < rows; row++) {
    const entering = row + REACH < rows ? (row + REACH) * columns : -1;
    const leaving = row - REACH - 1 >= 0 ? (row - REACH - 1) * columns : -1;
    for (let column = 0; column < columns; column++) {
      let sum = running[column] ?? 0;
      if (entering >= 0) sum += along[entering + column] ?? 0;
      if (leaving >= 0) sum -= along[leaving + column] ?? 0;
      running[column] = sum;
    }
    if (row >= 0) out.set(running, row * columns);
  }
  return out;
}
