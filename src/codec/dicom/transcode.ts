import { deflateRawSync } from 'node:zlib';
import { latin1 } from '../bytes.ts';
import type { FrameShape } from '../pixels/frame.ts';
import { encodeExactly, type LosslessCodec, losslessCodecs } from '../pixels/lossless.ts';
import { type ByteVr, isPixelTag, numberOf } from './data-set.ts';
import { type DicomLimits, dicomError } from './dicom-error.ts';
import type { DicomPixels } from './pixels/pixels.ts';
import { transferSyntaxes } from './pixels/syntaxes.ts';
import type { RawElement } from './raw.ts';
import { parseDicom } from './read/file.ts';
import { type DicomFile, readDicom } from './read/read.ts';
import {
  deflatedLittleEndian,
  gePrivate,
  htj2kLossless,
  implicitLittleEndian,
  jpeg2000Lossless,
  jpegLosslessSv1,
  jpegLsLossless,
  rleLossless,
} from './uids.ts';
import { syntaxNames, writableSyntaxes } from './writable-syntaxes.ts';
import { encodeRaw } from './write/raw.ts';
import { encapsulate, explicitHeader } from './write/write.ts';

const codecOf: Readonly<Record<string, LosslessCodec>> = {
  [rleLossless]: losslessCodecs.rle,
  [jpegLosslessSv1]: losslessCodecs['jpeg-lossless'],
  [jpegLsLossless]: losslessCodecs['jpeg-ls'],
  [jpeg2000Lossless]: losslessCodecs['jpeg-2000'],
  [htj2kLossless]: losslessCodecs.htj2k,
};

/**
 * A Part 10 file in another transfer syntax (a UID of `writableSyntaxes`); the same bytes when it is in that already.
 * Nothing else changes: values are carried over as bytes, only group lengths go, and what describes the encoding of
 * the pixels follows it. Compressed frames are decoded again and compared before they are given out. What was
 * compressed with loss goes out uncompressed only.
 * Works on the calling thread for as long as the codec takes.
 * @throws NII_UNSUPPORTED_VARIANT for a syntax that is not written, or that cannot hold these samples; and as `readDicom`
 *   and `readPixels`
 */
export async function transcode(
  bytes: Uint8Array,
  target: string,
  limits: DicomLimits,
  name = 'file',
): Promise<Uint8Array> {
  const file = readDicom(bytes, name, limits);
  if (file.transferSyntax === target) return bytes;
  requireWritable(target, name);
  const { meta, elements } = parseDicom(bytes, name, limits);
  const written = await withPixels(file, withoutGroupLengths(elements), target);
  return assembled(bytes, withoutGroupLengths(meta), signed(written, file), target);
}

/** Group lengths are retired, and would be wrong after a change of encoding. */
function withoutGroupLengths(elements: readonly RawElement[]): readonly RawElement[] {
  return elements.filter(({ tag }) => !tag.endsWith('0000'));
}

/** Values that are US or SS by Pixel Representation (PS3.5 A.1): an implicit file does not say which. */
const pixelValues = /^0028(010[4-9]|0110|0111|012[01])$/;

function signed(
  elements: readonly RawElement[],
  { transferSyntax, dataSet }: DicomFile,
): readonly RawElement[] {
  const isImplicit = transferSyntax === implicitLittleEndian || transferSyntax === gePrivate;
  if (!isImplicit || numberOf(dataSet, '00280103') !== 1) return elements;
  return elements.map((element) =>
    element.kind === 'value' && pixelValues.test(element.tag) ? { ...element, vr: 'SS' } : element,
  );
}

function requireWritable(target: string, name: string): void {
  if (Object.values<string>(writableSyntaxes).includes(target)) return;
  const all = syntaxNames.map((one) => `${writableSyntaxes[one]} (${one})`).join(', ');
  throw dicomError('NII_UNSUPPORTED_VARIANT', name, `unsupported transfer syntax ${target}: use ${all}`);
}

