import type { SampleFormat } from '../../../core/scan/scan.ts';
import { swap16 } from '../../bytes.ts';
import { byPixel, type FrameShape } from '../../pixels/frame.ts';
import {
  type DataSet,
  type DicomElement,
  type Encapsulated,
  isEncapsulated,
  isPixelTag,
  numberOf,
  pixelTags,
  textOf,
  textsOf,
} from '../data-set.ts';
import { type DicomLimits, dicomError } from '../dicom-error.ts';
import { framesOf } from './frames.ts';
import { type TransferSyntax, transferSyntaxes } from './syntaxes.ts';

/** What the samples of a file are, before they are read. */
export interface PixelGeometry {
  readonly rows: number;
  readonly columns: number;
  readonly frames: number;
  /**
   * As stored. Uncompressed YBR_FULL_422 keeps its subsampled bytes, Y Y Cb Cr for two pixels: two samples a pixel.
   */
  readonly samplesPerPixel: number;
  readonly bitsAllocated: 1 | 8 | 16 | 32 | 64;
  readonly bitsStored: number;
  readonly highBit: number;
  readonly sampleFormat: SampleFormat;
  /** Photometric interpretation as the file names it: nothing is converted. */
  readonly photometric: string;
}

/** Samples as stored after decompression: little-endian, colour by pixel, frames joined, no padding. */
export interface DicomPixels extends PixelGeometry {
  readonly bytes: Uint8Array;
  /** The compressed stream, or Lossy Image Compression (0028,2110), says that something was lost. */
  readonly lossy: boolean;
  /** Bytes of the element behind the last sample, beyond padding to even length. */
  readonly trailingBytes: number;
}

/** The element that holds the pixels; undefined for a file without. */
export function pixelElement(dataSet: DataSet): DicomElement | undefined {
  return dataSet.find(({ tag }) => isPixelTag(tag));
}

/** Where samples are read from. */
export interface PixelSource {
  readonly dataSet: DataSet;
  readonly transferSyntax: string;
  /** Of uncompressed samples. */
  readonly bigEndian: boolean;
  readonly name: string;
  readonly limits: DicomLimits;
}

/**
 * The samples of a data set.
 * @throws NII_MALFORMED without pixels, or where header and stream disagree; NII_TRUNCATED; NII_LIMIT_PIXELS;
 *   NII_UNSUPPORTED_VARIANT for a transfer syntax that is not read
 */
export async function readPixels(source: PixelSource): Promise<DicomPixels> {
  const { dataSet, name } = source;
  const { vr, value } = requiredPixels(source);
  const syntax = readableSyntax(source.transferSyntax, name);
  const geometry = readGeometry(source);
  const flagged = textOf(dataSet, '00282110') === '01';
  if (value instanceof Uint8Array) {
    return { ...geometry, ...nativeSamples(value, vr, geometry, syntax, source), lossy: flagged };
  }
  if (!isEncapsulated(value)) {
    throw dicomError('NII_MALFORMED', name, `unsupported value representation ${vr} of the pixel data`);
  }
  const decoded = await decodeFrames(value, geometry, syntax, name);
  return { ...geometry, ...decoded, lossy: decoded.lossy || flagged, trailingBytes: 0 };
}

function requiredPixels({ dataSet, name }: PixelSource): DicomElement {
  const element = pixelElement(dataSet);
  if (element === undefined) throw dicomError('NII_MALFORMED', name, 'the file has no pixels');
  return element;
}

function readableSyntax(uid: string, name: string): TransferSyntax {
  const syntax = transferSyntaxes[uid];
  if (syntax !== undefined) return syntax;
  throw dicomError('NII_UNSUPPORTED_VARIANT', name, `pixels in transfer syntax ${uid} are not supported`);
}

/** The geometry by the header, each number checked. Number of Frames may be IS, or US in DICOS files. */
export function readGeometry(source: PixelSource): PixelGeometry {
  const { dataSet, name } = source;
  const { tag, value } = requiredPixels(source);
  const integer = (tag: string, least: number, most: number, absent?: number) =>
    integerOf(dataSet, tag, { least, most, absent, name });
  const bitsAllocated = containerBits(integer('00280100', 1, 64), name);
  const bitsStored = integer('00280101', 1, bitsAllocated, bitsAllocated);
  const photometric = textOf(dataSet, '00280004') ?? '';
  const samples = integer('00280002', 1, 4, 1);
  const subsampled = value instanceof Uint8Array && samples === 3 && photometric.endsWith('_422');
  const geometry = {
    rows: integer('00280010', 1, 0xffff_ffff),
    columns: integer('00280011', 1, 0xffff_ffff),
    frames: integer('00280008', 1, 0x7fff_ffff, 1),
    samplesPerPixel: subsampled ? 2 : samples,
    bitsAllocated,
    bitsStored,
    highBit: integer('00280102', 0, 63, bitsStored - 1),
    sampleFormat: sampleFormat(tag, integer('00280103', 0, 1, 0)),
    photometric,
  };
  requireWithin(geometry, name, source.limits);
  return geometry;
}

function sampleFormat(tag: string, representation: number): SampleFormat {
  const format = pixelTags[tag];
  if (format === 'float') return format;
  return representation === 1 ? 'signed' : 'unsigned';
}

