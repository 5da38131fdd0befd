import { defined } from '../../core/defined.ts';
import { blur, gaussianHalf } from '../../simulate/physics/fields.ts';
import type { Random } from '../../simulate/random.ts';
import { depthOf, factorOf } from './attenuation.ts';
import type { ScannerState } from './scanner.ts';
import { layersOf, type Shape } from './shape.ts';
import type { Patch, UprightView } from './upright.ts';

/** Upper left pixel of a shape. */
export interface Spot {
  readonly top: number;
  readonly left: number;
}

export interface Projection {
  readonly patch: Patch;
  /** Pixels of the patch that the shape covers, 1 or 0. */
  readonly mask: Uint8Array;
  /** What an observer sees who knows what lies there and what was put in: sum over pixels of difference² / noise². */
  readonly dPrimeSquared: number;
  /** Mean change of -ln T under the mask, in the first channel. */
  readonly contrast: number;
}

/** A pixel that the shape covers by less than this is not part of it. */
const COVERED = 0.3;
/** Below this nothing is divided by. */
const DARK = 1e-5;

/**
 * Puts a shape into a scan as the scanner would have seen it. Only the primary beam is attenuated, by each energy's own
 * spectrum; scatter stays. Counts that are missing are thinned as Poisson counts are, and counts that come through anew
 * have their own noise, so that the variance is that of the new signal.
 */
export function project(
  random: Random,
  view: UprightView,
  scanner: ScannerState,
  shape: Shape,
  spot: Spot,
): Projection {
  const layers = layersOf(shape, view.rowMm, view.columnMm);
  const pitchMm = Math.sqrt(view.rowMm * view.columnMm);
  const margin = Math.max(1, Math.ceil((3 * scanner.blurMm) / pitchMm));
  const grid = { rows: layers.rows + 2 * margin, columns: layers.columns + 2 * margin, pitchMm };
  const place = { top: spot.top - margin, left: spot.left - margin };
  const smooth = view.channels.map(({ transmission }, i) =>
    primaryIn(transmission, scanner.channels[i]?.scatter, view, place, grid),
  );
  const factors = factorPlanes(view, layers, smooth, margin, grid).map((plane) =>
    blur(plane, grid, gaussianHalf(scanner.blurMm / pitchMm)),
  );
  let dPrimeSquared = 0;
  const planes = view.channels.map(({ transmission }, i) => {
    const state = scanner.channels[i] ?? { scatter: new Float32Array(0), quanta: 1, electronics: 0 };
    return transmissions(
      { random, transmission, view, place, grid },
      smooth[i],
      factors[i],
      state,
      (square) => {
        dPrimeSquared += square;
      },
    );
  });
  const mask = maskOf(layers, margin, grid);
  return {
    patch: { ...place, rows: grid.rows, columns: grid.columns, transmission: planes },
    mask,
    dPrimeSquared,
    contrast: contrastOf(mask, factors[0], smooth[0]),
  };
}

interface Window {
  readonly rows: number;
  readonly columns: number;
  readonly pitchMm: number;
}

/** The signal of goods alone and the scatter under it, both smooth, in a window that may reach over the edge. */
interface Smooth {
  readonly primary: Float32Array;
  readonly scatter: Float32Array;
}

function primaryIn(
  transmission: Float32Array,
  scatter: Float32Array | undefined,
  { rows, columns }: UprightView,
  { top, left }: Spot,
  grid: Window,
): Smooth {
  const primary = new Float32Array(grid.rows * grid.columns);
  const floor = new Float32Array(grid.rows * grid.columns);
  for (let row = 0; row < grid.rows; row++) {
    for (let column = 0; column < grid.columns; column++) {
      const [y, x] = [top + row, left + column];
      const at = Math.max(0, Math.min(rows - 1, y)) * columns + Math.max(0, Math.min(columns - 1, x));
      const below = scatter?.[at] ?? 0;
      floor[row * grid.columns + column] = below;
      primary[row * grid.columns + column] = Math.max(
        DARK,
        meanOf(transmission, rows, columns, y, x) - below,
      );
    }
  }
  return { primary, scatter: floor };
}

/** Over the measured ones of 3 × 3; 1 where none is. */
function meanOf(values: Float32Array, rows: number, columns: number, row: number, column: number): number {
  let sum = 0;
  let count = 0;
  for (let y = Math.max(0, row - 1); y <= Math.min(rows - 1, row + 1); y++) {
    for (let x = Math.max(0, column - 1); x <= Math.min(columns - 1, column + 1); x++) {
      const value = values[y * columns + x] ?? Number.NaN;
      if (Number.isNaN(value)) continue;
      sum += value;
      count++;
    }
  }
  return count === 0 ? 1 : sum / count;
}

