import { Absorption } from '../population/absorption.ts';
import { findHold } from '../population/hold.ts';
import type { Rectangle } from '../raster.ts';

/** Absorption of cells, -ln of the transmission, upright; NaN where nothing was measured. */
export interface AbsorptionMap {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
  /** Side of a cell. */
  readonly cellMm: number;
}

/** A roof absorbs at least this much, and air above it less. */
const ROOF = 0.1;
/** Columns of one box have their roof at one height, but for this. */
const ROOF_LEVEL_MM = 150;
/** Castings stand above the roof, and lines that were not measured interrupt it. */
const BRIDGED_MM = 200;
/** Shorter than a container of 10 feet, longer than a cab. */
const SHORTEST_BOX_MM = 2600;

/** Holds within an area, from left to right: runs of columns with one roof, from that roof to the floor below. */
export function findOutlines(map: AbsorptionMap, area: Rectangle): readonly (Rectangle | undefined)[] {
  return boxesIn(map, area).map((run) => {
    const hold = findHold(classesOf(map, run), map.cellMm);
    return hold === undefined ? undefined : { ...run, ...hold };
  });
}

function boxesIn(map: AbsorptionMap, area: Rectangle): readonly Rectangle[] {
  const tops = topsOf(map, area);
  const within = Math.max(1, Math.round(ROOF_LEVEL_MM / map.cellMm));
  const level = commonest(tops, within, map.rows);
  if (level === undefined) return [];
  const bridged = Math.round(BRIDGED_MM / map.cellMm);
  const runs: { from: number; to: number }[] = [];
  for (const [column, top] of tops.entries()) {
    if (top < 0 || Math.abs(top - level) > within) continue;
    const last = runs.at(-1);
    if (last === undefined || column - last.to > bridged) runs.push({ from: column, to: column + 1 });
    else last.to = column + 1;
  }
  const { rowFrom, rowTo, columnFrom } = area;
  return runs
    .filter(({ from, to }) => (to - from) * map.cellMm >= SHORTEST_BOX_MM)
    .map(({ from, to }) => ({ rowFrom, rowTo, columnFrom: columnFrom + from, columnTo: columnFrom + to }));
}

/** The first row from above that absorbs as a roof does, with the row below it; -1 in a column without any. */
function topsOf({ columns, values }: AbsorptionMap, area: Rectangle): readonly number[] {
  return Array.from({ length: area.columnTo - area.columnFrom }, (_, i) => {
    const column = area.columnFrom + i;
    for (let row = area.rowFrom; row + 1 < area.rowTo; row++) {
      const [here, below] = [values[row * columns + column], values[(row + 1) * columns + column]];
      if ((here ?? 0) >= ROOF && (below ?? 0) >= ROOF) return row;
    }
    return -1;
  });
}

/** The row around which most columns have their top. */
function commonest(tops: readonly number[], within: number, rows: number): number | undefined {
  const counts = new Uint32Array(rows);
  for (const top of tops) if (top >= 0) counts[top] = (counts[top] ?? 0) + 1;
  let best: { row: number; near: number; own: number } | undefined;
  for (let row = 0; row < rows; row++) {
    let near = 0;
    for (let other = Math.max(0, row - within); other <= row + within; other++) near += counts[other] ?? 0;
    const own = counts[row] ?? 0;
    if (near > (best?.near ?? 0) || (near === best?.near && own > best.own)) best = { row, near, own };
  }
  return best?.row;
}

function classesOf({ rows, columns, values }: AbsorptionMap, run: Rectangle) {
  const absorption = new Absorption(rows, [run]);
  const data = values.map((value) => (Number.isNaN(value) ? 1 : Math.exp(-value)));
  absorption.add({ channels: 1, rows, columns, data }, 0, run.columnFrom, run.columnTo);
  const [classes = { rows, counts: new Uint32Array() }] = absorption.rowClasses;
  return classes;
}
