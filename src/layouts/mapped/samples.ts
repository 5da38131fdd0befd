import type { Strides } from '../../codec/gather.ts';
import { unpack12 } from '../../codec/unpack12.ts';
import type { ConvertedChannel, PlaneStream } from '../../sdk/sdk.ts';
import type { Samples } from '../schema/mapped.ts';
import type { Evaluation } from './evaluation.ts';
import { bytesOf, type Region } from './region.ts';

/** Larger planes are read from their file piece by piece. */
const STREAMED_FROM = 64 * 1024 * 1024;

/** Which of this many channels that lie among one another. */
export interface Share {
  readonly index: number;
  readonly count: number;
  /** Bytes behind the place that the layout states. */
  readonly shift: number;
}

export type SampleFacts = Pick<
  ConvertedChannel,
  'rows' | 'columns' | 'bitsAllocated' | 'bitsStored' | 'sampleFormat'
>;

/** Samples of one channel, as the layout finds them. */
export interface FoundSamples {
  readonly facts: SampleFacts;
  readonly plane: Uint8Array | PlaneStream;
  /** Bytes of the region behind all samples. */
  readonly left: number;
}

interface Grid {
  readonly rows: number;
  readonly columns: number;
  readonly bits: number;
  readonly item: number;
}

/**
 * Finds the samples of one channel; undefined where their file is missing.
 * @throws NII_TRUNCATED, NII_MALFORMED, NII_LIMIT_PIXELS, NII_UNSUPPORTED_VARIANT, NII_CONFIG for a layout without rows, columns or bits
 */
export function findSamples(
  samples: Samples,
  share: Share,
  evaluation: Evaluation,
): FoundSamples | undefined {
  const region = evaluation.region(samples);
  if (region === undefined) return undefined;
  const grid = gridOf(samples, evaluation);
  const at = evaluation.amount(samples.at ?? 0) + share.shift;
  const placed = placeOf(samples, grid, share, evaluation);
  requireAll(samples, grid, share, region, at, evaluation);
  const facts = factsOf(samples, grid, evaluation);
  const left = Math.max(0, region.size - at - placed.bytes);
  if (grid.bits === 12)
    return { facts, plane: packedPlane(samples, region, at, grid, share, evaluation), left };
  return { facts, plane: planeOf(region, at, { ...grid, ...placed.strides }, samples, evaluation), left };
}

function gridOf(samples: Samples, evaluation: Evaluation): Grid {
  const { rows, columns, bits } = samples;
  if (rows === undefined || columns === undefined || bits === undefined) {
    throw evaluation.sdk.error('NII_CONFIG', 'the layout of the samples lacks rows, columns or bits');
  }
  const size = { rows: evaluation.amount(rows), columns: evaluation.amount(columns) };
  evaluation.sdk.pixels(size.rows, size.columns);
  const each = evaluation.amount(bits);
  if (![8, 12, 16, 32, 64].includes(each)) {
    throw evaluation.sdk.error('NII_UNSUPPORTED_VARIANT', `samples of ${each} bits: use 8, 12, 16, 32 or 64`);
  }
  return { ...size, bits: each, item: each === 12 ? 2 : each / 8 };
}

function factsOf(samples: Samples, { rows, columns, bits, item }: Grid, evaluation: Evaluation): SampleFacts {
  const stored = samples.bitsStored === undefined ? bits : evaluation.amount(samples.bitsStored);
  if (stored < 1 || stored > item * 8) {
    throw evaluation.sdk.error('NII_MALFORMED', `${stored} bits do not fit into samples of ${item * 8} bits`);
  }
  const allocated = { 1: 8, 2: 16, 4: 32, 8: 64 } as const;
  const bytes = item === 1 || item === 2 || item === 4 ? item : 8;
  return {
    rows,
    columns,
    bitsAllocated: allocated[bytes],
    bitsStored: stored,
    sampleFormat: samples.sampleFormat ?? 'unsigned',
  };
}

interface Placed {
  readonly strides: Pick<Strides, 'first' | 'row' | 'column'>;
  /** From the first byte of the image to behind its last, paddings and all. */
  readonly bytes: number;
}