/** By how much the primary beam changes at each pixel, one plane a channel; 1 outside of the shape. */
function factorPlanes(
  view: UprightView,
  { rows, columns, added, removed }: ReturnType<typeof layersOf>,
  smooth: readonly Smooth[],
  margin: number,
  grid: Window,
): readonly Float32Array[] {
  const planes = view.channels.map(() => new Float32Array(grid.rows * grid.columns).fill(1));
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const from = row * columns + column;
      const change = {
        added: [...added].map(([material, grams]) => [material, grams[from] ?? 0] as const),
        removed: removed[from] ?? 0,
      };
      if (change.removed === 0 && change.added.every(([, grams]) => grams === 0)) continue;
      const at = (row + margin) * grid.columns + column + margin;
      const seen = view.channels.map(({ beam }, i) => ({ beam, primary: smooth[i]?.primary[at] ?? 1 }));
      for (const [i, { beam, primary }] of seen.entries()) {
        const other = seen.find((one) => one.beam !== beam)?.primary;
        const goods = depthOf({ beam, primary, ...defined({ other }) });
        const plane = planes[i];
        if (plane !== undefined) plane[at] = factorOf(goods, change, beam);
      }
    }
  }
  return planes;
}

interface Ground {
  readonly random: Random;
  readonly transmission: Float32Array;
  readonly view: UprightView;
  readonly place: Spot;
  readonly grid: Window;
}

/** The new transmissions of one channel; `seen` gets each pixel's share of the squared d′. */
function transmissions(
  { random, transmission, view, place, grid }: Ground,
  smooth: Smooth | undefined,
  factor: Float32Array | undefined,
  { quanta, electronics }: ScannerState['channels'][number],
  seen: (square: number) => void,
): Float32Array {
  const out = new Float32Array(grid.rows * grid.columns).fill(Number.NaN);
  for (let row = 0; row < grid.rows; row++) {
    for (let column = 0; column < grid.columns; column++) {
      const at = row * grid.columns + column;
      const [y, x] = [place.top + row, place.left + column];
      if (y < 0 || x < 0 || y >= view.rows || x >= view.columns) continue;
      const measured = transmission[y * view.columns + x] ?? Number.NaN;
      const by = factor?.[at] ?? 1;
      if (Number.isNaN(measured) || Math.abs(by - 1) < 1e-6) continue;
      const [primary, scatter] = [smooth?.primary[at] ?? 1, smooth?.scatter[at] ?? 0];
      const before = primary + scatter;
      const after = primary * by + scatter;
      out[at] = Math.max(0, measuredAnew(random, { measured, before, after, quanta, electronics }));
      seen((after - before) ** 2 / ((before + after) / (2 * quanta) + electronics ** 2));
    }
  }
  return out;
}

interface Counted {
  readonly measured: number;
  /** Mean signal before and after, with scatter. */
  readonly before: number;
  readonly after: number;
  readonly quanta: number;
  readonly electronics: number;
}

/**
 * One sample after the mean has changed. A sum of counts that is thinned by r has r times its mean and needs
 * mean × (1 - r) of variance anew; counts that come in addition bring their own.
 */
export function measuredAnew(
  random: Random,
  { measured, before, after, quanta, electronics }: Counted,
): number {
  const ratio = after / before;
  if (ratio >= 1) return measured + (after - before) + random.normal() * Math.sqrt((after - before) / quanta);
  const variance = (after / quanta) * (1 - ratio) + electronics ** 2 * (1 - ratio ** 2);
  return measured * ratio + random.normal() * Math.sqrt(variance);
}

function maskOf(
  { rows, columns, added, removed }: ReturnType<typeof layersOf>,
  margin: number,
  grid: Window,
) {
  const mask = new Uint8Array(grid.rows * grid.columns);
  const most = [...added.values()].map((plane) => Math.max(...plane));
  const full = Math.max(...removed);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const from = row * columns + column;
      const share = [...added.values()].some((plane, i) => (plane[from] ?? 0) > COVERED * (most[i] ?? 0));
      const gone = full > 0 && (removed[from] ?? 0) > COVERED * full;
      mask[(row + margin) * grid.columns + column + margin] = share || gone ? 1 : 0;
    }
  }
  return mask;
}

function contrastOf(mask: Uint8Array, factor: Float32Array | undefined, smooth: Smooth | undefined): number {
  let sum = 0;
  let count = 0;
  for (const [i, covered] of mask.entries()) {
    if (covered === 0) continue;
    const [primary, scatter] = [smooth?.primary[i] ?? 1, smooth?.scatter[i] ?? 0];
    sum += Math.abs(Math.log((primary * (factor?.[i] ?? 1) + scatter) / (primary + scatter)));
    count++;
  }
  return count === 0 ? 0 : sum / count;
}
