import { checkedFrame, type FrameDecoder } from './frame.ts';

/** Frames that are encapsulated as they are, padded to even length (PS3.5 A.4.11). */
export const decodeStored: FrameDecoder = async (encoded, shape, name) => {
  const isPadded = encoded.length % 2 === 0 && encoded.at(-1) === 0;
  const odd =
    (shape.rows * shape.columns * shape.samplesPerPixel * shape.bitsAllocated) / 8 === encoded.length - 1;
  const bytes = isPadded && odd ? encoded.subarray(0, -1) : encoded;
  return { bytes: checkedFrame(bytes, shape, name), lossy: false };
};
