import type { Rectangle } from '../raster.ts';

/** A box of a detector in the model's pixels, and the run that gave it. */
export interface PlacedBox {
  readonly box: Rectangle;
  readonly peak: number;
  readonly label: string;
  readonly tile: number;
}

interface JoinRules {
  /** Shared area over joint area. */
  readonly above: number;
  /** Whether boxes of one run are joined too. */
  readonly withinTile: boolean;
}

/** A border of a tile cuts an object: its part lies within the box of the neighbour, as far as this. */
const PART_INSIDE = 0.7;

/**
 * Non-maximum suppression: of boxes of one class that overlap, the strongest stays. Boxes of different runs are also
 * joined where one is mostly inside the other. @param boxes - strongest first
 */
export function joinBoxes(boxes: readonly PlacedBox[], rules: JoinRules): readonly PlacedBox[] {
  const kept: PlacedBox[] = [];
  for (const box of boxes) if (!kept.some((other) => isSame(other, box, rules))) kept.push(box);
  return kept;
}

function isSame(a: PlacedBox, b: PlacedBox, { above, withinTile }: JoinRules): boolean {
  if (a.label !== b.label || (a.tile === b.tile && !withinTile)) return false;
  const shared = sharedArea(a.box, b.box);
  if (shared === 0) return false;
  const [areaA, areaB] = [areaOf(a.box), areaOf(b.box)];
  if (shared > above * (areaA + areaB - shared)) return true;
  return a.tile !== b.tile && shared > PART_INSIDE * Math.min(areaA, areaB);
}

/** Pixels of a rectangle. */
export function areaOf({ rowFrom, rowTo, columnFrom, columnTo }: Rectangle): number {
  return (rowTo - rowFrom) * (columnTo - columnFrom);
}

/** Pixels that two rectangles share. */
export function sharedArea(a: Rectangle, b: Rectangle): number {
  const rows = Math.min(a.rowTo, b.rowTo) - Math.max(a.rowFrom, b.rowFrom);
  const columns = Math.min(a.columnTo, b.columnTo) - Math.max(a.columnFrom, b.columnFrom);
  return Math.max(0, rows) * Math.max(0, columns);
}
