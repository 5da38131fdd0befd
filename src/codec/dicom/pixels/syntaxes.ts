import { checkedFrame, type DecodedFrame, type FrameDecoder, type FrameShape } from '../../pixels/frame.ts';
import { decodeJpegLs } from '../../pixels/jpeg-ls.ts';
import {
  decodeHtJpeg2000,
  decodeJpeg2000,
  decodeJpegLossless,
  decodeJpegLossy,
} from '../../pixels/native-codecs.ts';
import { decodeRle } from '../../pixels/rle.ts';
import {
  deflatedLittleEndian,
  encapsulatedUncompressed,
  explicitBigEndian,
  explicitLittleEndian,
  gePrivate,
  htj2kLossless,
  implicitLittleEndian,
  jpeg2000Lossless,
  jpegLosslessSv1,
  jpegLsLossless,
  rleLossless,
} from '../uids.ts';

export {
  explicitLittleEndian,
  htj2kLossless,
  jpeg2000Lossless,
  jpegLosslessSv1,
  jpegLsLossless,
  rleLossless,
} from '../uids.ts';

/** How the pixels of a transfer syntax are read. */
export interface TransferSyntax {
  readonly name: string;
  readonly pixels: 'native' | 'encapsulated';
  /** Of the pixels. */
  readonly bigEndian?: true;
  readonly decode?: FrameDecoder;
  /** Containers that the decoder was checked on. */
  readonly bitsAllocated?: readonly number[];
}

function native(name: string): TransferSyntax {
  return { name, pixels: 'native' };
}

function compressed(name: string, decode: FrameDecoder, bitsAllocated: readonly number[]): TransferSyntax {
  return { name, pixels: 'encapsulated', decode, bitsAllocated };
}

const root = '1.2.840.10008.1.2';
const oneOrTwoBytes = [8, 16] as const;

/** Every transfer syntax that is known (PS3.6 table A-1), and what reads its pixels. To add one is to add a row. */
export const transferSyntaxes: Readonly<Record<string, TransferSyntax>> = {
  [implicitLittleEndian]: native('Implicit VR Little Endian'),
  [explicitLittleEndian]: native('Explicit VR Little Endian'),
  [deflatedLittleEndian]: native('Deflated Explicit VR Little Endian'),
  [explicitBigEndian]: { name: 'Explicit VR Big Endian', pixels: 'native', bigEndian: true },
  [gePrivate]: {
    name: 'Implicit VR, pixels big-endian (General Electric)',
    pixels: 'native',
    bigEndian: true,
  },
  [encapsulatedUncompressed]: compressed(
    'Encapsulated Uncompressed Explicit VR Little Endian',
    decodeStored,
    [8, 16, 32, 64],
  ),
  [`${root}.4.57`]: compressed('JPEG Lossless, process 14', decodeJpegLossless, oneOrTwoBytes),
  [jpegLosslessSv1]: compressed('JPEG Lossless, process 14 SV1', decodeJpegLossless, oneOrTwoBytes),
  [jpegLsLossless]: compressed('JPEG-LS Lossless', decodeJpegLs, oneOrTwoBytes),
  [`${root}.4.81`]: compressed('JPEG-LS Near-lossless', decodeJpegLs, oneOrTwoBytes),
  [rleLossless]: compressed('RLE Lossless', decodeRle, [8, 16, 32]),
  [`${root}.4.50`]: compressed('JPEG Baseline, process 1', decodeJpegLossy, oneOrTwoBytes),
  [`${root}.4.51`]: compressed('JPEG Extended, processes 2 and 4', decodeJpegLossy, oneOrTwoBytes),
  [`${root}.4.53`]: compressed('JPEG Spectral Selection, processes 6 and 8', decodeJpegLossy, oneOrTwoBytes),
  [`${root}.4.55`]: compressed('JPEG Full Progression, processes 10 and 12', decodeJpegLossy, oneOrTwoBytes),
  [jpeg2000Lossless]: compressed('JPEG 2000 Lossless Only', decodeJpeg2000, oneOrTwoBytes),
  [`${root}.4.91`]: compressed('JPEG 2000', decodeJpeg2000, oneOrTwoBytes),
  [htj2kLossless]: compressed('HTJ2K Lossless Only', decodeHtJpeg2000, oneOrTwoBytes),
  [`${root}.4.202`]: compressed('HTJ2K Lossless RPCL', decodeHtJpeg2000, oneOrTwoBytes),
  [`${root}.4.203`]: compressed('HTJ2K', decodeHtJpeg2000, oneOrTwoBytes),
};

/** Frames that are encapsulated as they are, padded to even length (PS3.5 A.4.11). */
async function decodeStored(encoded: Uint8Array, shape: FrameShape, name: string): Promise<DecodedFrame> {
  const isPadded = encoded.length % 2 === 0 && encoded.at(-1) === 0;
  const odd =
    (shape.rows * shape.columns * shape.samplesPerPixel * shape.bitsAllocated) / 8 === encoded.length - 1;
  const bytes = isPadded && odd ? encoded.subarray(0, -1) : encoded;
  return { bytes: checkedFrame(bytes, shape, name), lossy: false };
}
