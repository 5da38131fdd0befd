import type { Hold } from './place.ts';
import type { UprightView } from './upright.ts';

/** Upright pixels, ends exclusive. */
export interface PixelRectangle {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

/** Places that an object is compared with, at least and about. */
const FEWEST_PLACES = 12;
const PLACES = 400;

/**
 * How far an object stands out of its own load: its contrast over the spread that the load has by itself, where a
 * rectangle of the object's size is compared with the ring around it. It is the d′ of an observer who knows size and
 * place of the object, and of the load only how uneven it is.
 * @param contrast mean change of -ln T under the object
 * @param cover share of its rectangle that the object covers
 * @returns undefined where the load has too few places of that size
 */
export function standsOut(
  view: UprightView,
  hold: Hold,
  object: PixelRectangle,
  { contrast, cover }: { readonly contrast: number; readonly cover: number },
): number | undefined {
  const sums = summed(view);
  const rows = object.bottom - object.top;
  const columns = object.right - object.left;
  const free = (hold.bottom - hold.top - rows) * (hold.right - hold.left - columns);
  const step = Math.max(1, Math.floor(Math.sqrt(Math.max(1, free) / PLACES)));
  const differences: number[] = [];
  for (let top = hold.top; top + rows <= hold.bottom; top += step) {
    for (let left = hold.left; left + columns <= hold.right; left += step) {
      const place = { top, left, bottom: top + rows, right: left + columns };
      if (!isApart(place, object)) continue;
      differences.push(differenceAt(sums, view, place));
    }
  }
  if (differences.length < FEWEST_PLACES) return undefined;
  const mean = differences.reduce((sum, value) => sum + value, 0) / differences.length;
  const square = differences.reduce((sum, value) => sum + (value - mean) ** 2, 0) / differences.length;
  return (contrast * cover) / Math.sqrt(square + 1e-12);
}

function isApart(a: PixelRectangle, b: PixelRectangle): boolean {
  return a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
}

/** Sums of -ln T of all pixels above and left, one row and column more than the view. */
function summed({ rows, columns, channels }: UprightView): Float64Array {
  const width = columns + 1;
  const sums = new Float64Array((rows + 1) * width);
  for (let row = 0; row < rows; row++) {
    let along = 0;
    for (let column = 0; column < columns; column++) {
      const value = channels[0]?.transmission[row * columns + column] ?? 1;
      along += Number.isNaN(value) ? 0 : -Math.log(Math.max(1e-4, Math.min(1.2, value)));
      sums[(row + 1) * width + column + 1] = (sums[row * width + column + 1] ?? 0) + along;
    }
  }
  return sums;
}

/** Mean within, less the mean of a ring of half the size around it. */
function differenceAt(sums: Float64Array, { rows, columns }: UprightView, place: PixelRectangle): number {
  const [high, wide] = [place.bottom - place.top, place.right - place.left];
  const around = {
    top: Math.max(0, place.top - Math.ceil(high / 2)),
    left: Math.max(0, place.left - Math.ceil(wide / 2)),
    bottom: Math.min(rows, place.bottom + Math.ceil(high / 2)),
    right: Math.min(columns, place.right + Math.ceil(wide / 2)),
  };
  const inner = sumOf(sums, columns, place);
  const all = sumOf(sums, columns, around);
  const ring = areaOf(around) - areaOf(place);
  return inner / areaOf(place) - (all - inner) / Math.max(1, ring);
}

function areaOf({ top, left, bottom, right }: PixelRectangle): number {
  return (bottom - top) * (right - left);
}

function sumOf(sums: Float64Array, columns: number, { top, left, bottom, right }: PixelRectangle): number {
  const at = (row: number, column: number) => sums[row * (columns + 1) + column] ?? 0;
  return at(bottom, right) - at(top, right) - at(bottom, left) + at(top, left);
}
