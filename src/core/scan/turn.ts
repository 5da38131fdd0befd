import type { Channel, View } from './scan.ts';

/** From stored samples to an upright picture: rows flipped, then turned counter-clockwise, then columns mirrored. */
export type Turn = View['display'];

interface Sides {
  readonly rows: number;
  readonly columns: number;
}

export const noTurn: Turn = { flipRows: false, rotate: 0, flipColumns: false };

/** False where the turned picture is the stored one. */
export function isTurn(turn: Turn): boolean {
  const { columnRow, columnColumn, rowRow, rowColumn } = stepsOf(turn);
  return !(rowRow === 1 && columnColumn === 1 && rowColumn === 0 && columnRow === 0);
}

/** The rows and columns of the turned picture. */
export function turnedSides({ rows, columns }: Sides, { rotate }: Turn): Sides {
  return rotate === 90 || rotate === 270 ? { rows: columns, columns: rows } : { rows, columns };
}

/** How one step to the next row or column of the turned picture moves in the stored one. */
interface Steps {
  readonly rowRow: number;
  readonly rowColumn: number;
  readonly columnRow: number;
  readonly columnColumn: number;
}

const stepsOfRotation: Readonly<Record<Turn['rotate'], Steps>> = {
  0: { rowRow: 1, rowColumn: 0, columnRow: 0, columnColumn: 1 },
  90: { rowRow: 0, rowColumn: -1, columnRow: 1, columnColumn: 0 },
  180: { rowRow: -1, rowColumn: 0, columnRow: 0, columnColumn: -1 },
  270: { rowRow: 0, rowColumn: 1, columnRow: -1, columnColumn: 0 },
};

/** Each is -1, 0 or 1. */
export function stepsOf({ flipRows, rotate, flipColumns }: Turn): Steps {
  const steps = stepsOfRotation[rotate];
  const across = flipColumns ? -1 : 1;
  const down = flipRows ? -1 : 1;
  return {
    rowRow: plain(down * steps.rowRow),
    rowColumn: steps.rowColumn,
    columnRow: plain(down * across * steps.columnRow),
    columnColumn: plain(across * steps.columnColumn),
  };
}

/** Without a negative zero. */
function plain(value: number): number {
  return value === 0 ? 0 : value;
}

/** The turn that undoes a turn. */
export function inverseOf({ flipRows, rotate, flipColumns }: Turn): Turn {
  const half = flipColumns ? 180 : 0;
  const degrees = flipRows ? rotate - half : half - rotate;
  return { flipRows: flipRows !== flipColumns, rotate: quarterTurns(degrees), flipColumns: false };
}

function quarterTurns(degrees: number): Turn['rotate'] {
  const quarters = [0, 90, 180, 270] as const;
  return quarters[(((degrees / 90) % 4) + 4) % 4] ?? 0;
}

/** A corner between samples, column first, as it lies in the turned picture of stored samples of these sides. */
export function turnedCorner(
  [column, row]: readonly [number, number],
  sides: Sides,
  turn: Turn,
): readonly [number, number] {
  const { rows, columns } = sides;
  const { rowRow, rowColumn, columnRow, columnColumn } = stepsOf(turn);
  const along = (rowStep: number, columnStep: number) => {
    const ofRow = rowStep < 0 ? rows - row : row;
    const ofColumn = columnStep < 0 ? columns - column : column;
    return rowStep === 0 ? ofColumn : ofRow;
  };
  return [along(columnRow, columnColumn), along(rowRow, rowColumn)];
}

/** A corner of the turned picture as it lies in stored samples of these sides. */
export function storedCorner(
  corner: readonly [number, number],
  sides: Sides,
  turn: Turn,
): readonly [number, number] {
  return turnedCorner(corner, turnedSides(sides, turn), inverseOf(turn));
}

/** The stored sample that becomes the first of the turned picture. */
export function firstSample(
  { rows, columns }: Sides,
  turn: Turn,
): { readonly row: number; readonly column: number } {
  const { rowRow, rowColumn, columnRow, columnColumn } = stepsOf(turn);
  return {
    row: rowRow + columnRow < 0 ? rows - 1 : 0,
    column: rowColumn + columnColumn < 0 ? columns - 1 : 0,
  };
}

/**
 * What makes the samples of a channel an upright picture; undefined for none. Subsampled colour shares its chroma between
 * neighbours of a row, so it cannot be turned without loss and stays.
 */
export function turnOf({ display }: Pick<View, 'display'>, { samplesPerPixel }: Channel): Turn | undefined {
  return samplesPerPixel !== 2 && isTurn(display) ? display : undefined;
}
