import { constants, inflateRawSync } from 'node:zlib';
import { isNiiError } from '../../../core/errors.ts';
import { ByteReader, latin1 } from '../../bytes.ts';
import { type DataSet, isPixelTag, textOf } from '../data-set.ts';
import { type DicomLimits, dicomError } from '../dicom-error.ts';
import { deflatedLittleEndian, explicitBigEndian, implicitLittleEndian } from '../uids.ts';
import { Spent } from './ceilings.ts';
import { META_AT, otherEncoding } from './start.ts';
import { toDataSet } from './values.ts';
import { type Walk, walkDataSet } from './walk.ts';

/** What stands before the pixels of a Part 10 file. */
export interface DicomHead {
  /** UID, from (0002,0010). */
  readonly transferSyntax: string;
  readonly bigEndian: boolean;
  /** File meta information and data set up to the pixels. */
  readonly dataSet: DataSet;
  /** Tag of the pixels, where the file has any. */
  readonly pixelTag: string | undefined;
  /** So many bytes of the file are enough to read all this again. */
  readonly bytes: number;
}

/** Bytes of a file, as far as they are asked for. */
export interface ByteSource {
  readonly bytes: number;
  /** From the first byte on. */
  readonly read: (count: number) => Promise<Uint8Array>;
}

/** Headers are small: so much is read first, then more, and never more than the last. */
const READS = [64 * 1024, 1024 * 1024, 32 * 1024 * 1024];
/** What a deflated head may inflate to. */
const INFLATED_CEILING_BYTES = 32 * 1024 * 1024;
/** Bytes of a deflated file that are tried at once: no fewer inflate beyond the ceiling. */
const PACKED_FLOOR_BYTES = 16 * 1024;
/** The longest header of an element (PS3.5 7.1.2). */
const ELEMENT_HEADER_BYTES = 12;

/**
 * Reads what stands before the pixels, and no more of the file than that takes.
 * @throws NII_UNSUPPORTED_VARIANT without the Part 10 prefix or a transfer syntax; NII_MALFORMED, NII_TRUNCATED,
 *   NII_LIMIT_DEPTH, NII_LIMIT_EXPANSION, NII_LIMIT_ELEMENTS
 */
export async function readDicomHead(
  source: ByteSource,
  name: string,
  limits: DicomLimits,
): Promise<DicomHead> {
  for (const count of READS) {
    const bytes = await source.read(Math.min(count, source.bytes));
    const head = headIn(bytes, count < source.bytes, name, limits);
    if (head !== undefined) return head;
  }
  throw dicomError('NII_MALFORMED', name, 'the header is too long');
}

/** The head of a file that is in memory. */
export function dicomHeadOf(bytes: Uint8Array, name: string, limits: DicomLimits): Promise<DicomHead> {
  const read = async (count: number) => bytes.subarray(0, count);
  return readDicomHead({ bytes: bytes.byteLength, read }, name, limits);
}

/** Preamble and prefix (PS3.10 7.1): what an instance that is exchanged as a file begins with. */
export function startsAsPart10(head: Uint8Array): boolean {
  return latin1(head.subarray(META_AT - 4, META_AT)) === 'DICM';
}

/** Undefined where bytes that are not all of the file end before its header does. */
function headIn(bytes: Uint8Array, more: boolean, name: string, limits: DicomLimits): DicomHead | undefined {
  if (!startsAsPart10(bytes)) {
    throw dicomError('NII_UNSUPPORTED_VARIANT', name, 'no DICM prefix at byte 128', META_AT - 4);
  }
  try {
    const head = walked(bytes, name, limits);
    // The bytes may have run out exactly between two elements
    return more && head.pixelTag === undefined ? undefined : head;
  } catch (error) {
    if (more && isNiiError(error)) return undefined;
    throw error;
  }
}

function walked(bytes: Uint8Array, name: string, limits: DicomLimits): DicomHead {
  const walk: Walk = { name, maxDepth: limits.depth, note: () => {}, spent: new Spent(name) };
  const explicit = { explicit: true, bigEndian: false };
  const reader = new ByteReader(bytes, name).seek(META_AT);
  const meta = toDataSet(
    walkDataSet(reader, explicit, walk, (tag) => !tag.startsWith('0002')),
    name,
  );
  const transferSyntax = textOf(meta, '00020010');
  if (transferSyntax === undefined)
    throw dicomError('NII_UNSUPPORTED_VARIANT', name, 'no transfer syntax UID');
  let pixelTag: string | undefined;
  const atPixels = (tag: string) => {
    if (isPixelTag(tag)) pixelTag = tag;
    return pixelTag !== undefined;
  };
  const isDeflated = transferSyntax === deflatedLittleEndian;
  const claimed = {
    explicit: transferSyntax !== implicitLittleEndian,
    bigEndian: transferSyntax === explicitBigEndian,
  };
  const encoding = isDeflated ? claimed : (otherEncoding(bytes, reader.offset, claimed) ?? claimed);
  const inflating = isDeflated ? inflated(bytes.subarray(reader.offset), name) : undefined;
  const body = inflating === undefined ? reader : new ByteReader(inflating.bytes, name);
  const elements = orBeyond(inflating?.isPart === true, name, () =>
    walkDataSet(body, encoding, walk, atPixels),
  );
  const dataSet = toDataSet(elements, name);
  const read = isDeflated ? bytes.length : Math.min(bytes.length, body.offset + ELEMENT_HEADER_BYTES);
  const { bigEndian } = encoding;
  return { transferSyntax, bigEndian, dataSet: [...meta, ...dataSet], pixelTag, bytes: read };
}

/**
 * What a deflated data set begins with. Of bytes that inflate beyond the ceiling only the first half is tried, then the
 * half of that: what is wanted stands at the beginning.
 */
function inflated(
  packed: Uint8Array,
  name: string,
): { readonly bytes: Uint8Array; readonly isPart: boolean } {
  for (let part = packed; ; part = part.subarray(0, part.length >> 1)) {
    try {
      const { buffer, byteOffset, byteLength } = inflateRawSync(part, inflateOptions);
      return { bytes: new Uint8Array(buffer, byteOffset, byteLength), isPart: part !== packed };
    } catch (cause) {
      if (isTooLarge(cause) && part.length > PACKED_FLOOR_BYTES) continue;
      throw dicomError('NII_MALFORMED', name, 'the deflated data set cannot be inflated', META_AT, cause);
    }
  }
}

/** What was cut off at the ceiling is no fault of the file, and too much all the same. */
function orBeyond<T>(isPart: boolean, name: string, walk: () => T): T {
  try {
    return walk();
  } catch (error) {
    if (!isPart || !isNiiError(error, 'NII_TRUNCATED')) throw error;
    const detail = `the data before the pixels inflates beyond ${INFLATED_CEILING_BYTES} bytes`;
    throw dicomError('NII_LIMIT_EXPANSION', name, detail, META_AT, error);
  }
}

const inflateOptions = {
  maxOutputLength: INFLATED_CEILING_BYTES,
  finishFlush: constants.Z_SYNC_FLUSH,
} as const;

function isTooLarge(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE';
}
