import { startsWith } from '../../bytes.ts';
import { type DataSet, type DicomElement, isEncapsulated } from '../data-set.ts';
import { type DicomLimits, dicomError } from '../dicom-error.ts';
import {
  type DicomPixels,
  type PixelGeometry,
  pixelElement,
  readGeometry,
  readPixels,
} from '../pixels/pixels.ts';
import { transferSyntaxes } from '../pixels/syntaxes.ts';
import {
  explicitBigEndian,
  explicitLittleEndian,
  implicitLittleEndian,
  jpeg2000Lossless,
  jpegLosslessSv1,
  jpegLsLossless,
  rleLossless,
} from '../uids.ts';
import { Spent } from './ceilings.ts';
import { type ParsedFile, parseDicom } from './file.ts';
import { type QuirkMet, quirksMet } from './quirks.ts';
import type { Encoding } from './start.ts';
import { toDataSet } from './values.ts';

/** A DICOM file. Its values are views of the file's bytes: keep those alive as long as this. */
export interface DicomFile {
  readonly name: string;
  /** UID, from (0002,0010); where the file names none, that of the encoding it was found to have. */
  readonly transferSyntax: string;
  /** Binary values lie in the file's byte order; numbers and `pixels()` are already right. */
  readonly bigEndian: boolean;
  /** File meta information and data set, in the file's order. Read with `textOf`, `numberOf`, `itemsOf`. */
  readonly dataSet: DataSet;
  readonly hasPixels: boolean;
  /** The pixels are compressed, or at least in fragments. */
  readonly isEncapsulated: boolean;
  /** What was odd and did not stop the reading. */
  readonly quirks: readonly QuirkMet[];
  /** What the header says of the samples. @throws NII_MALFORMED, NII_LIMIT_PIXELS, NII_UNSUPPORTED_VARIANT */
  readonly geometry: () => PixelGeometry;
  /** Decodes the samples; see `readPixels` for what is rejected. */
  readonly pixels: () => Promise<DicomPixels>;
}

/**
 * Reads a DICOM or DICOS file: Part 10 files, and those that lost preamble or file meta information; implicit and
 * explicit, little- and big-endian, deflated; the data set of any syntax, the pixels of those in `transferSyntaxes`.
 * @throws NII_UNSUPPORTED_VARIANT, NII_MALFORMED, NII_TRUNCATED, NII_LIMIT_EXPANSION, NII_LIMIT_DEPTH,
 *   NII_LIMIT_ELEMENTS
 */
export function readDicom(bytes: Uint8Array, name: string, limits: DicomLimits): DicomFile {
  const parsed = parseDicom(bytes, name, limits);
  const spent = new Spent(name);
  const dataSet = [...toDataSet(parsed.meta, name, spent), ...toDataSet(parsed.elements, name, spent)];
  const pixel = pixelElement(dataSet);
  const transferSyntax = parsed.transferSyntax ?? guessedSyntax(pixel, parsed.encoding);
  const syntax = transferSyntaxes[transferSyntax];
  const isCompressedSyntax = syntax?.pixels === 'encapsulated';
  const source = {
    dataSet,
    transferSyntax,
    bigEndian: bigEndianPixels(parsed, transferSyntax),
    name,
    limits,
  };
  return {
    name,
    transferSyntax,
    bigEndian: parsed.encoding.bigEndian,
    dataSet,
    hasPixels: pixel !== undefined,
    isEncapsulated: pixel !== undefined && isEncapsulated(pixel.value),
    quirks: quirksMet(parsed.noted, { dataSet, isCompressedSyntax }),
    geometry: () => readGeometry(source),
    pixels: async () => {
      if (!parsed.noted.has('lost-head')) return readPixels(source);
      throw dicomError('NII_UNSUPPORTED_VARIANT', name, 'the file ends before the transfer syntax', 0);
    },
  };
}

function bigEndianPixels({ encoding }: ParsedFile, transferSyntax: string): boolean {
  return encoding.bigEndian || transferSyntaxes[transferSyntax]?.bigEndian === true;
}

const JPEG_MARKERS_CEILING = 64;

/** The transfer syntax of a file that names none: by its elements, and by how its compressed pixels begin. */
function guessedSyntax(pixels: DicomElement | undefined, { explicit, bigEndian }: Encoding): string {
  if (pixels !== undefined && isEncapsulated(pixels.value)) {
    return codestreamSyntax(pixels.value.fragments[0] ?? new Uint8Array());
  }
  if (!explicit) return implicitLittleEndian;
  return bigEndian ? explicitBigEndian : explicitLittleEndian;
}

function codestreamSyntax(stream: Uint8Array): string {
  if (startsWith(stream, [0xff, 0x4f, 0xff, 0x51])) return jpeg2000Lossless;
  if (!startsWith(stream, [0xff, 0xd8])) return rleLossless;
  const process = jpegProcess(stream);
  if (process === 0xf7) return jpegLsLossless;
  return process === 0xc3 ? jpegLosslessSv1 : '1.2.840.10008.1.2.4.51';
}

/** Second byte of the frame header's marker (ITU-T T.81 B.1.1.3): its process. */
function jpegProcess(stream: Uint8Array): number | undefined {
  let at = 2;
  for (let i = 0; i < JPEG_MARKERS_CEILING && stream[at] === 0xff; i += 1) {
    const marker = stream[at + 1] ?? 0;
    const isTable = [0xc4, 0xc8, 0xcc].includes(marker);
    if (marker === 0xf7 || (marker >= 0xc0 && marker <= 0xcf && !isTable)) return marker;
    at += 2 + (stream[at + 2] ?? 0) * 256 + (stream[at + 3] ?? 0);
  }
  return undefined;
}
