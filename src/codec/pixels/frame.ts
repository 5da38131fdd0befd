import { NiiError } from '../../core/errors.ts';

/** What one frame is, by the header around it. */
export interface FrameShape {
  readonly rows: number;
  readonly columns: number;
  readonly samplesPerPixel: number;
  /** Of one container: 8, 16 or 32. */
  readonly bitsAllocated: number;
  readonly bitsStored: number;
  readonly signed: boolean;
}

/** Samples of one frame: little-endian containers, colour by pixel, no padding. */
export interface DecodedFrame {
  readonly bytes: Uint8Array;
  /** The stream itself says that it lost something. */
  readonly lossy: boolean;
}

/** @throws NII_MALFORMED, NII_TRUNCATED, NII_UNSUPPORTED_VARIANT */
export type FrameDecoder = (encoded: Uint8Array, shape: FrameShape, name: string) => Promise<DecodedFrame>;

export type FrameEncoder = (samples: Uint8Array, shape: FrameShape) => Promise<Uint8Array>;

/** Bytes of one decoded frame. */
export function frameBytes(shape: FrameShape): number {
  return shape.rows * shape.columns * shape.samplesPerPixel * (shape.bitsAllocated / 8);
}

/** What a decoder gave, if it is a frame of this shape. */
export function checkedFrame(bytes: Uint8Array, shape: FrameShape, name: string): Uint8Array {
  const expected = frameBytes(shape);
  if (bytes.length === expected) return bytes;
  const detail = `${name}: a frame decodes to ${bytes.length} bytes, but the header says ${expected}`;
  throw new NiiError('NII_MALFORMED', { detail, field: name });
}

/** Samples by plane as samples by pixel: R…G…B… to RGBRGB…. */
export function byPixel(planar: Uint8Array, samplesPerPixel: number, sampleBytes: number): Uint8Array {
  const pixels = planar.length / (samplesPerPixel * sampleBytes);
  const out = new Uint8Array(planar.length);
  for (let sample = 0; sample < samplesPerPixel; sample += 1) {
    for (let pixel = 0; pixel < pixels; pixel += 1) {
      const from = (sample * pixels + pixel) * sampleBytes;
      const to = (pixel * samplesPerPixel + sample) * sampleBytes;
      for (let byte = 0; byte < sampleBytes; byte += 1) out[to + byte] = planar[from + byte] ?? 0;
    }
  }
  return out;
}

/** Samples by pixel as samples by plane, the inverse of `byPixel`. */
export function byPlane(samples: Uint8Array, samplesPerPixel: number, sampleBytes: number): Uint8Array {
  const pixels = samples.length / (samplesPerPixel * sampleBytes);
  const out = new Uint8Array(samples.length);
  for (let sample = 0; sample < samplesPerPixel; sample += 1) {
    for (let pixel = 0; pixel < pixels; pixel += 1) {
      const from = (pixel * samplesPerPixel + sample) * sampleBytes;
      const to = (sample * pixels + pixel) * sampleBytes;
      for (let byte = 0; byte < sampleBytes; byte += 1) out[to + byte] = samples[from + byte] ?? 0;
    }
  }
  return out;
}

/** Signed integers as unsigned ones with half the range added, and the inverse: the highest bit changes. */
export function withOtherSign(samples: Uint8Array, sampleBytes: number): Uint8Array {
  const out = samples.slice();
  for (let at = sampleBytes - 1; at < out.length; at += sampleBytes) out[at] = (out[at] ?? 0) ^ 0x80;
  return out;
}

/** 8-bit samples in 16-bit containers, the sign kept. */
export function widened(bytes: Uint8Array, signed: boolean): Uint8Array {
  const values = signed ? Int16Array.from(new Int8Array(bytes)) : Uint16Array.from(bytes);
  return new Uint8Array(values.buffer);
}
