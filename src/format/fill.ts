import type { MeasuredMask } from '../core/scan/measured.ts';

/** A line is filled from measured ones up to this many samples away, as for a model. */
const reach = 64;

interface Sides {
  readonly rows: number;
  readonly columns: number;
}

/** Means over areas, to be filled in place; NaN where an area has no measured sample. */
interface Cells extends Sides {
  readonly values: Float64Array;
}

/**
 * Fills the lines that were not measured, for looking at: each mean lies on the straight line between the nearest
 * measured means before and after it, across the dead line. Other places without a measured sample stay as they are.
 */
export function fillDeadLines(cells: Cells, stored: Sides, mask: MeasuredMask): void {
  const { rows, columns } = cells;
  fillAlong(
    cells,
    deadCells(mask.rows, rows),
    { length: rows, step: columns, others: columns, across: 1 },
    stored.rows,
  );
  fillAlong(
    cells,
    deadCells(mask.columns, columns),
    { length: columns, step: 1, others: rows, across: columns },
    stored.columns,
  );
}

/** Which lines of means have dead samples alone. */
function deadCells(dead: Uint8Array, cells: number): Uint8Array {
  const isDead = new Uint8Array(cells).fill(1);
  for (let line = 0; line < dead.length; line += 1) {
    if (dead[line] !== 1) isDead[Math.floor((line * cells) / dead.length)] = 0;
  }
  return isDead;
}

interface Walk {
  /** Lines, and how far one is from the next. */
  readonly length: number;
  readonly step: number;
  /** Means of a line, and how far one is from the next. */
  readonly others: number;
  readonly across: number;
}

function fillAlong(
  { values }: Cells,
  dead: Uint8Array,
  { length, step, others, across }: Walk,
  stored: number,
): void {
  const far = Math.max(1, Math.ceil((reach * length) / stored));
  for (let from = dead.indexOf(1); from !== -1; ) {
    const end = dead.indexOf(0, from);
    const to = end === -1 ? length : end;
    for (let other = 0; other < others; other += 1) {
      const before = from === 0 ? Number.NaN : (values[(from - 1) * step + other * across] ?? Number.NaN);
      const after = to === length ? Number.NaN : (values[to * step + other * across] ?? Number.NaN);
      for (let line = from; line < to; line += 1) {
        const filled = between([before, line - from + 1], [after, to - line], far);
        if (filled !== undefined) values[line * step + other * across] = filled;
      }
    }
    from = dead.indexOf(1, to);
  }
}

type Side = readonly [value: number, away: number];

/** By the distance of both; undefined where neither is measured and near. */
function between(before: Side, after: Side, far: number): number | undefined {
  const [a, b] = [before, after].map(([value, away]) =>
    away <= far && !Number.isNaN(value) ? value : undefined,
  );
  if (a === undefined || b === undefined) return a ?? b;
  return a + ((b - a) * before[1]) / (before[1] + after[1]);
}
