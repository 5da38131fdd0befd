import type { Channel, NiiScan } from './scan.ts';

/**
 * Samples of one channel, wherever they lie: little-endian, row-major, frames joined, no padding. Those of a train do
 * not fit into memory, so whoever reads takes a part at a time.
 */
export interface PlaneSource {
  readonly byteLength: number;
  /** Bytes from `from` up to, not including, `to`; not to be written to. @throws RangeError outside of the plane */
  read(from: number, to: number): Uint8Array;
}

/** By `planeKey`. */
export type PlaneSources = ReadonlyMap<string, PlaneSource>;

/** A record with its samples, which may lie in files. */
export interface ScanWithSources {
  readonly scan: NiiScan;
  readonly planes: PlaneSources;
}

/** Half-open rectangle of stored samples of one frame. */
export interface PlaneWindow {
  readonly rowFrom: number;
  readonly rowTo: number;
  readonly columnFrom: number;
  readonly columnTo: number;
}

/** Rows that are read together. */
export interface RowBlock {
  /** Counted through all frames. */
  readonly firstRow: number;
  readonly rows: number;
  readonly bytes: Uint8Array;
}

const BLOCK_BYTES = 4 * 1024 * 1024;

export function planeInMemory(bytes: Uint8Array): PlaneSource {
  return {
    byteLength: bytes.byteLength,
    read: (from, to) => {
      requireInside(from, to, bytes.byteLength);
      return bytes.subarray(from, to);
    },
  };
}

/** @throws RangeError */
export function requireInside(from: number, to: number, length: number): void {
  if (Number.isSafeInteger(from) && Number.isSafeInteger(to) && 0 <= from && from <= to && to <= length)
    return;
  throw new RangeError(`bytes ${from} to ${to} of ${length}`);
}

export function planesInMemory(planes: ReadonlyMap<string, Uint8Array>): PlaneSources {
  return new Map([...planes].map(([key, bytes]) => [key, planeInMemory(bytes)]));
}

/** The whole plane; a view where it is in memory. */
export function wholePlane(source: PlaneSource): Uint8Array {
  return source.read(0, source.byteLength);
}

/** The plane in pieces of a few MiB, in order. */
export function* piecesOf(source: PlaneSource, pieceBytes = BLOCK_BYTES): Generator<Uint8Array> {
  for (let from = 0; from < source.byteLength; from += pieceBytes) {
    yield source.read(from, Math.min(from + pieceBytes, source.byteLength));
  }
}

/** All rows in order, a few MiB at a time, at least one row; what is left of a last row that is cut is left out. */
export function* rowBlocks(
  source: PlaneSource,
  rowBytes: number,
  blockBytes = BLOCK_BYTES,
): Generator<RowBlock> {
  const rows = Math.floor(source.byteLength / rowBytes);
  const step = Math.max(1, Math.floor(blockBytes / rowBytes));
  for (let firstRow = 0; firstRow < rows; firstRow += step) {
    const count = Math.min(step, rows - firstRow);
    const bytes = source.read(firstRow * rowBytes, (firstRow + count) * rowBytes);
    yield { firstRow, rows: count, bytes };
  }
}

type Dimensions = Pick<Channel, 'rows' | 'columns' | 'samplesPerPixel' | 'bitsAllocated'>;

/** A rectangle of one frame, row by row; a view where it is whole rows in memory. Not for samples of one bit. */
export function readWindow(
  source: PlaneSource,
  { rows, columns, samplesPerPixel, bitsAllocated }: Dimensions,
  { rowFrom, rowTo, columnFrom, columnTo }: PlaneWindow,
  frame = 0,
): Uint8Array {
  const pixelBytes = samplesPerPixel * (bitsAllocated / 8);
  const rowBytes = columns * pixelBytes;
  const start = frame * rows * rowBytes;
  if (columnFrom === 0 && columnTo === columns) {
    return source.read(start + rowFrom * rowBytes, start + rowTo * rowBytes);
  }
  const width = (columnTo - columnFrom) * pixelBytes;
  const out = new Uint8Array((rowTo - rowFrom) * width);
  for (let row = rowFrom; row < rowTo; row += 1) {
    const at = start + row * rowBytes + columnFrom * pixelBytes;
    out.set(source.read(at, at + width), (row - rowFrom) * width);
  }
  return out;
}
