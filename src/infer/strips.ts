import type { Rectangle } from './raster.ts';
import { type Region, regionsAbove } from './regions.ts';
import { smooth, smoothingReach } from './smooth.ts';
import type { Strip } from './tiling.ts';

/** Smooths a map that comes in strips; each strip gives what is then certain, the last one the rest. */
export class StripSmoother {
  readonly #columns: number;
  #held: Strip | undefined;
  #given = 0;

  constructor(columns: number) {
    this.#columns = columns;
  }

  next(strip: Strip): Strip {
    const joined = this.#held === undefined ? strip : beside(this.#held, strip);
    const end = joined.from + joined.columns;
    const certain = end === this.#columns ? end : Math.max(this.#given, end - smoothingReach);
    const smoothed = { ...smooth(joined), from: joined.from };
    const result = columnsOf(smoothed, this.#given, certain);
    this.#held = columnsOf(joined, Math.max(joined.from, certain - smoothingReach), end);
    this.#given = certain;
    return result;
  }
}

/** The strip with one value in these parts of the whole map; the strip itself where it has none of them. */
export function blankedStrip(strip: Strip, areas: readonly Rectangle[], value: number): Strip {
  const end = strip.from + strip.columns;
  const own = areas.filter(({ columnFrom, columnTo }) => columnFrom < end && strip.from < columnTo);
  if (own.length === 0) return strip;
  const values = strip.values.slice();
  for (const { rowFrom, rowTo, columnFrom, columnTo } of own) {
    const from = Math.max(0, columnFrom - strip.from);
    const to = Math.min(strip.columns, columnTo - strip.from);
    for (let row = rowFrom; row < Math.min(strip.rows, rowTo); row++)
      values.fill(value, row * strip.columns + from, row * strip.columns + to);
  }
  return { ...strip, values };
}

/** The highest value in each row of some rectangles of a map that comes in strips. */
export class Peaks {
  readonly #areas: readonly Rectangle[];
  readonly #peaks: readonly Float64Array[];

  constructor(areas: readonly Rectangle[]) {
    this.#areas = areas;
    this.#peaks = areas.map(({ rowTo }) => new Float64Array(rowTo).fill(Number.NEGATIVE_INFINITY));
  }

  /** The highest value of rectangle `index`, in these rows of the map alone where they are given. */
  within(index: number, rows?: { readonly rowFrom: number; readonly rowTo: number }): number {
    const peaks = this.#peaks[index] ?? [];
    let highest = Number.NEGATIVE_INFINITY;
    for (let row = rows?.rowFrom ?? 0; row < Math.min(peaks.length, rows?.rowTo ?? peaks.length); row++)
      highest = Math.max(highest, peaks[row] ?? highest);
    return highest;
  }

  add(strip: Strip): void {
    for (const [i, area] of this.#areas.entries()) {
      const columnFrom = Math.max(0, area.columnFrom - strip.from);
      const columnTo = Math.min(strip.columns, area.columnTo - strip.from);
      const peaks = this.#peaks[i];
      if (columnFrom >= columnTo || peaks === undefined) continue;
      for (let row = area.rowFrom; row < Math.min(strip.rows, area.rowTo); row++) {
        let highest = peaks[row] ?? Number.NEGATIVE_INFINITY;
        const end = row * strip.columns + columnTo;
        for (let at = row * strip.columns + columnFrom; at < end; at++) {
          const value = strip.values[at] ?? highest;
          if (value > highest) highest = value;
        }
        peaks[row] = highest;
      }
    }
  }
}

/** Wider than any real finding: what goes on for longer is cut here, so that a map that is all above ends somewhere. */
const WIDEST_RUN = 8192;
/** More than this many regions are noise. */
const MOST_REGIONS = 100_000;

/**
 * Regions at or above two levels of a map that comes in strips. A region lies within a run of columns that reach the
 * lower level, so only such a run is held.
 */
export class RegionFinder {
  readonly #levels: readonly number[];
  readonly #found: Region[][];
  #run: Strip | undefined;

  constructor(levels: readonly number[]) {
    this.#levels = levels;
    this.#found = levels.map(() => []);
  }

  add(strip: Strip): void {
    const lowest = Math.min(...this.#levels);
    let start = 0;
    for (let column = 0; column <= strip.columns; column++) {
      if (column < strip.columns && reaches(strip, column, lowest)) continue;
      if (column > start) this.#extend(columnsOf(strip, strip.from + start, strip.from + column));
      if (column < strip.columns) this.#close();
      start = column + 1;
    }
  }

  /** For each level, in no order. */
  finish(): readonly (readonly Region[])[] {
    this.#close();
    return this.#found;
  }

  #extend(part: Strip): void {
    this.#run = this.#run === undefined ? part : beside(this.#run, part);
    if (this.#run.columns > WIDEST_RUN) this.#close();
  }

  #close(): void {
    const run = this.#run;
    if (run === undefined) return;
    this.#run = undefined;
    for (const [i, level] of this.#levels.entries()) {
      const found = this.#found[i] ?? [];
      const room = MOST_REGIONS - found.length;
      found.push(
        ...regionsAbove(run, level)
          .slice(0, room)
          .map((region) => moved(region, run.from)),
      );
    }
  }
}

function moved({ box, peak }: Region, columns: number): Region {
  const [columnFrom, columnTo] = [box.columnFrom + columns, box.columnTo + columns];
  return { box: { ...box, columnFrom, columnTo }, peak };
}

function reaches({ rows, columns, values }: Strip, column: number, level: number): boolean {
  for (let row = 0; row < rows; row++) {
    if ((values[row * columns + column] ?? Number.NEGATIVE_INFINITY) >= level) return true;
  }
  return false;
}

/** Columns of the whole map from `from` to `to` out of a strip that holds them; the strip itself where it is all. */
function columnsOf(strip: Strip, from: number, to: number): Strip {
  if (from === strip.from && to === strip.from + strip.columns) return strip;
  const columns = to - from;
  const values = new Float32Array(strip.rows * columns);
  for (let row = 0; row < strip.rows; row++) {
    const at = row * strip.columns + from - strip.from;
    values.set(strip.values.subarray(at, at + columns), row * columns);
  }
  return { from, rows: strip.rows, columns, values };
}

function beside(left: Strip, right: Strip): Strip {
  const columns = left.columns + right.columns;
  const values = new Float32Array(left.rows * columns);
  for (let row = 0; row < left.rows; row++) {
    const l = row * left.columns;
    const r = row * right.columns;
    values.set(left.values.subarray(l, l + left.columns), row * columns);
    values.set(right.values.subarray(r, r + right.columns), row * columns + left.columns);
  }
  return { from: left.from, rows: left.rows, columns, values };
}
