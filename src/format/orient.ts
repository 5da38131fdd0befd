import type { View } from '../core/scan/scan.ts';

/** An 8-bit picture; its samples lie row by row, colour by pixel. */
export interface Picture {
  readonly rows: number;
  readonly columns: number;
  readonly channels: 1 | 3;
  readonly bytes: Uint8Array;
}

/** The stored picture turned upright by the view's display: rows flipped, then turned, then columns mirrored. */
export function orient(picture: Picture, display: View['display']): Picture {
  const flipped = display.flipRows ? flipRows(picture) : picture;
  const turned = rotate(flipped, display.rotate);
  return display.flipColumns ? flipColumns(turned) : turned;
}

/** A picture of the given size, each pixel taken from where `from` says. */
function taken(
  picture: Picture,
  rows: number,
  columns: number,
  from: (row: number, column: number) => number,
): Picture {
  const { channels, bytes } = picture;
  const out = new Uint8Array(rows * columns * channels);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const source = from(row, column) * channels;
      out.set(bytes.subarray(source, source + channels), (row * columns + column) * channels);
    }
  }
  return { rows, columns, channels, bytes: out };
}

function flipRows(picture: Picture): Picture {
  const { rows, columns } = picture;
  return taken(picture, rows, columns, (row, column) => (rows - 1 - row) * columns + column);
}

function flipColumns(picture: Picture): Picture {
  const { rows, columns } = picture;
  return taken(picture, rows, columns, (row, column) => row * columns + columns - 1 - column);
}

/** Counter-clockwise: a quarter turn makes the last column the first row. */
function rotate(picture: Picture, degrees: View['display']['rotate']): Picture {
  const { rows, columns } = picture;
  switch (degrees) {
    case 0:
      return picture;
    case 90:
      return taken(picture, columns, rows, (row, column) => column * columns + columns - 1 - row);
    case 180:
      return flipColumns(flipRows(picture));
    case 270:
      return taken(picture, columns, rows, (row, column) => (rows - 1 - column) * columns + row);
  }
}
