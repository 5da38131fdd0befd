import type { Context, NativeCodecs } from 'dcmjs-codecs';
import { NiiError } from '../../core/errors.ts';
import {
  checkedFrame,
  type DecodedFrame,
  type FrameDecoder,
  type FrameEncoder,
  type FrameShape,
  widened,
} from './frame.ts';
import { checkJpeg } from './jpeg-header.ts';
import { decodeSv1, encodeSv1 } from './jpeg-lossless/jpeg-lossless.ts';
import { checkJpeg2000 } from './jpeg2000-header.ts';

interface Codecs {
  readonly Context: typeof Context;
  readonly NativeCodecs: typeof NativeCodecs;
}

let loading: Promise<Codecs> | undefined;

/** dcmjs-codecs: its WebAssembly is loaded with the first frame that needs it. */
function codecs(): Promise<Codecs> {
  loading ??= load();
  return loading;
}

/**
 * libjpeg mends damaged streams and only says so: "Corrupt JPEG data: premature end of data segment". What it says
 * comes out through the module's log, so that is listened to.
 */
let damage: string | undefined;
const damageNotice = /corrupt|premature/i;

async function load(): Promise<Codecs> {
  const { default: module } = await import('dcmjs-codecs');
  await module.NativeCodecs.initializeAsync({ logCodecsInfo: true });
  module.log.info = (...line: readonly unknown[]) => {
    const text = line.join(' ');
    if (damageNotice.test(text)) damage ??= text.split('::').at(-1);
  };
  return module;
}

type Decode = (native: typeof NativeCodecs, context: Context) => Context;

const decodeJpeg: Decode = (native, context) => native.decodeJpeg(context, { convertColorspaceToRgb: false });

/** JPEG lossless, first-order prediction and any other (ITU-T T.81 process 14). */
export const decodeJpegLossless: FrameDecoder = async (encoded, shape, name) => {
  requireProcess(checkJpeg(encoded, shape, name).process, [0xc3], name);
  const quick = decodeSv1(encoded, shape, name);
  return quick === undefined ? decodeByLibjpeg(encoded, shape, name) : { bytes: quick, lossy: false };
};

/** The same by the library, of a stream whose header was checked. */
export const decodeByLibjpeg: FrameDecoder = async (encoded, shape, name) => {
  const bytes = await run(decodeJpeg, encoded, shape, name);
  return { bytes: checkedFrame(fitted(bytes, shape), shape, name), lossy: false };
};

/** JPEG with loss: baseline, extended, progressive, of 8 and 12 bits. Colours stay as they were coded. */
export const decodeJpegLossy: FrameDecoder = async (encoded, shape, name) => {
  requireProcess(checkJpeg(encoded, shape, name).process, [0xc0, 0xc1, 0xc2], name);
  const bytes = await run(decodeJpeg, encoded, shape, name);
  return { bytes: checkedFrame(fitted(bytes, shape), shape, name), lossy: true };
};

function requireProcess(process: number, allowed: readonly number[], name: string): void {
  if (allowed.includes(process)) return;
  const detail = `${name}: JPEG process ${process.toString(16)} does not belong to this transfer syntax`;
  throw new NiiError('NII_MALFORMED', { detail, field: name });
}

/** JPEG 2000 (ITU-T T.800), reversible and not. */
export const decodeJpeg2000: FrameDecoder = (encoded, shape, name) =>
  decodeWavelet((native, context) => native.decodeJpeg2000(context), encoded, shape, name);

/** High-throughput JPEG 2000 (ITU-T T.814). */
export const decodeHtJpeg2000: FrameDecoder = (encoded, shape, name) =>
  decodeWavelet((native, context) => native.decodeHtJpeg2000(context), encoded, shape, name);

async function decodeWavelet(
  decode: Decode,
  encoded: Uint8Array,
  shape: FrameShape,
  name: string,
): Promise<DecodedFrame> {
  const { isReversible } = checkJpeg2000(encoded, shape, name);
  const bytes = await run(decode, encoded, shape, name);
  return { bytes: checkedFrame(fitted(bytes, shape), shape, name), lossy: !isReversible };
}

/** JPEG lossless SV1: what DICOS toolkits write by default. */
export const encodeJpegLossless: FrameEncoder = async (samples, shape) =>
  encodeSv1(samples, shape) ?? encodeByLibjpeg(samples, shape);

/** The same by the library: what ours is compared with, and what it leaves to others. */
export const encodeByLibjpeg: FrameEncoder = (samples, shape) =>
  encoded(samples, shape, (native, context) =>
    native.encodeJpeg(context, { lossy: false, predictor: 1, pointTransform: 0 }),
  );

export const encodeRle: FrameEncoder = (samples, shape) =>
  encoded(samples, shape, (native, context) => native.encodeRle(context));

/** JPEG 2000, reversible; colours by the reversible transform. */
export const encodeJpeg2000: FrameEncoder = (samples, shape) =>
  encoded(samples, shape, (native, context) => native.encodeJpeg2000(context, { lossy: false }));

/** High-throughput JPEG 2000, reversible; colours by the reversible transform. */
export const encodeHtJpeg2000: FrameEncoder = (samples, shape) =>
  encoded(samples, shape, (native, context) => native.encodeHtJpeg2000(context, { lossy: false }));

type Encode = (native: typeof NativeCodecs, context: Context) => Context;

async function encoded(samples: Uint8Array, shape: FrameShape, encode: Encode): Promise<Uint8Array> {
  const { NativeCodecs: native, Context } = await codecs();
  try {
    return taken(
      encode(native, new Context({ ...attributes(shape), decodedBuffer: samples })).getEncodedBuffer(),
    );
  } catch (cause) {
    distrust(native);
    throw cause;
  }
}

/** A module that threw is not trusted with the next frame: its memory may be left as it was in the middle. */
function distrust(native: typeof NativeCodecs): void {
  native.release();
  loading = undefined;
}

async function run(
  decode: Decode,
  encoded: Uint8Array,
  shape: FrameShape,
  name: string,
): Promise<Uint8Array> {
  const { NativeCodecs: native, Context } = await codecs();
  damage = undefined;
  try {
    const context = new Context({ ...attributes(shape), encodedBuffer: encoded });
    const bytes = taken(decode(native, context).getDecodedBuffer());
    if (damage !== undefined) throw new Error(damage);
    return bytes;
  } catch (cause) {
    distrust(native);
    const detail = `${name}: a compressed frame cannot be decoded`;
    throw new NiiError('NII_MALFORMED', { detail, field: name, cause });
  }
}

function taken(bytes: Uint8Array | undefined): Uint8Array {
  if (bytes === undefined) throw new Error('the codec returned nothing');
  return Uint8Array.from(bytes);
}

function attributes(shape: FrameShape) {
  return {
    width: shape.columns,
    height: shape.rows,
    bitsAllocated: shape.bitsAllocated,
    bitsStored: shape.bitsStored,
    samplesPerPixel: shape.samplesPerPixel,
    pixelRepresentation: shape.signed ? 1 : 0,
    planarConfiguration: 0,
    photometricInterpretation: shape.samplesPerPixel === 1 ? 'MONOCHROME2' : 'RGB',
  };
}

/** A stream of at most 8 bits in 16-bit containers may come out with 8. */
function fitted(bytes: Uint8Array, shape: FrameShape): Uint8Array {
  const samples = shape.rows * shape.columns * shape.samplesPerPixel;
  return shape.bitsAllocated === 16 && bytes.length === samples ? widened(bytes, shape.signed) : bytes;
}
