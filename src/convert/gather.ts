import { NiiError } from '../core/errors.ts';

/** Where the samples of one channel lie among others. All of it in bytes but rows and columns. */
export interface Strides {
  readonly rows: number;
  readonly columns: number;
  /** Of one sample: 1, 2, 4 or 8. */
  readonly item: number;
  readonly first: number;
  readonly row: number;
  readonly column: number;
  readonly bigEndian: boolean;
}

/** Samples of one channel: row-major, little-endian; a view where they already lie so. @throws NII_TRUNCATED */
export function gather(bytes: Uint8Array, strides: Strides): Uint8Array {
  const { rows, columns, item, first } = strides;
  const end = first + (rows - 1) * strides.row + (columns - 1) * strides.column + item;
  if (end > bytes.byteLength)
    throw new NiiError('NII_TRUNCATED', { detail: 'samples are missing', offset: bytes.byteLength });
  const swap = strides.bigEndian && item > 1;
  const dense = strides.column === item && strides.row === columns * item;
  if (dense && !swap) return bytes.subarray(first, end);
  return copy(bytes, strides, swap);
}

function copy(
  bytes: Uint8Array,
  { rows, columns, item, first, row, column }: Strides,
  swap: boolean,
): Uint8Array {
  const out = new Uint8Array(rows * columns * item);
  let to = 0;
  for (let r = 0; r < rows; r++) {
    let from = first + r * row;
    for (let c = 0; c < columns; c++, from += column) {
      for (let b = 0; b < item; b++) out[to++] = bytes[from + (swap ? item - 1 - b : b)] ?? 0;
    }
  }
  return out;
}
