import { bytesOf, type DataSet, numbersOf } from '../../codec/dicom/data-set.ts';
import type { DicomPixels } from '../../codec/dicom/pixels/pixels.ts';
import { NiiError } from '../../core/errors.ts';
import { sampleValues } from './values.ts';

/** One frame in colour: samples by pixel. */
export type ColourFrame = Omit<DicomPixels, 'frames' | 'lossy' | 'trailingBytes'>;

/** Red, green and blue of 8 bits a pixel (PS3.3 C.7.6.3.1.2). @throws NII_UNSUPPORTED_VARIANT */
export function rgbOf(dataSet: DataSet, frame: ColourFrame): Uint8Array {
  const { photometric, samplesPerPixel, bitsAllocated } = frame;
  if (photometric === 'PALETTE COLOR') return paletteColours(dataSet, frame);
  if (samplesPerPixel === 2 && photometric.endsWith('_422') && bitsAllocated === 8) return subsampled(frame);
  if (samplesPerPixel === 3 && bitsAllocated <= 16) {
    const bytes = eightBits(frame);
    return /^YBR_(FULL|PARTIAL)/.test(photometric) ? fromYbr(bytes) : bytes;
  }
  const detail = `${photometric} with ${samplesPerPixel} samples of ${bitsAllocated} bits is not rendered`;
  throw new NiiError('NII_UNSUPPORTED_VARIANT', detail);
}

function eightBits(frame: ColourFrame): Uint8Array {
  if (frame.bitsAllocated === 8 && frame.bitsStored === 8) return frame.bytes;
  const scale = 255 / (2 ** frame.bitsStored - 1);
  return Uint8Array.from(sampleValues(frame, frame.bytes), (value) => Math.round(value * scale));
}

function fromYbr(bytes: Uint8Array): Uint8Array {
  const out = new Uint8ClampedArray(bytes.length);
  for (let at = 0; at + 2 < bytes.length; at += 3) {
    put(out, at, bytes[at] ?? 0, bytes[at + 1] ?? 0, bytes[at + 2] ?? 0);
  }
  return new Uint8Array(out.buffer);
}

function put(out: Uint8ClampedArray, at: number, y: number, cb: number, cr: number): void {
  out[at] = y + 1.402 * (cr - 128);
  out[at + 1] = y - 0.344136 * (cb - 128) - 0.714136 * (cr - 128);
  out[at + 2] = y + 1.772 * (cb - 128);
}

/** Y Y Cb Cr for two pixels. */
function subsampled({ bytes }: ColourFrame): Uint8Array {
  const out = new Uint8ClampedArray((bytes.length / 2) * 3);
  for (let at = 0; at + 3 < bytes.length; at += 4) {
    const [first = 0, second = 0, cb = 0, cr = 0] = bytes.subarray(at, at + 4);
    put(out, (at / 2) * 3, first, cb, cr);
    put(out, (at / 2 + 1) * 3, second, cb, cr);
  }
  return new Uint8Array(out.buffer);
}

function paletteColours(dataSet: DataSet, frame: ColourFrame): Uint8Array {
  const tables = ['1', '2', '3'].map((colour) => paletteOf(dataSet, `0028110${colour}`, `0028120${colour}`));
  const indices = sampleValues(frame, frame.bytes);
  const out = new Uint8Array(indices.length * 3);
  for (const [i, index] of indices.entries()) {
    for (const [colour, table] of tables.entries()) out[i * 3 + colour] = table(index);
  }
  return out;
}

/** One colour of a palette (PS3.3 C.7.9): entries of 8 or 16 bits, the first for the value that the descriptor names. */
function paletteOf(dataSet: DataSet, descriptorTag: string, dataTag: string): (index: number) => number {
  const [count = 0, first = 0, bits = 16] = numbersOf(dataSet, descriptorTag);
  const entries = count === 0 ? 65_536 : count;
  const data = bytesOf(dataSet, dataTag);
  if (data === undefined) {
    throw new NiiError(
      'NII_UNSUPPORTED_VARIANT',
      'the palette is missing, or uses segments, which are not supported',
    );
  }
  const isWide = data.length >= entries * 2;
  return (index) => {
    const entry = Math.min(Math.max(index - first, 0), entries - 1);
    if (!isWide) return data[entry] ?? 0;
    const high = data[entry * 2 + 1] ?? 0;
    return bits === 8 ? (data[entry * 2] ?? 0) : high;
  };
}
