import type { Channel } from '../../core/scan/scan.ts';
import { stepsOf, type Turn } from '../../core/scan/turn.ts';

/** The sides of one stored sample as it is drawn: the shorter one is 1. */
export interface Cell {
  /** Between neighbouring columns. */
  readonly width: number;
  /** Between neighbouring rows. */
  readonly height: number;
}

export const squareCell: Cell = { width: 1, height: 1 };

/** No scanner is known to have such a pitch: a greater ratio is an error of the file, and would hide the picture. */
const MOST_RATIO = 32;

/** Square where the pitch is not known, was only assumed, or cannot be right. */
export function cellOf(pitch: Channel['pitch']): Cell {
  if (pitch === undefined || pitch.source === 'assumed') return squareCell;
  const shorter = Math.min(pitch.columnMm, pitch.rowMm);
  const cell = { width: pitch.columnMm / shorter, height: pitch.rowMm / shorter };
  return Math.max(cell.width, cell.height) <= MOST_RATIO ? cell : squareCell;
}

/** The cell of the turned picture. */
export function turnedCell(cell: Cell, turn: Turn): Cell {
  return stepsOf(turn).columnColumn === 0 ? { width: cell.height, height: cell.width } : cell;
}
