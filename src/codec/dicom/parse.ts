import { inflateRawSync } from 'node:zlib';
import dicomParser, { type DataSet as ParsedDataSet } from 'dicom-parser';
import { type ErrorCode, isNiiError, NiiError } from '../../core/errors.ts';
import type { Limits } from '../../core/limits.ts';
import { latin1 } from '../bytes.ts';

/** What a reader of untrusted files may spend. */
export type DicomLimits = Pick<Limits, 'archiveBytes' | 'expansionRatio' | 'pixels' | 'depth'>;

/** dicom-parser's elements: those of the file meta information point into `file`, the others into the data set. */
export interface ParsedFile {
  readonly dataSet: ParsedDataSet;
  readonly file: Uint8Array;
}

const preambleBytes = 128;
/** A small deflated data set may expand further than the ratio: text is repetitive. */
const inflateFloorBytes = 1024 * 1024;

/** True when the bytes carry the prefix of a Part 10 file (PS3.10 7.1). */
function isDicom(bytes: Uint8Array): boolean {
  return latin1(bytes.subarray(preambleBytes, preambleBytes + 4)) === 'DICM';
}

/**
 * Parses a Part 10 file with dicom-parser and turns what that throws, or only warns of, into our refusals.
 * @throws NII_UNSUPPORTED_VARIANT without the Part 10 prefix or transfer syntax; NII_TRUNCATED where an element
 *   reaches past the end; NII_MALFORMED; NII_LIMIT_EXPANSION, NII_LIMIT_DEPTH
 */
export function parsePart10(bytes: Uint8Array, name: string, limits: DicomLimits): ParsedFile {
  if (!isDicom(bytes)) throw refusal('NII_UNSUPPORTED_VARIANT', name, 'no DICM prefix at byte 128', 128);
  const whole = withReservedBytes(bytes);
  const inflater = (file: Uint8Array, position: number) => inflate(file, position, name, limits);
  const dataSet = parse(whole, name, inflater);
  refuseWarnings(dataSet, name);
  return { dataSet, file: whole };
}

function parse(
  bytes: Uint8Array,
  name: string,
  inflater: (file: Uint8Array, position: number) => Uint8Array,
): ParsedDataSet {
  try {
    return dicomParser.parseDicom(bytes, { inflater });
  } catch (thrown) {
    throw refusalOf(thrown, name);
  }
}

/** dicom-parser throws strings, errors, and objects that carry either beside what was read before. */
function refusalOf(thrown: unknown, name: string): NiiError {
  if (isNiiError(thrown)) return thrown;
  const wrapped = isRecord(thrown) && 'exception' in thrown ? thrown : undefined;
  const inner = wrapped === undefined ? thrown : wrapped.exception;
  if (isNiiError(inner)) return inner;
  const message = inner instanceof Error ? inner.message : String(inner);
  return refusal(codeOf(message), name, message, lastOffset(wrapped?.dataSet), inner);
}

function codeOf(message: string): ErrorCode {
  if (/call stack/i.test(message)) return 'NII_LIMIT_DEPTH';
  if (/0002,0010/.test(message)) return 'NII_UNSUPPORTED_VARIANT';
  return /past end|overrun|overread|maxP ?osition/i.test(message) ? 'NII_TRUNCATED' : 'NII_MALFORMED';
}

/** Where the last element that could be read begins: the failure lies behind it. */
function lastOffset(dataSet: unknown): number | undefined {
  if (!isRecord(dataSet) || !isRecord(dataSet.elements)) return undefined;
  const offsets = Object.values(dataSet.elements).map((element) =>
    isRecord(element) && typeof element.dataOffset === 'number' ? element.dataOffset : 0,
  );
  return offsets.reduce((highest, offset) => Math.max(highest, offset), 0);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** What dicom-parser only warns of: pixel data without its end, and foreign tags among the fragments. */
function refuseWarnings(dataSet: ParsedDataSet, name: string): void {
  for (const warning of dataSet.warnings) {
    if (/missing sequence delimiter|eof encountered/.test(warning)) {
      throw refusal('NII_TRUNCATED', name, warning);
    }
    if (/unexpected tag/.test(warning)) throw refusal('NII_MALFORMED', name, warning);
  }
}

/** Inflates what follows the file meta information, within the limits (PS3.5 A.5). */
function inflate(file: Uint8Array, position: number, name: string, limits: DicomLimits): Uint8Array {
  const packed = file.subarray(position);
  const byRatio = Math.max(packed.length * limits.expansionRatio, inflateFloorBytes);
  const maxOutputLength = Math.min(byRatio, limits.archiveBytes);
  try {
    return new Uint8Array(inflateRawSync(packed, { maxOutputLength }));
  } catch (cause) {
    throw refusal(inflateCode(cause), name, 'the deflated data set cannot be inflated', position, cause);
  }
}

function inflateCode(cause: unknown): ErrorCode {
  const code = isRecord(cause) ? cause.code : undefined;
  if (code === 'ERR_BUFFER_TOO_LARGE') return 'NII_LIMIT_EXPANSION';
  return code === 'Z_BUF_ERROR' ? 'NII_TRUNCATED' : 'NII_MALFORMED';
}

/**
 * Some DICOS V02A files write the header of 64-bit Pixel Data (7FE0,0012) OD without its two reserved bytes, which
 * every standard parser misreads. Such an element reaches exactly to the end of the file: only then the two bytes
 * are put in.
 */
function withReservedBytes(bytes: Uint8Array): Uint8Array {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = file.lastIndexOf(Buffer.from([0xe0, 0x7f, 0x12, 0x00, 0x4f, 0x44]));
  if (header < 0 || header + 10 > file.length) return bytes;
  const length = file.readUInt32LE(header + 6);
  if (length === 0 || length !== file.length - header - 10) return bytes;
  const reserved = new Uint8Array(2);
  return Buffer.concat([file.subarray(0, header + 6), reserved, file.subarray(header + 6)]);
}

export function refusal(
  code: ErrorCode,
  name: string,
  detail: string,
  offset?: number,
  cause?: unknown,
): NiiError {
  return new NiiError(code, {
    detail: `${name}: ${detail}`,
    field: name,
    ...(offset === undefined ? {} : { offset }),
    ...(cause === undefined ? {} : { cause }),
  });
}
