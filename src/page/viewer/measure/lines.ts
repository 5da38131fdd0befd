import type { PixelPitch } from '../../../core/scan/scan.ts';
import type { Point } from '../geometry.ts';
import type { Plane } from '../plane.ts';

/** A length in the picture, or why it has none. Samples are counted where millimetres are not known. */
export type Distance =
  | { readonly kind: 'millimetres'; readonly mm: number; readonly samples: number }
  | { readonly kind: 'not-calibrated'; readonly samples: number };

/**
 * Between two points of stored samples, in the plane of the detector or of the object, whichever the pitch is of. A pitch
 * that was assumed gives no millimetres.
 */
export function distanceBetween(a: Point, b: Point, pitch: PixelPitch | undefined): Distance {
  const samples = Math.hypot(b.x - a.x, b.y - a.y);
  if (pitch === undefined || pitch.source === 'assumed') return { kind: 'not-calibrated', samples };
  return {
    kind: 'millimetres',
    mm: Math.hypot((b.x - a.x) * pitch.columnMm, (b.y - a.y) * pitch.rowMm),
    samples,
  };
}

export interface ProfilePoint {
  /** From the start of the line, in samples. */
  readonly at: number;
  readonly value: number;
}

/** More points than any screen is wide. */
const MOST_POINTS = 16_384;

/**
 * The samples below a line, about one for each sample of its length, as they are stored. Points outside of the plane are
 * left out. Undefined while the plane does not have them.
 * @param isLeftOut - of stored rows and columns: what is masked is no point of the line
 */
export function profileAlong(
  plane: Plane,
  from: Point,
  to: Point,
  isLeftOut: (row: number, column: number) => boolean = () => false,
): readonly ProfilePoint[] | undefined {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  const steps = Math.min(MOST_POINTS, Math.max(1, Math.ceil(length)));
  const points: ProfilePoint[] = [];
  for (let step = 0; step <= steps; step++) {
    const row = Math.floor(from.y + ((to.y - from.y) * step) / steps);
    const column = Math.floor(from.x + ((to.x - from.x) * step) / steps);
    if (row < 0 || column < 0 || row >= plane.rows || column >= plane.columns) continue;
    if (isLeftOut(row, column)) continue;
    const samples = plane.read(0, { row, column, rows: 1, columns: 1 });
    if (samples === undefined) return undefined;
    points.push({ at: (length * step) / steps, value: samples[0] ?? 0 });
  }
  return points;
}