async function withPixels(
  file: DicomFile,
  elements: readonly RawElement[],
  target: string,
): Promise<readonly RawElement[]> {
  const { name, transferSyntax: source } = file;
  const isBigEndian = file.bigEndian || transferSyntaxes[source]?.bigEndian === true;
  const codec = codecOf[target];
  const place = elements.find(({ tag }) => isPixelTag(tag));
  if (place === undefined) return withoutPixels(elements, codec, name);
  const isNative = place.kind === 'value';
  if (isNative && codec === undefined && !isBigEndian) return elements;
  const pixels = await file.pixels();
  const lostSome = !isNative && pixels.lossy && mayLose.has(source);
  if (codec !== undefined && lostSome) {
    const detail = 'its samples were compressed with loss; request explicit, implicit or deflated';
    throw dicomError('NII_UNSUPPORTED_VARIANT', name, detail);
  }
  const coded = { ...pixels, isNative, tag: place.tag };
  const pixelData = codec === undefined ? nativeElement(coded) : await compressedElement(coded, codec, name);
  return described(elements, pixelData, coded, target, lostSome);
}

/** JPEG, JPEG-LS near-lossless, JPEG 2000 and HTJ2K that may lose; `DicomPixels.lossy` says whether a stream did. */
const mayLose: ReadonlySet<string> = new Set(
  ['50', '51', '53', '55', '81', '91', '203'].map((end) => `1.2.840.10008.1.2.4.${end}`),
);

function withoutPixels(
  elements: readonly RawElement[],
  codec: LosslessCodec | undefined,
  name: string,
): readonly RawElement[] {
  if (codec === undefined) return elements;
  const detail = 'there are no pixels to compress; request explicit, implicit or deflated';
  throw dicomError('NII_UNSUPPORTED_VARIANT', name, detail);
}

interface CodedPixels extends DicomPixels {
  readonly tag: string;
  readonly isNative: boolean;
}

function rawValue(tag: string, vr: string, bytes: Uint8Array): RawElement {
  return { kind: 'value', tag, vr, bytes, bigEndian: false, at: 0 };
}

function nativeElement(pixels: CodedPixels): RawElement {
  return rawValue(pixels.tag, nativeVr(pixels), pixels.bytes);
}

function nativeVr({ tag, bitsAllocated, sampleFormat }: CodedPixels): ByteVr {
  if (sampleFormat === 'float') return bitsAllocated === 64 ? 'OD' : 'OF';
  if (tag === '7fe00011') return 'OL';
  if (tag === '7fe00012') return 'OD';
  return bitsAllocated > 8 ? 'OW' : 'OB';
}

async function compressedElement(
  pixels: CodedPixels,
  codec: LosslessCodec,
  name: string,
): Promise<RawElement> {
  const { bytes, frames, bitsAllocated, sampleFormat, samplesPerPixel, photometric } = pixels;
  const subsampled = pixels.isNative && photometric.endsWith('_422');
  const fits =
    pixels.tag === '7fe00010' && sampleFormat !== 'float' && !subsampled && keepsColours(pixels, codec);
  const size = bytes.length / frames;
  const shape: FrameShape = { ...pixels, signed: sampleFormat === 'signed' };
  const streams: Uint8Array[] = [];
  for (let i = 0; fits && i < frames; i += 1) {
    const stream = await encodeExactly(codec, bytes.subarray(i * size, (i + 1) * size), shape);
    if (stream === undefined) break;
    streams.push(stream);
  }
  if (streams.length === frames)
    return { kind: 'fragments', tag: pixels.tag, vr: 'OB', value: encapsulate(streams) };
  const what = `${samplesPerPixel} ${sampleFormat} samples of ${bitsAllocated} bits ${photometric}`;
  const detail = `this syntax cannot hold ${what} without loss; request explicit, implicit or deflated`;
  throw dicomError('NII_UNSUPPORTED_VARIANT', name, detail);
}

