import type { Rectangle } from '../raster.ts';
import type { Steps } from '../turns.ts';
import type { AbsorptionMap } from './outline.ts';

/** What absorbs more than the box itself, in cells of a hold. */
export interface Residual {
  /** What both walls absorb. */
  readonly walls: number;
  /** Standard deviation of walls from cell to cell. */
  readonly noise: number;
  /** Share of the hold that was not measured. */
  readonly unmeasured: number;
  /** One end is dense from floor to roof, and wider than posts are. */
  readonly hasDenseEnd: boolean;
  readonly largest:
    | { readonly box: Rectangle; readonly areaMm2: number; readonly excess: number }
    | undefined;
}

/** Goods leave at least so much of a row free, or a row above it is free of them. */
const FREE_SHARE = 0.1;
/** Rows of the roof, seen at a slant, and of rails and floor absorb more than walls by so much. */
const STEP = 0.04;
/** A floor seen at a slant, and rails beside it. */
const FLOOR_MM = 150;
/** Rails along the walls, and lines that failed. */
const LINE_MM = 120;
/** Of the height of the hold: a roof seen at a slant from near the floor. */
const ROOF_SHARE = 0.45;
/** Corner posts with the frame of the doors or the front wall; and posts between. */
const POST_MM = 350;
/** A cooling unit with its frame. */
const END_MM = 1000;
/** Of the rows of the hold: what is as dense in all but this many of them stands from floor to roof. */
const UPRIGHT_SHARE = 0.2;
/** Corrugation, rings and labels absorb less than this more than walls do. */
const LEAST_EXCESS = 0.08;
const SIGMAS = 5;
/** Enough pairs for a quantile. */
const NOISE_STRIDE = 3;

/** What absorbs more than the box in a hold, in parts of a few milliseconds. */
export function* residualSteps(map: AbsorptionMap, hold: Rectangle): Steps<Residual> {
  const rows = Array.from({ length: hold.rowTo - hold.rowFrom }, (_, i) => rowOf(map, hold, i));
  const sorted = rows.map((row) => row.filter((value) => !Number.isNaN(value)).sort());
  const low = sorted.map((row) => at(row, FREE_SHARE));
  const walls = at(
    Float32Array.from(low)
      .filter((value) => !Number.isNaN(value))
      .sort(),
    FREE_SHARE,
  );
  yield;
  const noise = noiseOf(rows);
  yield;
  const box = boxOf(low, walls, map.cellMm);
  const excess = rows.map((row, i) => row.map((value) => value - (box[i] ?? walls)));
  yield;
  const upright = uprightOf(excess);
  yield;
  const { masked, hasDenseEnd } = postsOf(upright, map.cellMm);
  const levels = sorted.map((row, i) => levelOf(row, box[i] ?? walls, walls, noise));
  const cells = rows.length * (hold.columnTo - hold.columnFrom);
  const measured = sorted.reduce((sum, { length }) => sum + length, 0);
  return {
    walls,
    noise,
    unmeasured: 1 - measured / Math.max(1, cells),
    hasDenseEnd,
    largest: largestOf(excess, levels, masked, map.cellMm, hold),
  };
}

function rowOf({ columns, values }: AbsorptionMap, { rowFrom, columnFrom, columnTo }: Rectangle, i: number) {
  const start = (rowFrom + i) * columns;
  return values.subarray(start + columnFrom, start + columnTo);
}