/** Where one channel lies, in bytes from where the image begins. */
function placeOf(
  samples: Samples,
  { rows, columns, item }: Grid,
  share: Share,
  evaluation: Evaluation,
): Placed {
  const bytes = (amount: Samples['at']) => (amount === undefined ? 0 : evaluation.amount(amount));
  const { index, count } = share;
  const byColumns = samples.lines === 'columns';
  const [lines, length] = byColumns ? [columns, rows] : [rows, columns];
  const order = samples.order ?? 'planar';
  const pixel = pixelBytes(samples, order === 'interleaved' ? item * count : item, evaluation);
  const panels = order === 'side-by-side' ? count : 1;
  const line = bytes(samples.lineHeader) + panels * length * pixel + bytes(samples.linePadding);
  const lineStride = order === 'by-line' ? line * count : line;
  const plane = bytes(samples.planeHeader) + lines * lineStride + bytes(samples.planePadding);
  const offsets: Readonly<Record<NonNullable<Samples['order']>, number>> = {
    planar: index * plane,
    interleaved: index * item,
    'by-line': index * line,
    'side-by-side': index * length * pixel,
  };
  const first = bytes(samples.planeHeader) + bytes(samples.lineHeader) + offsets[order];
  const [row, column] = byColumns ? [pixel, lineStride] : [lineStride, pixel];
  return { strides: { first, row, column }, bytes: order === 'planar' ? plane * count : plane };
}

/** A pixel never takes less than its samples: bytes are not read twice. */
function pixelBytes({ pixelBytes: stated }: Samples, least: number, evaluation: Evaluation): number {
  const bytes = stated === undefined ? least : evaluation.amount(stated);
  if (bytes >= least) return bytes;
  throw evaluation.sdk.error(
    'NII_UNSUPPORTED_VARIANT',
    `${bytes} bytes per pixel, but its samples need ${least}`,
  );
}

/** Channels that lie together are whole together. */
function requireAll(
  samples: Samples,
  grid: Grid,
  { count, shift }: Share,
  region: Region,
  at: number,
  evaluation: Evaluation,
): void {
  if (grid.bits === 12) return; // packed samples are taken as they are
  const { strides } = placeOf(samples, grid, { index: count - 1, count, shift }, evaluation);
  bytesOf(region, at + endOf({ ...grid, ...strides }) - 1, 1, evaluation.sdk);
}

/** Behind the last sample. */
function endOf({ rows, columns, item, first, row, column }: Grouped): number {
  return first + (rows - 1) * row + (columns - 1) * column + item;
}

type Grouped = Omit<Strides, 'bigEndian'>;

function planeOf(
  region: Region,
  at: number,
  { rows, columns, item, first, row, column }: Grouped,
  samples: Samples,
  { sdk }: Evaluation,
): Uint8Array | PlaneStream {
  const bigEndian = samples.endian === 'big';
  const strides = { rows, columns, item, first, row, column, bigEndian };
  if (rows * columns * item >= STREAMED_FROM)
    return sdk.gatherStream(region.file, { ...strides, first: region.start + at + first });
  return sdk.gather(bytesOf(region, at, endOf(strides), sdk), strides);
}

/** Lines of packed samples begin at whole bytes. */
function packedPlane(
  samples: Samples,
  region: Region,
  at: number,
  { rows, columns }: Grid,
  { index, count }: Share,
  { sdk }: Evaluation,
): Uint8Array {
  const plain = (samples.order ?? 'planar') === 'planar' && samples.lines !== 'columns';
  if (!plain || samples.packing === undefined) {
    throw sdk.error(
      'NII_CONFIG',
      'packed 12-bit samples need `packing`, planar order and lines that are rows',
    );
  }
  const line = Math.ceil((columns * 12) / 8);
  const all = bytesOf(region, at, count * rows * line, sdk);
  const bytes = all.subarray(index * rows * line, (index + 1) * rows * line);
  return unpack12(bytes, rows, columns, samples.packing);
}