/** The reversible colour transform of JPEG 2000 is defined for RGB. */
function keepsColours({ samplesPerPixel, photometric }: CodedPixels, codec: LosslessCodec): boolean {
  const transforms = codec === losslessCodecs['jpeg-2000'] || codec === losslessCodecs.htj2k;
  return !transforms || samplesPerPixel === 1 || /^(RGB|YBR_RCT|YBR_ICT)$/.test(photometric);
}

/** Offset tables of the compressed frames that are no more: (7FE0,0001), (7FE0,0002). */
const offsetTables: ReadonlySet<string> = new Set(['7fe00001', '7fe00002']);

function described(
  elements: readonly RawElement[],
  pixelData: RawElement,
  pixels: CodedPixels,
  target: string,
  lossy: boolean,
): readonly RawElement[] {
  const changes = [
    pixelData,
    ...(pixels.samplesPerPixel > 1 ? [codeElement('00280004', photometricIn(pixels, target))] : []),
    ...(pixels.samplesPerPixel > 2 ? [rawValue('00280006', 'US', new Uint8Array(2))] : []),
    ...(lossy ? [codeElement('00282110', '01')] : []),
  ];
  const changed = new Set(changes.map(({ tag }) => tag));
  const kept = elements.filter(({ tag }) => !changed.has(tag) && !offsetTables.has(tag));
  return sorted([...kept, ...changes]);
}

function codeElement(tag: string, value: string): RawElement {
  return rawValue(tag, 'CS', Buffer.from(value, 'latin1'));
}

function sorted(elements: readonly RawElement[]): readonly RawElement[] {
  return [...elements].sort((a, b) => (a.tag < b.tag ? -1 : 1));
}

/** Colours as the frames hold them: decoders undo the JPEG 2000 transforms and give every pixel its chroma. */
function photometricIn({ photometric, isNative }: CodedPixels, target: string): string {
  const plain = /^YBR_(RCT|ICT)$/.test(photometric)
    ? 'RGB'
    : isNative
      ? photometric
      : photometric.replace(/_422$/, '').replace('YBR_PARTIAL', 'YBR_FULL');
  const transformed = target === jpeg2000Lossless || target === htj2kLossless;
  return transformed && plain === 'RGB' ? 'YBR_RCT' : plain;
}

const preambleBytes = 128;

function assembled(
  file: Uint8Array,
  meta: readonly RawElement[],
  elements: readonly RawElement[],
  target: string,
): Uint8Array {
  const kept = meta.filter(({ tag }) => tag !== '00020010');
  const syntax = rawValue('00020010', 'UI', Buffer.from(target, 'latin1'));
  const group = encodeRaw(sorted([...kept, syntax]), 'explicit');
  const length = Buffer.alloc(4);
  length.writeUInt32LE(group.length);
  const plain = encodeRaw(elements, target === implicitLittleEndian ? 'implicit' : 'explicit');
  const body = target === deflatedLittleEndian ? deflated(plain) : plain;
  const prefix = Buffer.from('DICM', 'latin1');
  const preamble = hasPreamble(file) ? file.subarray(0, preambleBytes) : new Uint8Array(preambleBytes);
  const start = [preamble, prefix, explicitHeader('00020000', 'UL', length.length), length];
  return new Uint8Array(Buffer.concat([...start, group, body]));
}

function hasPreamble(file: Uint8Array): boolean {
  return latin1(file.subarray(preambleBytes, preambleBytes + 4)) === 'DICM';
}

/** Even length, by a NUL behind the stream (PS3.5 A.5). */
function deflated(plain: Uint8Array): Uint8Array {
  const packed = deflateRawSync(plain);
  return packed.length % 2 === 0 ? packed : Buffer.concat([packed, Uint8Array.of(0)]);
}
