import { haze } from '../../simulate/physics/fields.ts';
import { quantile } from '../statistics/bootstrap.ts';
import type { UprightChannel, UprightView } from './upright.ts';

/** What a scanner does to the beam, as far as it matters for what is put into its scans. */
export interface ScannerState {
  /** Standard deviation of its point spread. */
  readonly blurMm: number;
  /** One of each channel, in their order. */
  readonly channels: readonly ChannelState[];
}

export interface ChannelState {
  /** Share of the open beam that is scatter, at each upright pixel. */
  readonly scatter: Float32Array;
  /** Detected quanta of one pixel in the open beam. */
  readonly quanta: number;
  /** Standard deviation of the electronics, as a share of the open beam. */
  readonly electronics: number;
}

/** What the maker of a scan tells of the scanner; the rest is estimated from the scan. */
export interface ToldState {
  readonly blurMm?: number;
  /** By channel: share of the signal that is scatter, and how wide it is spread. */
  readonly scatter?: readonly { readonly share: number; readonly sigmaMm: number }[];
  readonly noise?: readonly { readonly quanta: number; readonly electronics: number }[];
}

/** Unless told: half a pixel, as an ideal detector of that pitch has it, and scatter over the half of a metre. */
const BLUR_PIXELS = 0.5;
const SCATTER_SIGMA_MM = 400;
/** More scatter than this no collimated scanner has: such a scan has no opaque place that would show it. */
const MOST_SCATTER = 0.02;
const DARKEST = 0.001;

export function scannerOf(view: UprightView, told: ToldState = {}): ScannerState {
  const pitchMm = Math.sqrt(view.rowMm * view.columnMm);
  const channels = view.channels.map((channel, i): ChannelState => {
    const filled = channel.transmission.map((value) => (Number.isNaN(value) ? 1 : Math.min(1, value)));
    const { share, sigmaMm } = told.scatter?.[i] ?? { share: undefined, sigmaMm: SCATTER_SIGMA_MM };
    const wide = haze(filled, { rows: view.rows, columns: view.columns, pitchMm }, sigmaMm);
    const part = share ?? scatterShare(channel, view, wide);
    return { scatter: wide.map((value) => value * part), ...(told.noise?.[i] ?? noiseOf(channel, view)) };
  });
  return { blurMm: told.blurMm ?? BLUR_PIXELS * pitchMm, channels };
}

/** Where nothing comes through, what is left is scatter: the least ratio of signal to haze, over areas of 5 × 5. */
function scatterShare(
  { transmission }: UprightChannel,
  { rows, columns }: UprightView,
  wide: Float32Array,
): number {
  const ratios: number[] = [];
  for (let row = 2; row < rows - 2; row += 3) {
    for (let column = 2; column < columns - 2; column += 3) {
      const mean = meanAround(transmission, columns, row, column);
      const around = wide[row * columns + column] ?? 1;
      if (!Number.isNaN(mean) && around > 0) ratios.push(mean / around);
    }
  }
  if (ratios.length === 0) return 0;
  const least = quantile(
    ratios.sort((a, b) => a - b),
    DARKEST,
  );
  return Math.max(0, Math.min(MOST_SCATTER, least));
}

/** NaN where a sample is missing. */
function meanAround(values: Float32Array, columns: number, row: number, column: number): number {
  let sum = 0;
  for (let y = row - 2; y <= row + 2; y++) {
    for (let x = column - 2; x <= column + 2; x++) sum += values[y * columns + x] ?? Number.NaN;
  }
  return sum / 25;
}

/** Open beam lies within so much of 1. */
const NEAR_OPEN = 0.04;
const FEWEST_SQUARES = 200;
/** Where no open beam shows the noise: a usual scanner's, per pixel. */
const USUAL_QUANTA = 200_000;
/** Median of the absolute value of a normal variable. */
const MEDIAN_OF_NORMAL = 0.67449;

/**
 * Counting noise from open beam: neighbours compared in squares of 2 × 2, in which differences of gain between rows and
 * between pulses cancel. The electronics cannot be told apart there, and are in the quanta.
 */
function noiseOf({ transmission }: UprightChannel, { rows, columns }: UprightView) {
  const squares: number[] = [];
  for (let row = 0; row + 1 < rows; row += 2) {
    for (let column = 0; column + 1 < columns; column += 2) {
      const at = row * columns + column;
      const [a, b] = [transmission[at] ?? Number.NaN, transmission[at + 1] ?? Number.NaN];
      const [c, d] = [transmission[at + columns] ?? Number.NaN, transmission[at + columns + 1] ?? Number.NaN];
      if ([a, b, c, d].every((value) => Math.abs(value - 1) < NEAR_OPEN))
        squares.push(Math.abs(a - b - c + d) / 2);
    }
  }
  if (squares.length < FEWEST_SQUARES) return { quanta: USUAL_QUANTA, electronics: 0 };
  const deviation =
    quantile(
      squares.sort((x, y) => x - y),
      0.5,
    ) / MEDIAN_OF_NORMAL;
  return { quanta: 1 / Math.max(1e-12, deviation ** 2), electronics: 0 };
}
