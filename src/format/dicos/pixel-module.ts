import type { ByteVr, DataSet } from '../../codec/dicom/data-set.ts';
import {
  explicitLittleEndian,
  htj2kLossless,
  jpeg2000Lossless,
  jpegLosslessSv1,
  jpegLsLossless,
  rleLossless,
} from '../../codec/dicom/pixels/syntaxes.ts';
import { binary, numbers, text } from '../../codec/dicom/write/build.ts';
import { encapsulate } from '../../codec/dicom/write/write.ts';
import { byPixel, type FrameShape } from '../../codec/pixels/frame.ts';
import { encodeVerified, type LosslessCodecName, losslessCodecs } from '../../codec/pixels/lossless.ts';
import { NiiError } from '../../core/errors.ts';
import { type Channel, planeBytes } from '../../core/scan/scan.ts';
import type { ClassColours } from '../class-colours.ts';
import { isSubsampled } from './carried.ts';

/** How the samples are stored; `none` leaves them as they are. docs/decisions/0002-pixel-codec.md. */
export type DxCodec = LosslessCodecName | 'none';
export const defaultDxCodec: DxCodec = 'jpeg-lossless';

const syntaxOf: Readonly<Record<DxCodec, string>> = {
  'jpeg-lossless': jpegLosslessSv1,
  'jpeg-ls': jpegLsLossless,
  rle: rleLossless,
  'jpeg-2000': jpeg2000Lossless,
  htj2k: htj2kLossless,
  none: explicitLittleEndian,
};

export interface PixelModule {
  readonly transferSyntax: string;
  readonly elements: DataSet;
}

const sideCeiling = 0xffff;

/**
 * The image pixel module of a channel. Mono frames of 8 or 16 bits are compressed; if one of them does not come back
 * equal when it is decoded again, all are stored as they are.
 * @throws NII_CONVERTER_INCONSISTENT when the bytes are not those of the channel; NII_UNSUPPORTED_VARIANT for more
 *   rows or columns than DICOM can count
 */
export async function pixelModule(
  described: Channel,
  plane: Uint8Array,
  codec: DxCodec,
  palette?: ClassColours,
): Promise<PixelModule> {
  const channel = isOfWholeBytes(described, palette) ? inFull(described) : described;
  requirePlane(channel, plane);
  const frames = await compressed(channel, plane, codec);
  const geometry = geometryElements(channel, palette);
  if (frames === undefined) {
    return { transferSyntax: explicitLittleEndian, elements: [...geometry, nativeElement(channel, plane)] };
  }
  return {
    transferSyntax: syntaxOf[codec],
    elements: [...geometry, binary('7fe00010', 'OB', encapsulate(frames))],
  };
}

/** There are readers that know neither palettes nor JPEG Lossless of fewer than 8 bits. */
function isOfWholeBytes({ bitsAllocated }: Channel, palette: ClassColours | undefined): boolean {
  return bitsAllocated === 8 || palette !== undefined;
}

/** With all bits stored: the same samples. */
function inFull(channel: Channel): Channel {
  return { ...channel, bitsStored: channel.bitsAllocated };
}

function requirePlane(channel: Channel, plane: Uint8Array): void {
  const expected = planeBytes(channel);
  if (plane.length !== expected) {
    const detail = `channel ${channel.id} has ${plane.length} bytes where its dimensions say ${expected}`;
    throw new NiiError('NII_CONVERTER_INCONSISTENT', { detail, field: channel.id });
  }
  if (channel.rows > sideCeiling || channel.columns > sideCeiling) {
    const detail = `channel ${channel.id} is ${channel.rows} x ${channel.columns}; DICOS counts to ${sideCeiling}`;
    throw new NiiError('NII_UNSUPPORTED_VARIANT', { detail, field: channel.id });
  }
}

async function compressed(
  channel: Channel,
  plane: Uint8Array,
  codec: DxCodec,
): Promise<readonly Uint8Array[] | undefined> {
  if (codec === 'none' || channel.samplesPerPixel !== 1 || channel.sampleFormat === 'float') return undefined;
  const shape: FrameShape = { ...channel, signed: channel.sampleFormat === 'signed' };
  const frames: Uint8Array[] = [];
  for (const samples of framesOf(channel, plane)) {
    const encoded = await encodeVerified(losslessCodecs[codec], samples, shape);
    if (encoded === undefined) return undefined;
    frames.push(encoded);
  }
  return frames;
}

