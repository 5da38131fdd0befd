import { inflateRawSync } from 'node:zlib';
import dicomParser from 'dicom-parser';
import { defined } from '../../../core/defined.ts';
import { type ErrorCode, isNiiError, NiiError } from '../../../core/errors.ts';
import { ByteReader } from '../../bytes.ts';
import { textOf } from '../data-set.ts';
import { type DicomLimits, dicomError } from '../dicom-error.ts';
import type { RawElement } from '../raw.ts';
import { deflatedLittleEndian } from '../uids.ts';
import { Spent } from './ceilings.ts';
import type { QuirkName, QuirkNote } from './quirks.ts';
import { type Encoding, encodingOf, fileStart, META_AT, otherEncoding } from './start.ts';
import { toDataSet } from './values.ts';
import { type Walk, walkDataSet } from './walk.ts';

/**
 * Transfer Syntax UID (0002,0010) as dicom-parser reads the file meta information behind a preamble; undefined where
 * it gives up. A file whose head two readers understand differently would give samples that depend on the reader, so
 * it is rejected and not guessed.
 */
function secondOpinionOfSyntax(file: Uint8Array): string | undefined {
  try {
    return dicomParser.readPart10Header(file).string('x00020010')?.trim();
  } catch {
    return undefined; // it throws plain objects at files that are odd but readable
  }
}

/** A file as elements. */
export interface ParsedFile {
  readonly meta: readonly RawElement[];
  readonly elements: readonly RawElement[];
  /** (0002,0010); undefined where the file names none. */
  readonly transferSyntax: string | undefined;
  readonly encoding: Encoding;
  /** What was odd in the bytes, with the first field that has it. */
  readonly noted: ReadonlyMap<QuirkName, string>;
}

const littleExplicit: Encoding = { explicit: true, bigEndian: false };
/** A small deflated data set may expand further than the ratio: text is repetitive. */
const inflateFloorBytes = 1024 * 1024;

/**
 * Parses a Part 10 file (PS3.10 chapter 7), also one that lost its preamble or its file meta information.
 * @throws NII_UNSUPPORTED_VARIANT for what is no DICOM, or names no transfer syntax in its file meta information;
 *   NII_TRUNCATED where an element reaches past the end; NII_MALFORMED; NII_LIMIT_EXPANSION, NII_LIMIT_DEPTH, NII_LIMIT_ELEMENTS
 */
export function parseDicom(bytes: Uint8Array, name: string, limits: DicomLimits): ParsedFile {
  const noted = new Map<QuirkName, string>();
  const note: QuirkNote = (quirk, field) => {
    if (!noted.has(quirk)) noted.set(quirk, field);
  };
  const walk: Walk = { name, maxDepth: limits.depth, note, spent: new Spent(name) };
  const start = fileStart(bytes);
  if (start === undefined) {
    const detail = 'neither the DICM prefix at byte 128 nor a data set at byte 0';
    throw dicomError('NII_UNSUPPORTED_VARIANT', name, detail, 0);
  }
  if (start.kind === 'data-set') {
    note('no-preamble', 'byte 0');
    note('no-meta', 'byte 0');
    if (start.at > 0) note('lost-head', 'byte 0');
    const reader = new ByteReader(bytes, name).seek(start.at);
    const elements = walkDataSet(reader, start.encoding, walk);
    return { meta: [], elements, transferSyntax: undefined, encoding: start.encoding, noted };
  }
  if (start.metaAt < META_AT) note('no-preamble', 'byte 0');
  return { ...behindMeta(bytes, start.metaAt, walk, limits), noted };
}

function behindMeta(
  bytes: Uint8Array,
  metaAt: number,
  walk: Walk,
  limits: DicomLimits,
): Omit<ParsedFile, 'noted'> {
  const { name, note } = walk;
  const reader = new ByteReader(bytes, name).seek(metaAt);
  const meta = walkDataSet(reader, littleExplicit, walk, (tag) => !tag.startsWith('0002'));
  const transferSyntax = textOf(toDataSet(meta, name), '00020010');
  if (transferSyntax === undefined) {
    throw dicomError(
      'NII_UNSUPPORTED_VARIANT',
      name,
      'the file meta information has no transfer syntax',
      metaAt,
    );
  }
  const other = metaAt === META_AT ? secondOpinionOfSyntax(bytes) : undefined;
  if (other !== undefined && other !== transferSyntax) {
    const detail = `two readers of the file meta information disagree: ${transferSyntax} and ${other}`;
    throw dicomError('NII_MALFORMED', name, detail, metaAt);
  }
  if (transferSyntax === deflatedLittleEndian) {
    const elements = inflated(bytes, reader.offset, walk, limits);
    return { meta, elements, transferSyntax, encoding: littleExplicit };
  }
  const claimed = encodingOf(transferSyntax) ?? littleExplicit;
  const actual = otherEncoding(bytes, reader.offset, claimed);
  if (actual !== undefined) note('syntax-mislabelled', `byte ${reader.offset}`);
  const encoding = actual ?? claimed;
  return { meta, elements: walkDataSet(reader, encoding, walk), transferSyntax, encoding };
}

/** The data set of a deflated file; offsets in its rejections are those of the inflated bytes. */
function inflated(
  file: Uint8Array,
  position: number,
  walk: Walk,
  limits: DicomLimits,
): readonly RawElement[] {
  const reader = new ByteReader(inflate(file, position, walk.name, limits), walk.name);
  try {
    return walkDataSet(reader, littleExplicit, walk);
  } catch (error) {
    if (!isNiiError(error)) throw error;
    throw new NiiError(error.code, {
      detail: `${error.message}, counted in the inflated data set`,
      field: walk.name,
      ...defined({ offset: error.offset }),
      cause: error,
    });
  }
}

/** Inflates what follows the file meta information, within the limits (PS3.5 A.5). */
function inflate(file: Uint8Array, position: number, name: string, limits: DicomLimits): Uint8Array {
  const packed = file.subarray(position);
  const byRatio = Math.max(packed.length * limits.expansionRatio, inflateFloorBytes);
  const maxOutputLength = Math.min(byRatio, limits.archiveBytes);
  try {
    const bytes = inflateRawSync(packed, { maxOutputLength });
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  } catch (cause) {
    throw dicomError(inflateCode(cause), name, 'the deflated data set cannot be inflated', position, cause);
  }
}

function inflateCode(cause: unknown): ErrorCode {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'ERR_BUFFER_TOO_LARGE') return 'NII_LIMIT_EXPANSION';
  return code === 'Z_BUF_ERROR' ? 'NII_TRUNCATED' : 'NII_MALFORMED';
}
