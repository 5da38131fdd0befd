import type { FrameShape } from '../frame.ts';
import { bestTable, CATEGORIES, type Code, codesOf } from './huffman.ts';
import { FRAME_AT, withLoops } from './loops.ts';
import { readStream, writeStream } from './stream.ts';

/**
 * JPEG Lossless with first-order prediction (ITU-T T.81 process 14, selection value 1) of one component: what nearly
 * every frame of a scan is. Everything else is left to the library, and so is every stream that is not exactly as it
 * should be: what it is rejected for, the library says. docs/decisions/0041-jpeg-lossless.md.
 */

/** Where tables lie, below the frame. */
const TABLES_AT = 1024;
/** For what an encoder may write beyond the bytes of the frame before it gives up. */
const SPARE_BYTES = 1024;

/** The precision that libjpeg gives a frame: 8, 12 or 16 bits. Undefined where a frame of this shape is not for us. */
function precisionOf({ samplesPerPixel, bitsAllocated, bitsStored, signed }: FrameShape): number | undefined {
  if (samplesPerPixel !== 1 || signed) return undefined;
  const fits = bitsAllocated === 8 ? bitsStored === 8 : bitsAllocated === 16 && bitsStored > 8;
  return fits ? [8, 12, 16].find((precision) => precision >= bitsStored) : undefined;
}

/** The stream that libjpeg writes, byte by byte; undefined for a frame that is not for us, or grows by more than a quarter. */
export function encodeSv1(samples: Uint8Array, shape: FrameShape): Uint8Array | undefined {
  const precision = precisionOf(shape);
  if (precision === undefined || samples.length === 0) return undefined;
  const { rows, columns } = shape;
  const out = aligned(FRAME_AT + samples.length);
  const room = samples.length + Math.ceil(samples.length / 4) + SPARE_BYTES;
  return withLoops(out - FRAME_AT + room, (loops) => {
    const memory = new Uint8Array(loops.memory.buffer);
    const [tally, encode] =
      shape.bitsAllocated === 8 ? [loops.tally8, loops.encode8] : [loops.tally16, loops.encode16];
    const first = 2 ** (precision - 1);
    memory.set(samples, FRAME_AT);
    const counts = new Uint32Array(memory.buffer, TABLES_AT, CATEGORIES).fill(0);
    const all = tally(FRAME_AT, rows, columns, first, TABLES_AT);
    if (all >= 2 ** precision) return undefined;
    const table = bestTable(counts);
    const codes = codesOf(table);
    if (codes === undefined) return undefined;
    placeCodes(new Uint32Array(memory.buffer, TABLES_AT, CATEGORIES * 2), codes);
    const end = encode(FRAME_AT, rows, columns, first, TABLES_AT, out, out + room);
    if (end === 0) return undefined;
    return writeStream({ precision, rows, columns, table }, memory.subarray(out, end));
  });
}

/** Bits that follow the code of a category. */
function furtherBits(category: number): number {
  return category === CATEGORIES - 1 ? 0 : category;
}

function placeCodes(place: Uint32Array, codes: readonly Code[]): void {
  place.fill(0);
  for (const { category, code, bits } of codes) {
    const further = furtherBits(category);
    place[category * 2] = code * 2 ** further;
    place[category * 2 + 1] = bits + further;
  }
}

/** The samples of a stream; undefined for one that is not for us, or is not exactly a frame of this shape. */
export function decodeSv1(stream: Uint8Array, shape: FrameShape, name: string): Uint8Array | undefined {
  return withDecoded(stream, shape, name, (samples) => samples.slice());
}

/** Whether a stream is that of these samples; undefined as for `decodeSv1`. Nothing is copied. */
export function isSv1Of(samples: Uint8Array, stream: Uint8Array, shape: FrameShape): boolean | undefined {
  return withDecoded(stream, shape, 'frame', (decoded) => Buffer.compare(decoded, samples) === 0);
}

/** @param use - gets a view of the samples that is good until it returns */
function withDecoded<T>(
  stream: Uint8Array,
  shape: FrameShape,
  name: string,
  use: (samples: Uint8Array) => T,
): T | undefined {
  const precision = precisionOf(shape);
  const read = precision === undefined ? undefined : readStream(stream, name);
  const codes = read && codesOf(read.table);
  if (read === undefined || codes === undefined) return undefined;
  const { rows, columns } = shape;
  const isWide = shape.bitsAllocated === 16;
  if (read.rows !== rows || read.columns !== columns || read.precision > 8 !== isWide) return undefined;
  const data = stream.subarray(read.from, read.to);
  const bytes = rows * columns * (isWide ? 2 : 1);
  const out = aligned(FRAME_AT + data.length);
  return withLoops(out - FRAME_AT + bytes, (loops) => {
    const memory = new Uint8Array(loops.memory.buffer);
    memory.set(data, FRAME_AT);
    placeTables(memory.buffer, codes);
    const decode = isWide ? loops.decode16 : loops.decode8;
    const first = 2 ** (read.precision - 1);
    const most = 2 ** read.precision - 1;
    const end = FRAME_AT + data.length;
    const fault = decode(FRAME_AT, end, rows, columns, first, TABLES_AT, out, most);
    return fault === 0 ? use(memory.subarray(out, out + bytes)) : undefined;
  });
}

/** Codes of at most this many bits are found at once; as in the kernel. */
const QUICK_BITS = 10;
const LENGTHS = 17;

function placeTables(memory: ArrayBufferLike, codes: readonly Code[]): void {
  const quick = new Uint16Array(memory, TABLES_AT, 2 ** QUICK_BITS).fill(0);
  const long = new Int32Array(memory, TABLES_AT + quick.byteLength, LENGTHS * 2).fill(0);
  const symbols = new Uint8Array(memory, TABLES_AT + quick.byteLength + long.byteLength, codes.length);
  for (const [place, { category, code, bits }] of codes.entries()) {
    symbols[place] = category;
    if (bits > QUICK_BITS) continue;
    const spread = 2 ** (QUICK_BITS - bits);
    quick.fill(bits * 256 + category, code * spread, (code + 1) * spread);
  }
  let beyond = 0;
  for (let bits = 1; bits < LENGTHS; bits += 1) {
    const ofLength = codes.findIndex((code) => code.bits === bits);
    const last = codes.findLast((code) => code.bits === bits);
    if (last !== undefined) beyond = (last.code + 1) * 2 ** (16 - bits);
    long[bits * 2] = beyond;
    long[bits * 2 + 1] = ofLength - (codes[ofLength]?.code ?? 0);
  }
}

/** To 16 bytes. */
function aligned(address: number): number {
  return Math.ceil(address / 16) * 16;
}
