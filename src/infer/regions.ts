import type { Rectangle } from './raster.ts';
import type { ValueMap } from './smooth.ts';

/** Connected values of a map at or above a level. */
export interface Region {
  readonly box: Rectangle;
  /** The highest value in it. */
  readonly peak: number;
  /** The class that a detector gave it. */
  readonly label?: string;
}

/** More than this many regions are noise; the strongest are kept. */
const MOST_REGIONS = 100_000;

/** Regions of values that touch, corners included, strongest first; ties from the top left. */
export function regionsAbove(map: ValueMap, level: number): readonly Region[] {
  const seen = new Uint8Array(map.values.length);
  const regions: Region[] = [];
  for (let start = 0; start < map.values.length && regions.length < MOST_REGIONS; start++) {
    if (seen[start] === 1 || !isAbove(map, start, level)) continue;
    regions.push(growRegion(map, level, start, seen));
  }
  return regions.sort(strongestFirst);
}

/** Floods from a value to all that touch it; marks what it has met. */
function growRegion(map: ValueMap, level: number, start: number, seen: Uint8Array): Region {
  const box = { rowFrom: map.rows, rowTo: 0, columnFrom: map.columns, columnTo: 0 };
  let peak = Number.NEGATIVE_INFINITY;
  const pending = [start];
  seen[start] = 1;
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    const row = Math.floor(at / map.columns);
    const column = at % map.columns;
    widen(box, row, column);
    peak = Math.max(peak, map.values[at] ?? peak);
    pushNeighbours(map, level, row, column, seen, pending);
  }
  return { box, peak };
}

type Widening = { -readonly [side in keyof Rectangle]: number };

function widen(box: Widening, row: number, column: number): void {
  box.rowFrom = Math.min(box.rowFrom, row);
  box.rowTo = Math.max(box.rowTo, row + 1);
  box.columnFrom = Math.min(box.columnFrom, column);
  box.columnTo = Math.max(box.columnTo, column + 1);
}

function pushNeighbours(
  map: ValueMap,
  level: number,
  row: number,
  column: number,
  seen: Uint8Array,
  pending: number[],
): void {
  for (let r = Math.max(0, row - 1); r <= Math.min(map.rows - 1, row + 1); r++) {
    for (let c = Math.max(0, column - 1); c <= Math.min(map.columns - 1, column + 1); c++) {
      const at = r * map.columns + c;
      if (seen[at] === 1 || !isAbove(map, at, level)) continue;
      seen[at] = 1;
      pending.push(at);
    }
  }
}

function isAbove({ values }: ValueMap, at: number, level: number): boolean {
  return (values[at] ?? Number.NEGATIVE_INFINITY) >= level;
}

/** By peak; ties from the top left. */
export function strongestFirst(a: Region, b: Region): number {
  return b.peak - a.peak || a.box.rowFrom - b.box.rowFrom || a.box.columnFrom - b.box.columnFrom;
}
