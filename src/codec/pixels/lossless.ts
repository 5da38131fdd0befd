import { createHash } from 'node:crypto';
import { type FrameDecoder, type FrameEncoder, type FrameShape, frameBytes } from './frame.ts';
import { decodeJpegLs, encodeJpegLs } from './jpeg-ls.ts';
import { decodeJpegLossless, encodeJpegLossless, encodeRle } from './native-codecs.ts';
import { decodeRle } from './rle.ts';

/** A lossless codec with both its halves. */
export interface LosslessCodec {
  readonly encode: FrameEncoder;
  readonly decode: FrameDecoder;
}

export type LosslessCodecName = 'jpeg-ls' | 'jpeg-lossless' | 'rle';

export const losslessCodecs: Readonly<Record<LosslessCodecName, LosslessCodec>> = {
  'jpeg-ls': { encode: encodeJpegLs, decode: decodeJpegLs },
  'jpeg-lossless': { encode: encodeJpegLossless, decode: decodeJpegLossless },
  rle: { encode: encodeRle, decode: decodeRle },
};

/** JPEG streams count rows and columns in 16 bits. */
const sideCeiling = 0xffff;

/**
 * The frame compressed, if decoding that again gives the same samples (by SHA-256); undefined if the codec cannot
 * take such a frame, fails, gains nothing, or gives anything else back. A frame is never believed unread.
 */
export async function encodeVerified(
  codec: LosslessCodec,
  samples: Uint8Array,
  shape: FrameShape,
): Promise<Uint8Array | undefined> {
  if (!isEncodable(samples, shape)) return undefined;
  try {
    const encoded = await codec.encode(samples, shape);
    const { bytes, lossy } = await codec.decode(encoded, shape, 'frame');
    const equal = !lossy && sha256(bytes) === sha256(samples);
    return equal && encoded.length < samples.length ? encoded : undefined;
  } catch {
    return undefined; // the caller keeps the samples as they are: nothing is lost but room
  }
}

function isEncodable(samples: Uint8Array, shape: FrameShape): boolean {
  const fits = shape.rows <= sideCeiling && shape.columns <= sideCeiling;
  return fits && [8, 16].includes(shape.bitsAllocated) && samples.length === frameBytes(shape);
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
