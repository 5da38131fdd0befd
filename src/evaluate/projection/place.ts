import type { Random } from '../../simulate/random.ts';
import type { Spot } from './project.ts';
import type { Shape } from './shape.ts';
import type { UprightView } from './upright.ts';

/** Where goods may lie, in upright pixels, ends exclusive. */
export interface Hold {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/** A container or a body is this high inside at most; below it are floor and chassis. */
const HOLD_HEIGHT_MM = 2350;
/** Roof and end walls take this much. */
const WALL_MM = 110;
/** A row with less in the beam than this is air. */
const AIR = 0.97;
const ATTEMPTS = 40;
/** Goods that a place must have (-ln T): where something is taken away, and where something is put in. */
const GOODS_TO_TAKE = 0.6;
const GOODS_TO_HIDE = 0.25;

/** Where the goods of a unit lie: from the first row of its columns that is not air, as deep as a container. */
export function holdOf(view: UprightView, unit: UprightView['units'][number]): Hold {
  const wall = Math.round(WALL_MM / view.columnMm);
  const left = Math.min(unit.to - 1, unit.from + wall);
  const right = Math.max(left + 1, unit.to - wall);
  let roof = 0;
  while (roof < view.rows && middleOfRow(view, roof, left, right) > AIR) roof++;
  const top = Math.min(view.rows - 1, roof + Math.round(WALL_MM / view.rowMm));
  return { top, bottom: Math.min(view.rows, top + Math.round(HOLD_HEIGHT_MM / view.rowMm)), left, right };
}

function middleOfRow({ channels, columns }: UprightView, row: number, left: number, right: number): number {
  const values: number[] = [];
  for (let column = left; column < right; column += 4) {
    const value = channels[0]?.transmission[row * columns + column] ?? Number.NaN;
    if (!Number.isNaN(value)) values.push(value);
  }
  values.sort((a, b) => a - b);
  return values[Math.floor(values.length / 2)] ?? 1;
}

/**
 * A place for a shape among the goods, or undefined where the hold is too small for it. A shape that takes goods away
 * gets no place where there are none; one that is put in gets any place if none of a few has goods.
 */
export function placeFor(random: Random, view: UprightView, hold: Hold, shape: Shape): Spot | undefined {
  const rows = Math.ceil(shape.heightMm / view.rowMm);
  const columns = Math.ceil(shape.widthMm / view.columnMm);
  if (hold.bottom - hold.top < rows || hold.right - hold.left < columns) return undefined;
  const takes = 'removes' in shape.object;
  const wanted = takes ? GOODS_TO_TAKE : GOODS_TO_HIDE;
  let spot: Spot | undefined;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const top = random.integer(hold.top, hold.bottom - rows);
    const left = random.integer(hold.left, hold.right - columns);
    spot = { top, left };
    if (goodsIn(view, spot, rows, columns) >= wanted) return spot;
  }
  return takes ? undefined : spot;
}

/** Mean of -ln T over a few samples of a rectangle. */
function goodsIn(
  { channels, columns: width }: UprightView,
  { top, left }: Spot,
  rows: number,
  columns: number,
) {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < 25; i++) {
    const row = top + Math.floor(((Math.floor(i / 5) + 0.5) * rows) / 5);
    const column = left + Math.floor((((i % 5) + 0.5) * columns) / 5);
    const value = channels[0]?.transmission[row * width + column] ?? Number.NaN;
    if (Number.isNaN(value)) continue;
    sum -= Math.log(Math.max(1e-4, value));
    count++;
  }
  return count === 0 ? 0 : sum / count;
}