/** The value that this share of sorted ones stays below; NaN of none. */
function at(sorted: Float32Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/** Neighbours of walls differ by noise alone, and at least a quarter of all are of walls, or of even goods. */
function noiseOf(rows: readonly Float32Array[]): number {
  const steps = rows.flatMap((row) => {
    const found: number[] = [];
    for (let i = 1; i < row.length; i += NOISE_STRIDE) {
      const step = Math.abs((row[i] ?? 0) - (row[i - 1] ?? 0));
      if (!Number.isNaN(step)) found.push(step);
    }
    return found;
  });
  // a quarter of the differences of two normal values is smaller than 0.45 of their standard deviation
  return at(Float32Array.from(steps).sort(), 0.25) / 0.45;
}

/**
 * What the box absorbs in each row. That is what walls do, but for rows that absorb more all along and are no goods: in
 * the upper part, and in thin lines, where a row below is free, since goods stand on what is below them; and just above
 * the floor.
 */
function boxOf(low: readonly number[], walls: number, cellMm: number): readonly number[] {
  const isMore = low.map((value) => value > walls + STEP);
  const free = isMore.lastIndexOf(false);
  const roof = Math.min(free, Math.floor(low.length * ROOF_SHARE));
  const floor = low.length - Math.ceil(FLOOR_MM / cellMm);
  const thin = Math.floor(LINE_MM / cellMm);
  return low.map((value, row) => {
    const isLine = row < free && runAround(isMore, row) <= thin;
    const isOfBox = isMore[row] === true && (row < roof || row >= floor || isLine);
    return isOfBox ? value : Math.min(walls + STEP, value || walls);
  });
}

/** How many rows in a row absorb more. */
function runAround(isMore: readonly boolean[], row: number): number {
  const before = isMore.lastIndexOf(false, row);
  const after = isMore.indexOf(false, row);
  return (after < 0 ? isMore.length : after) - before - 1;
}

/** A row of roof or floor is uneven along its length. */
function levelOf(sorted: Float32Array, box: number, walls: number, noise: number): number {
  const least = Math.max(LEAST_EXCESS, SIGMAS * noise);
  if (box <= walls + STEP) return least;
  return Math.max(least, 0.25 * box, SIGMAS * (at(sorted, 0.5) - at(sorted, 0.25)));
}

/** What a column absorbs more than its rows, in all but a share of them. */
function uprightOf(excess: readonly Float32Array[]): Float32Array {
  const columns = excess[0]?.length ?? 0;
  const along = new Float32Array(excess.length);
  return Float32Array.from({ length: columns }, (_, column) => {
    let measured = 0;
    for (const row of excess) {
      const value = row[column] ?? Number.NaN;
      if (!Number.isNaN(value)) along[measured++] = value;
    }
    return at(along.subarray(0, measured).sort(), UPRIGHT_SHARE);
  });
}

/** Marks the columns of posts and ends, which are dense from floor to roof. */
function postsOf(upright: Float32Array, cellMm: number) {
  const columns = upright.length;
  const masked = new Uint8Array(columns);
  let hasDenseEnd = false;
  for (let from = 0; from < columns; from++) {
    if (!((upright[from] ?? 0) > STEP)) continue;
    let to = from;
    while (to < columns && (upright[to] ?? 0) > STEP) to++;
    const widthMm = (to - from) * cellMm;
    const isEnd = from * cellMm < POST_MM || (columns - to) * cellMm < POST_MM;
    if (isEnd && widthMm > POST_MM && widthMm <= END_MM) hasDenseEnd = true;
    if (widthMm <= POST_MM || (isEnd && widthMm <= END_MM)) masked.fill(1, Math.max(0, from - 1), to + 1);
    from = to;
  }
  return { masked, hasDenseEnd };
}

/** The connected cells above their row's level that together absorb most. */
function largestOf(
  excess: readonly Float32Array[],
  levels: readonly number[],
  masked: Uint8Array,
  cellMm: number,
  hold: Rectangle,
): Residual['largest'] {
  const rows = excess.length;
  const columns = masked.length;
  const seen = new Uint8Array(rows * columns);
  const isAbove = (row: number, column: number) =>
    masked[column] !== 1 && (excess[row]?.[column] ?? 0) > (levels[row] ?? Number.POSITIVE_INFINITY);
  const cellMm2 = cellMm * cellMm;
  let largest: Residual['largest'];
  for (let start = 0; start < seen.length; start++) {
    if (seen[start] === 1 || !isAbove(Math.floor(start / columns), start % columns)) continue;
    const { cells, sum, box } = connectedTo(start, excess, seen, isAbove);
    const found = (sum * cellMm2) / 1e6;
    if (found <= (largest?.excess ?? 0)) continue;
    largest = {
      box: {
        rowFrom: box.rowFrom + hold.rowFrom,
        rowTo: box.rowTo + hold.rowFrom,
        columnFrom: box.columnFrom + hold.columnFrom,
        columnTo: box.columnTo + hold.columnFrom,
      },
      areaMm2: cells * cellMm2,
      excess: found,
    };
  }
  return largest;
}

/**
 * The cells above their row's level that are connected to one of them, corners included.
 * @param seen - marks each cell that is visited, so that none counts twice
 */
function connectedTo(
  start: number,
  excess: readonly Float32Array[],
  seen: Uint8Array,
  isAbove: (row: number, column: number) => boolean,
) {
  const rows = excess.length;
  const columns = seen.length / rows;
  const box = { rowFrom: rows, rowTo: 0, columnFrom: columns, columnTo: 0 };
  let [cells, sum] = [0, 0];
  seen[start] = 1;
  const stack = [start];
  for (let cell = stack.pop(); cell !== undefined; cell = stack.pop()) {
    const [row, column] = [Math.floor(cell / columns), cell % columns];
    cells++;
    sum += excess[row]?.[column] ?? 0;
    box.rowFrom = Math.min(box.rowFrom, row);
    box.rowTo = Math.max(box.rowTo, row + 1);
    box.columnFrom = Math.min(box.columnFrom, column);
    box.columnTo = Math.max(box.columnTo, column + 1);
    for (let y = Math.max(0, row - 1); y <= Math.min(rows - 1, row + 1); y++)
      for (let x = Math.max(0, column - 1); x <= Math.min(columns - 1, column + 1); x++) {
        const next = y * columns + x;
        if (seen[next] === 1 || !isAbove(y, x)) continue;
        seen[next] = 1;
        stack.push(next);
      }
  }
  return { cells, sum, box };
}