interface IntegerRule {
  readonly least: number;
  readonly most: number;
  readonly absent: number | undefined;
  readonly name: string;
}

function integerOf(dataSet: DataSet, tag: string, { least, most, absent, name }: IntegerRule): number {
  const written = textsOf(dataSet, tag);
  if (written.length === 0 && absent !== undefined) return absent;
  const value = numberOf(dataSet, tag);
  if (value !== undefined && Number.isInteger(value) && value >= least && value <= most) return value;
  const found = written[0] ?? 'absent';
  const detail = `(${tag.slice(0, 4)},${tag.slice(4)}) is ${found}, not ${least} to ${most}`;
  throw dicomError('NII_MALFORMED', name, detail);
}

function containerBits(bits: number, name: string): PixelGeometry['bitsAllocated'] {
  if (bits === 1 || bits === 8 || bits === 16 || bits === 32 || bits === 64) return bits;
  throw dicomError('NII_UNSUPPORTED_VARIANT', name, `samples with ${bits} allocated bits are not supported`);
}

function requireWithin(geometry: PixelGeometry, name: string, limits: DicomLimits): void {
  const pixels = geometry.rows * geometry.columns * geometry.frames;
  if (pixels <= limits.pixels) return;
  throw dicomError(
    'NII_LIMIT_PIXELS',
    name,
    `too many pixels (${pixels}): at most ${limits.pixels} are allowed`,
  );
}

function sampleCount({ rows, columns, frames, samplesPerPixel }: PixelGeometry): number {
  return rows * columns * frames * samplesPerPixel;
}

function nativeSamples(
  stored: Uint8Array,
  vr: string,
  geometry: PixelGeometry,
  syntax: TransferSyntax,
  { dataSet, bigEndian, name }: PixelSource,
): Pick<DicomPixels, 'bytes' | 'trailingBytes'> {
  if (syntax.pixels !== 'native')
    throw dicomError('NII_MALFORMED', name, `pixels are not encapsulated as ${syntax.name}`);
  const expected = Math.ceil((sampleCount(geometry) * geometry.bitsAllocated) / 8);
  const little = bigEndian ? littleEndian(stored, vr, geometry.bitsAllocated) : stored;
  if (little.length < expected) {
    const detail = `pixel data has ${stored.length} bytes, but the header says ${expected}`;
    throw dicomError('NII_TRUNCATED', name, detail);
  }
  const samples = little.subarray(0, expected);
  const planar = geometry.samplesPerPixel > 2 && numberOf(dataSet, '00280006') === 1;
  const bytes = planar ? framesByPixel(samples, geometry) : samples;
  return { bytes, trailingBytes: Math.max(0, stored.length - expected - (expected % 2)) };
}

/** In big-endian files 8-bit samples of VR OW are swapped by words of 16 bits too (PS3.5 8.1.2). */
function littleEndian(stored: Uint8Array, vr: string, bitsAllocated: number): Uint8Array {
  const unit = bitsAllocated > 8 ? bitsAllocated / 8 : vr === 'OW' ? 2 : 1;
  const whole = stored.subarray(0, stored.length - (stored.length % unit));
  if (unit === 4) return new Uint8Array(Buffer.from(whole).swap32());
  if (unit === 8) return new Uint8Array(Buffer.from(whole).swap64());
  return unit === 2 ? swap16(whole) : whole;
}

function framesByPixel(samples: Uint8Array, geometry: PixelGeometry): Uint8Array {
  const size = samples.length / geometry.frames;
  const frames = Array.from({ length: geometry.frames }, (_, i) =>
    byPixel(samples.subarray(i * size, (i + 1) * size), geometry.samplesPerPixel, geometry.bitsAllocated / 8),
  );
  return joined(frames);
}

function joined(frames: readonly Uint8Array[]): Uint8Array {
  return frames.length === 1 && frames[0] !== undefined ? frames[0] : Buffer.concat(frames);
}

async function decodeFrames(
  encapsulated: Encapsulated,
  geometry: PixelGeometry,
  syntax: TransferSyntax,
  name: string,
): Promise<Pick<DicomPixels, 'bytes' | 'lossy'>> {
  const { decode, bitsAllocated = [] } = syntax;
  if (decode === undefined) throw dicomError('NII_MALFORMED', name, `encapsulated pixels in ${syntax.name}`);
  if (!bitsAllocated.includes(geometry.bitsAllocated)) {
    const detail = `${syntax.name} with containers of ${geometry.bitsAllocated} bits is not supported`;
    throw dicomError('NII_UNSUPPORTED_VARIANT', name, detail);
  }
  const shape: FrameShape = { ...geometry, signed: geometry.sampleFormat === 'signed' };
  const frames: Uint8Array[] = [];
  let lossy = false;
  for (const stream of framesOf(encapsulated, geometry.frames, name)) {
    const frame = await decode(stream, shape, name);
    frames.push(frame.bytes);
    lossy ||= frame.lossy;
  }
  return { bytes: frames.length === 1 && frames[0] !== undefined ? frames[0] : Buffer.concat(frames), lossy };
}
