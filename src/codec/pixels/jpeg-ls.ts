import type { CharLs } from '@cornerstonejs/codec-charls/wasmjs';
import { NiiError } from '../../core/errors.ts';
import {
  byPixel,
  checkedFrame,
  type DecodedFrame,
  type FrameDecoder,
  type FrameEncoder,
  type FrameShape,
  widened,
} from './frame.ts';
import { checkJpeg } from './jpeg-header.ts';

let loading: Promise<CharLs> | undefined;

/** Each factory takes an options object of its own: a shared one breaks the bindings of every other module. */
function charls(): Promise<CharLs> {
  loading ??= import('@cornerstonejs/codec-charls/wasmjs').then((module) => module.default({}));
  return loading;
}

/** JPEG-LS, lossless and near-lossless (ITU-T T.87), of 8- and 16-bit containers. */
export const decodeJpegLs: FrameDecoder = async (encoded, shape, name) => {
  checkJpeg(encoded, shape, name);
  const { JpegLSDecoder } = await charls();
  try {
    return decodeWith(new JpegLSDecoder(), encoded, shape, name);
  } catch (cause) {
    loading = undefined; // a module that threw is not trusted with the next frame
    throw decodeFailure(cause, name);
  }
};

function decodeWith(
  decoder: InstanceType<CharLs['JpegLSDecoder']>,
  encoded: Uint8Array,
  shape: FrameShape,
  name: string,
): DecodedFrame {
  decoder.getEncodedBuffer(encoded.length).set(encoded);
  decoder.decode();
  const copy = Uint8Array.from(decoder.getDecodedBuffer());
  const { bitsPerSample } = decoder.getFrameInfo();
  const planar = decoder.getInterleaveMode() === 0 && shape.samplesPerPixel > 1;
  const lossy = decoder.getNearLossless() > 0;
  decoder.delete();
  const narrow = bitsPerSample <= 8 && shape.bitsAllocated === 16;
  const samples = checkedFrame(narrow ? widened(copy, shape.signed) : copy, shape, name);
  const bytes = planar ? byPixel(samples, shape.samplesPerPixel, shape.bitsAllocated / 8) : samples;
  return { bytes, lossy };
}

function decodeFailure(cause: unknown, name: string): NiiError {
  if (cause instanceof NiiError) return cause;
  const detail = `${name}: a JPEG-LS frame cannot be decoded`;
  return new NiiError('NII_MALFORMED', { detail, field: name, cause });
}

/** Lossless JPEG-LS of one frame; colour by sample. */
export const encodeJpegLs: FrameEncoder = async (samples, shape) => {
  const { JpegLSEncoder } = await charls();
  try {
    return encodeWith(new JpegLSEncoder(), samples, shape);
  } catch (cause) {
    loading = undefined; // a module that threw is not trusted with the next frame
    throw cause;
  }
};

function encodeWith(
  encoder: InstanceType<CharLs['JpegLSEncoder']>,
  samples: Uint8Array,
  shape: FrameShape,
): Uint8Array {
  const frame = {
    width: shape.columns,
    height: shape.rows,
    bitsPerSample: shape.bitsStored,
    componentCount: shape.samplesPerPixel,
  };
  encoder.getDecodedBuffer(frame).set(samples);
  encoder.setNearLossless(0);
  encoder.setInterleaveMode(shape.samplesPerPixel > 1 ? 2 : 0);
  encoder.encode();
  const encoded = Uint8Array.from(encoder.getEncodedBuffer());
  encoder.delete();
  return encoded;
}
