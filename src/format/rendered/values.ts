import type { DicomPixels } from '../../codec/dicom/pixels/pixels.ts';

type Shape = Pick<DicomPixels, 'bitsAllocated' | 'bitsStored' | 'highBit' | 'sampleFormat'>;

/** Samples of one frame as numbers; of integers only the stored bits count. */
export function sampleValues(shape: Shape, frame: Uint8Array): Float64Array {
  const { bitsAllocated, sampleFormat } = shape;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (bitsAllocated === 1) return Float64Array.from({ length: frame.length * 8 }, (_, i) => bitAt(frame, i));
  const bytes = bitsAllocated / 8;
  const read = reader(view, bytes, sampleFormat);
  const stored = sampleFormat === 'float' ? (value: number) => value : storedBits(shape);
  return Float64Array.from({ length: Math.floor(frame.length / bytes) }, (_, i) => stored(read(i * bytes)));
}

/** The first pixel lies in the lowest bit (PS3.5 8.1.1). */
function bitAt(frame: Uint8Array, i: number): number {
  return ((frame[i >> 3] ?? 0) >> (i & 7)) & 1;
}

function reader(view: DataView, bytes: number, format: Shape['sampleFormat']): (at: number) => number {
  if (format === 'float') {
    return bytes === 8 ? (at) => view.getFloat64(at, true) : (at) => view.getFloat32(at, true);
  }
  switch (bytes) {
    case 1:
      return (at) => view.getUint8(at);
    case 2:
      return (at) => view.getUint16(at, true);
    case 4:
      return (at) => view.getUint32(at, true);
    default:
      return format === 'signed'
        ? (at) => Number(view.getBigInt64(at, true))
        : (at) => Number(view.getBigUint64(at, true));
  }
}

function storedBits({ bitsAllocated, bitsStored, highBit, sampleFormat }: Shape): (value: number) => number {
  if (bitsAllocated === 64) return (value) => value;
  const below = 2 ** Math.max(0, highBit + 1 - bitsStored);
  const range = 2 ** bitsStored;
  const signed = sampleFormat === 'signed';
  return (value) => {
    const bits = Math.floor(value / below) % range;
    return signed && bits >= range / 2 ? bits - range : bits;
  };
}
