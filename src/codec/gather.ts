import { NiiError } from '../core/errors.ts';

/** Samples that come in pieces one behind the other; for scans too wide for memory. */
export interface PlaneStream {
  readonly byteLength: number;
  /** In order; asked for once. */
  pieces(): Iterable<Uint8Array>;
}

/** A file that is read in parts: from `from` up to, not including, `to`. @throws NII_TRUNCATED */
interface Parts {
  slice(from: number, to: number): Uint8Array;
}

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

function copy(bytes: Uint8Array, strides: Strides, swap: boolean): Uint8Array {
  const { rows, columns, item, first, row, column } = strides;
  if (item === 2 && !swap && (bytes.byteOffset + first) % 2 === 0 && row % 2 === 0 && column % 2 === 0) {
    return copyPairs(bytes, strides);
  }
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

/** Aligned samples of two bytes, which most are, two bytes at a time. */
function copyPairs(bytes: Uint8Array, { rows, columns, first, row, column }: Strides): Uint8Array {
  const end = first + (rows - 1) * row + (columns - 1) * column + 2;
  const pairs = new Uint16Array(bytes.buffer, bytes.byteOffset + first, (end - first) >> 1);
  const out = new Uint16Array(rows * columns);
  const step = column >> 1;
  let to = 0;
  for (let r = 0; r < rows; r++) {
    let from = r * (row >> 1);
    for (let c = 0; c < columns; c++, from += step) out[to++] = pairs[from] ?? 0;
  }
  return new Uint8Array(out.buffer);
}

const PIECE_BYTES = 8 * 1024 * 1024;

/** As `gather`, out of a file, in pieces of whole rows. */
export function gatherStream(file: Parts, strides: Strides): PlaneStream {
  const { rows, columns, item } = strides;
  const byRows = Math.abs(strides.row) >= Math.abs(strides.column);
  return {
    byteLength: rows * columns * item,
    pieces: () => (byRows ? piecesByRows(file, strides) : piecesByColumns(file, strides)),
  };
}

/** Row by row in the file: a piece is one part of it. */
function* piecesByRows(file: Parts, strides: Strides): Generator<Uint8Array> {
  const step = Math.max(1, Math.floor(PIECE_BYTES / strides.row));
  for (let r = 0; r < strides.rows; r += step) {
    const rows = Math.min(step, strides.rows - r);
    const from = strides.first + r * strides.row;
    const length = (rows - 1) * strides.row + (strides.columns - 1) * strides.column + strides.item;
    yield gather(file.slice(from, from + length), { ...strides, rows, first: 0 });
  }
}

/** Column by column in the file: a piece takes a few samples of each column. */
function* piecesByColumns(file: Parts, strides: Strides): Generator<Uint8Array> {
  const { columns, item, row, column, first } = strides;
  const step = Math.max(1, Math.floor((2 * PIECE_BYTES) / (columns * item)));
  for (let r = 0; r < strides.rows; r += step) {
    const rows = Math.min(step, strides.rows - r);
    const length = (rows - 1) * row + item;
    const side = new Uint8Array(columns * length);
    for (let c = 0; c < columns; c++) {
      const from = first + r * row + c * column;
      side.set(file.slice(from, from + length), c * length);
    }
    yield gather(side, { ...strides, rows, first: 0, column: length });
  }
}
