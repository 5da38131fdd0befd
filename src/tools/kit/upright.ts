import type { Channel, View } from '../../core/scan/scan.ts';

export interface UprightPlane {
  readonly rows: number;
  readonly columns: number;
  readonly bytes: Uint8Array;
}

/** Samples turned as the view's display says: rows flipped, turned counter-clockwise, columns mirrored. One frame. */
export function upright(
  plane: Uint8Array,
  { rows, columns, samplesPerPixel, bitsAllocated }: Channel,
  { flipRows, rotate, flipColumns }: View['display'],
): UprightPlane {
  const item = (samplesPerPixel * bitsAllocated) / 8;
  const turned = rotate === 90 || rotate === 270;
  const [height, width] = turned ? [columns, rows] : [rows, columns];
  const out = new Uint8Array(rows * columns * item);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const [r, c] = beforeTurn(row, flipColumns ? width - 1 - column : column, rows, columns, rotate);
      const from = ((flipRows ? rows - 1 - r : r) * columns + c) * item;
      const to = (row * width + column) * item;
      for (let byte = 0; byte < item; byte++) out[to + byte] = plane[from + byte] ?? 0;
    }
  }
  return { rows: height, columns: width, bytes: out };
}

/** Where a sample of the turned picture was before; a quarter turn makes the last column the first row. */
function beforeTurn(
  row: number,
  column: number,
  rows: number,
  columns: number,
  rotate: View['display']['rotate'],
): readonly [row: number, column: number] {
  switch (rotate) {
    case 0:
      return [row, column];
    case 90:
      return [column, columns - 1 - row];
    case 180:
      return [rows - 1 - row, columns - 1 - column];
    case 270:
      return [rows - 1 - column, row];
  }
}