function framesOf(channel: Channel, plane: Uint8Array): readonly Uint8Array[] {
  const size = plane.length / channel.frames;
  return Array.from({ length: channel.frames }, (_, i) => plane.subarray(i * size, (i + 1) * size));
}

function geometryElements(channel: Channel, palette: ClassColours | undefined): DataSet {
  const samples = isSubsampled(channel) ? 3 : channel.samplesPerPixel;
  return [
    numbers('00280002', 'US', samples),
    text('00280004', 'CS', palette === undefined ? photometricOf(channel) : 'PALETTE COLOR'),
    ...(samples > 1 ? [numbers('00280006', 'US', 0)] : []),
    ...(channel.frames > 1 ? [text('00280008', 'IS', String(channel.frames))] : []),
    numbers('00280010', 'US', channel.rows),
    numbers('00280011', 'US', channel.columns),
    numbers('00280100', 'US', channel.bitsAllocated),
    ...(channel.sampleFormat === 'float' ? [] : integerElements(channel)),
    ...(palette === undefined ? [] : paletteElements(channel, palette)),
  ];
}

/** One entry a value, of 16 bits (PS3.3 C.7.9); the last is for all values from there on. */
function paletteElements({ bitsAllocated }: Channel, { of, end }: ClassColours): DataSet {
  const values = 2 ** bitsAllocated;
  const entries = bitsAllocated === 8 ? values : Math.min(values, end + 1);
  const colours = Array.from({ length: entries }, (_, value) => of(value));
  const table = (component: number) => {
    const entry = Uint16Array.from(colours, (colour) => (colour[component] ?? 0) * 257);
    return new Uint8Array(entry.buffer);
  };
  const descriptor = [entries % 0x1_0000, 0, 16] as const;
  return [
    ...['00281101', '00281102', '00281103'].map((tag) => numbers(tag, 'US', ...descriptor)),
    ...['00281201', '00281202', '00281203'].map((tag, component) => binary(tag, 'OW', table(component))),
  ];
}

function integerElements(channel: Channel): DataSet {
  return [
    numbers('00280101', 'US', channel.bitsStored),
    numbers('00280102', 'US', channel.bitsStored - 1),
    numbers('00280103', 'US', channel.sampleFormat === 'signed' ? 1 : 0),
    ...paddingElement(channel),
  ];
}

/** Pixel Padding Value: what stands where nothing was measured (PS3.3 C.7.5.1.1.2). */
function paddingElement({ invalidValue, bitsAllocated, sampleFormat }: Channel): DataSet {
  if (invalidValue === undefined || !Number.isInteger(invalidValue) || bitsAllocated > 16) return [];
  const signed = sampleFormat === 'signed';
  const [least, most] = signed ? [-0x8000, 0x7fff] : [0, 0xffff];
  if (invalidValue < least || invalidValue > most) return [];
  return [numbers('00280120', signed ? 'SS' : 'US', invalidValue)];
}

/** Colour as it came; the palette of a picture is not in the record, so its indices go out as grey. */
function photometricOf(channel: Channel): string {
  const { photometric, samplesPerPixel, polarity } = channel;
  if (samplesPerPixel > 1) return photometric ?? 'RGB';
  return polarity === 'high-is-opaque' ? 'MONOCHROME1' : 'MONOCHROME2';
}

/** Floats in DICOM's own place for them, which DICOM tools find; everything else in Pixel Data, as many bits as it has. */
function nativeElement(channel: Channel, plane: Uint8Array) {
  const { sampleFormat, bitsAllocated } = channel;
  if (sampleFormat === 'float') {
    const double = bitsAllocated === 64;
    return binary(double ? '7fe00009' : '7fe00008', double ? 'OD' : 'OF', plane);
  }
  const vr: ByteVr = bitsAllocated > 8 ? 'OW' : 'OB';
  return binary('7fe00010', vr, interleaved(channel, plane));
}

function interleaved(channel: Channel, plane: Uint8Array): Uint8Array {
  if (!channel.planar || channel.samplesPerPixel === 1) return plane;
  const frames = framesOf(channel, plane).map((frame) =>
    byPixel(frame, channel.samplesPerPixel, channel.bitsAllocated / 8),
  );
  return Buffer.concat(frames);
}
