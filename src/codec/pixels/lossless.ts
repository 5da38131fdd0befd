import { type FrameDecoder, type FrameEncoder, type FrameShape, frameBytes } from './frame.ts';
import { isSv1Of } from './jpeg-lossless/jpeg-lossless.ts';
import { decodeJpegLs, encodeJpegLs } from './jpeg-ls.ts';
import {
  decodeHtJpeg2000,
  decodeJpeg2000,
  decodeJpegLossless,
  encodeHtJpeg2000,
  encodeJpeg2000,
  encodeJpegLossless,
  encodeRle,
} from './native-codecs.ts';
import { decodeRle } from './rle.ts';

/** A lossless codec with both its halves. */
export interface LosslessCodec {
  readonly encode: FrameEncoder;
  readonly decode: FrameDecoder;
  /** Whether decoding gives just these samples, told without a copy of them; undefined where only `decode` tells. */
  readonly gives?: (encoded: Uint8Array, samples: Uint8Array, shape: FrameShape) => boolean | undefined;
  /** Containers that both halves take. */
  readonly bitsAllocated: readonly number[];
  /** Fewest rows and columns that the encoder takes. */
  readonly leastSide: number;
}

export type LosslessCodecName = 'jpeg-ls' | 'jpeg-lossless' | 'rle' | 'jpeg-2000' | 'htj2k';

const oneOrTwoBytes = [8, 16] as const;

export const losslessCodecs: Readonly<Record<LosslessCodecName, LosslessCodec>> = {
  'jpeg-ls': { encode: encodeJpegLs, decode: decodeJpegLs, bitsAllocated: oneOrTwoBytes, leastSide: 1 },
  'jpeg-lossless': {
    encode: encodeJpegLossless,
    decode: decodeJpegLossless,
    gives: (encoded, samples, shape) => isSv1Of(samples, encoded, shape),
    bitsAllocated: oneOrTwoBytes,
    leastSide: 1,
  },
  rle: { encode: encodeRle, decode: decodeRle, bitsAllocated: [8, 16, 32], leastSide: 1 },
  'jpeg-2000': { encode: encodeJpeg2000, decode: decodeJpeg2000, bitsAllocated: oneOrTwoBytes, leastSide: 2 },
  htj2k: { encode: encodeHtJpeg2000, decode: decodeHtJpeg2000, bitsAllocated: oneOrTwoBytes, leastSide: 1 },
};

/** JPEG streams count rows and columns in 16 bits. */
const sideCeiling = 0xffff;

/**
 * The frame compressed, if decoding that again gives the same samples (each byte is compared); undefined if the codec cannot
 * take such a frame, fails, gains nothing, or gives anything else back. A frame is never believed unread.
 */
export async function encodeVerified(
  codec: LosslessCodec,
  samples: Uint8Array,
  shape: FrameShape,
): Promise<Uint8Array | undefined> {
  const encoded = await encodeExactly(codec, samples, shape);
  return encoded !== undefined && encoded.length < samples.length ? encoded : undefined;
}

/** As `encodeVerified`, also where nothing is gained. Samples wider than Bits Stored are tried as wide as they lie. */
export async function encodeExactly(
  codec: LosslessCodec,
  samples: Uint8Array,
  shape: FrameShape,
): Promise<Uint8Array | undefined> {
  if (!isEncodable(codec, samples, shape)) return undefined;
  const widths = [...new Set([shape.bitsStored, shape.bitsAllocated])];
  for (const bitsStored of widths) {
    const encoded = await encodeAndCompare(codec, samples, { ...shape, bitsStored });
    if (encoded !== undefined) return encoded;
  }
  return undefined;
}

async function encodeAndCompare(
  codec: LosslessCodec,
  samples: Uint8Array,
  shape: FrameShape,
): Promise<Uint8Array | undefined> {
  try {
    const encoded = await codec.encode(samples, shape);
    const known = codec.gives?.(encoded, samples, shape);
    if (known !== undefined) return known ? encoded : undefined;
    const { bytes, lossy } = await codec.decode(encoded, shape, 'frame');
    return !lossy && Buffer.compare(bytes, samples) === 0 ? encoded : undefined;
  } catch {
    return undefined; // the caller keeps the samples as they are: nothing is lost but room
  }
}

function isEncodable(codec: LosslessCodec, samples: Uint8Array, shape: FrameShape): boolean {
  const sides = [shape.rows, shape.columns];
  const fits = sides.every((side) => side >= codec.leastSide && side <= sideCeiling);
  return fits && codec.bitsAllocated.includes(shape.bitsAllocated) && samples.length === frameBytes(shape);
}
