import type { FrameShape } from '../../src/codec/pixels/frame.ts';
import { checkJpeg } from '../../src/codec/pixels/jpeg-header.ts';
import { decodeSv1, encodeSv1 } from '../../src/codec/pixels/jpeg-lossless/jpeg-lossless.ts';
import { decodeByLibjpeg, encodeByLibjpeg } from '../../src/codec/pixels/native-codecs.ts';
import { isNiiError } from '../../src/core/errors.ts';
import { SeededNumbers } from '../../src/tools/contract/mutate.ts';
import { changedStream } from './compressed-frames.ts';

/**
 * Our JPEG Lossless against libjpeg on one frame, drawn by the numbers: both write the same stream, ours reads it back, and
 * what ours makes of a changed stream is what libjpeg makes of it. Ours may leave a stream to libjpeg, never the other
 * way round.
 */

/** The first difference in words; undefined without one. */
export async function compareFrame(seed: number): Promise<string | undefined> {
  const numbers = new SeededNumbers(seed);
  const { shape, samples, kind } = drawFrame(numbers);
  const about = `frame ${seed}, ${kind}, ${shape.rows} x ${shape.columns} of ${shape.bitsStored} bits`;
  const ours = encodeSv1(samples, shape);
  const theirs = await encodeByLibjpeg(samples, shape);
  if (ours === undefined) return `${about}: not encoded`;
  if (Buffer.compare(ours, theirs) !== 0) return `${about}: another stream than libjpeg's`;
  const back = decodeSv1(theirs, shape, 'frame');
  if (back === undefined) return `${about}: the stream of libjpeg is not read`;
  if (Buffer.compare(back, samples) !== 0) return `${about}: other samples come back`;
  const changed = changedStream(theirs, numbers);
  const fault = await compareReading(changed, shape);
  return fault && `${about}, changed: ${fault}`;
}

async function compareReading(stream: Uint8Array, shape: FrameShape): Promise<string | undefined> {
  let ours: Uint8Array | undefined;
  try {
    checkJpeg(stream, shape, 'frame');
    ours = decodeSv1(stream, shape, 'frame');
  } catch (error) {
    return isNiiError(error) ? undefined : `threw ${String(error)}`;
  }
  if (ours === undefined) return undefined;
  try {
    const { bytes } = await decodeByLibjpeg(stream, shape, 'frame');
    return Buffer.compare(ours, bytes) === 0 ? undefined : 'other samples than libjpeg reads';
  } catch (error) {
    return `read, where libjpeg says ${error instanceof Error ? String(error.cause ?? error.message) : 'nothing'}`;
  }
}

type Draw = (numbers: SeededNumbers, most: number) => (at: number, columns: number) => number;

/** What frames look like, from the worst to the best for a predictor. */
const kinds: Readonly<Record<string, Draw>> = {
  noise: (numbers, most) => () => numbers.below(most + 1),
  extremes: (numbers, most) => () => (numbers.below(2) === 0 ? 0 : most),
  cargo: (numbers, most) => {
    const step = 1 + numbers.below(most);
    const spread = 1 + numbers.below(Math.ceil(most / 16));
    return (at, columns) => (Math.floor((at % columns) * step + numbers.below(spread)) >>> 0) % (most + 1);
  },
  spikes: (numbers, most) => {
    const ground = numbers.below(most + 1);
    return () => (numbers.below(40) === 0 ? numbers.below(most + 1) : ground);
  },
  flat: (numbers, most) => {
    const value = numbers.below(most + 1);
    return () => value;
  },
};

function drawFrame(numbers: SeededNumbers) {
  const kind = Object.keys(kinds)[numbers.below(Object.keys(kinds).length)] ?? 'noise';
  const bitsStored = 8 + numbers.below(9);
  const bitsAllocated = bitsStored === 8 ? 8 : 16;
  const [rows, columns] = [1 + numbers.below(24), 1 + numbers.below(48)];
  const valueAt = kinds[kind]?.(numbers, 2 ** bitsStored - 1) ?? (() => 0);
  const values = Array.from({ length: rows * columns }, (_, at) => valueAt(at, columns));
  const wide = bitsAllocated === 16 ? Uint16Array.from(values) : Uint8Array.from(values);
  const samples = new Uint8Array(wide.buffer);
  const shape: FrameShape = { rows, columns, samplesPerPixel: 1, bitsAllocated, bitsStored, signed: false };
  return { kind, shape, samples };
}
