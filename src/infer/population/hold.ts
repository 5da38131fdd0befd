import type { LoadKind } from '../../core/case/finding.ts';
import { CLASS_WIDTH, CLASSES, type RowClasses } from './absorption.ts';

/** Rows of the model's image between the roof and the floor of a container, or of a wagon's body. */
export interface Hold {
  readonly rowFrom: number;
  readonly rowTo: number;
}

/** A row belongs to the frame or the floor where all but a share of its pixels absorb at least this much. */
const FRAME = 0.8;
/** Tried in turn: wheels may fill half of the length, and air beside the vehicle a third. */
const SHARES_BESIDE = [0.12, 0.3, 0.45] as const;
/** Half of the pixels below the roof absorb at least this much, even in an empty box. */
const WALLS = 0.1;
/** Frame and floor together, mm: under a light load the floor is their highest dense row, under a dense one no more is taken. */
const FRAME_MM = { least: 300, most: 600 } as const;
const LOWEST_HOLD_MM = 1500;
/** Absorption by goods, above that of two walls. */
const GOODS = 0.4;
/** Of the hold's pixels with goods: with fewer it is empty. */
const EMPTY_SHARE = 0.12;
/** Standard deviation over mean of the absorption of goods; machines, scrap, vehicles and coils have more. */
const UNEVEN = 0.5;

/**
 * Where the hold lies, found from the floor and the frame below it: dense along the whole length, with gaps between
 * wheels beneath. Undefined where the picture has no such floor; then all rows count.
 */
export function findHold({ rows, counts }: RowClasses, pitchMm: number): Hold | undefined {
  const allRows = (share: number) => Array.from({ length: rows }, (_, row) => quantile(counts, row, share));
  const frames = SHARES_BESIDE.map(allRows);
  const least = frames.find((values) => values.some((value) => value >= FRAME)) ?? [];
  const bottom = bottomOfFrame(least, Math.round(FRAME_MM.least / pitchMm));
  const roof = allRows(0.5).findIndex((value) => value >= WALLS);
  if (bottom < 0 || roof < 0) return undefined;
  const fewest = Math.round(FRAME_MM.least / pitchMm);
  let height = Math.round(FRAME_MM.most / pitchMm);
  while (height > fewest && (least[bottom - height] ?? 0) < FRAME) height--;
  const hold = { rowFrom: roof, rowTo: bottom - height };
  return (hold.rowTo - hold.rowFrom) * pitchMm >= LOWEST_HOLD_MM ? hold : undefined;
}

/** The last dense row; a thinner band at the very end of the picture is no frame, but rows that measured nothing. */
function bottomOfFrame(least: readonly number[], thinnest: number): number {
  const afterLight = least.findLastIndex((value) => value < FRAME) + 1;
  return least.length - afterLight >= thinnest
    ? least.length - 1
    : least.slice(0, afterLight).findLastIndex((value) => value >= FRAME);
}

/** The kind of load in these rows, estimated from how much of the beam the goods take, and how evenly. */
export function kindOfLoad({ rows, counts }: RowClasses, hold: Hold | undefined): LoadKind {
  let pixels = 0;
  let goods = 0;
  let sum = 0;
  let squares = 0;
  for (let row = hold?.rowFrom ?? 0; row < (hold?.rowTo ?? rows); row++) {
    for (let index = 0; index < CLASSES; index++) {
      const count = counts[row * CLASSES + index] ?? 0;
      const value = (index + 0.5) * CLASS_WIDTH;
      pixels += count;
      if (value < GOODS) continue;
      goods += count;
      sum += count * value;
      squares += count * value * value;
    }
  }
  if (goods < EMPTY_SHARE * pixels || goods === 0) return 'empty';
  const mean = sum / goods;
  const spread = Math.sqrt(Math.max(0, squares / goods - mean * mean));
  return spread / mean >= UNEVEN ? 'heterogeneous' : 'homogeneous';
}

/** The value that this share of a row's pixels stays below; 0 in a row without pixels. */
function quantile(counts: Uint32Array, row: number, share: number): number {
  const from = row * CLASSES;
  let total = 0;
  for (let i = 0; i < CLASSES; i++) total += counts[from + i] ?? 0;
  let seen = 0;
  for (let i = 0; i < CLASSES; i++) {
    seen += counts[from + i] ?? 0;
    if (total > 0 && seen > share * total) return i * CLASS_WIDTH;
  }
  return 0;
}
