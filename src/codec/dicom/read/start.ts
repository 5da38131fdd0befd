import { latin1 } from '../../bytes.ts';
import { hasLongLength, isKnownVr } from '../data-set.ts';
import { deflatedLittleEndian, explicitBigEndian, gePrivate, implicitLittleEndian } from '../uids.ts';

/** How the elements of a data set are written (PS3.5 chapter 7). */
export interface Encoding {
  readonly explicit: boolean;
  readonly bigEndian: boolean;
}

/** Where a file begins to be read. */
export type FileStart =
  /** Preamble, prefix and file meta information (PS3.10 7.1); `metaAt` is 0 where the first two are missing. */
  | { readonly kind: 'meta'; readonly metaAt: number }
  /** A data set alone. `at` is 1 where the byte before belongs to something that was cut off. */
  | { readonly kind: 'data-set'; readonly at: 0 | 1; readonly encoding: Encoding };

const PREFIX_AT = 128;
export const META_AT = PREFIX_AT + 4;
/** So many elements must look right before bytes without a prefix are taken for a data set. */
const ELEMENTS_WANTED = { explicit: 3, implicit: 4 } as const;
/** No first element of a data set is longer: they are codes, dates and UIDs. */
const FIRST_LENGTH_CEILING = 4096;

const encodings: readonly Encoding[] = [
  { explicit: true, bigEndian: false },
  { explicit: true, bigEndian: true },
  { explicit: false, bigEndian: false },
  { explicit: false, bigEndian: true },
];

/**
 * How a file begins, by its first bytes; undefined for what is no DICOM. Without the prefix only group 0002, 0004 or
 * 0008 may come first, and several elements must be in order with sane VRs, lengths and texts.
 */
export function fileStart(head: Uint8Array): FileStart | undefined {
  if (latin1(head.subarray(PREFIX_AT, META_AT)) === 'DICM') return { kind: 'meta', metaAt: META_AT };
  const encoding = dataSetEncoding(head, 0);
  if (encoding !== undefined) {
    const isMeta = tagAt(head, 0, encoding.bigEndian)?.startsWith('0002') === true;
    return isMeta ? { kind: 'meta', metaAt: 0 } : { kind: 'data-set', at: 0, encoding };
  }
  const isPadding = head[0] === 0x20 || head[0] === 0;
  const behind = isPadding ? dataSetEncoding(head, 1) : undefined;
  return behind === undefined ? undefined : { kind: 'data-set', at: 1, encoding: behind };
}

function dataSetEncoding(head: Uint8Array, at: number): Encoding | undefined {
  return encodings.find((encoding) => {
    const wanted = encoding.explicit ? ELEMENTS_WANTED.explicit : ELEMENTS_WANTED.implicit;
    return beginsLike(head, at, encoding, wanted, /^(0002|0004|0008)/);
  });
}

/**
 * How the data set of a transfer syntax is written; undefined for a deflated one, and where none is named. Every
 * syntax that compresses pixels writes its elements explicit and little-endian (PS3.5 A.4).
 */
export function encodingOf(transferSyntax: string | undefined): Encoding | undefined {
  if (transferSyntax === undefined || transferSyntax === deflatedLittleEndian) return undefined;
  return {
    explicit: transferSyntax !== implicitLittleEndian && transferSyntax !== gePrivate,
    bigEndian: transferSyntax === explicitBigEndian,
  };
}

/** The encoding that the data set behind a file meta information really has; undefined where it is the claimed one. */
export function otherEncoding(bytes: Uint8Array, at: number, claimed: Encoding): Encoding | undefined {
  if (beginsLike(bytes, at, claimed, 1, /^/)) return undefined;
  return encodings.find((encoding) => beginsLike(bytes, at, encoding, 3, /^(0004|0008)/));
}

/** Whether `wanted` elements from `at` on look right in this encoding. */
function beginsLike(
  bytes: Uint8Array,
  at: number,
  encoding: Encoding,
  wanted: number,
  first: RegExp,
): boolean {
  let from = at;
  let before = '';
  for (let i = 0; i < wanted; i += 1) {
    const element = elementAt(bytes, from, encoding);
    if (element === undefined || element.tag <= before || (i === 0 && !first.test(element.tag))) return false;
    if (element.end === undefined) return i > 0;
    before = element.tag;
    from = element.end;
  }
  return true;
}

interface Glimpse {
  readonly tag: string;
  /** Where the next element begins; undefined for a sequence, whose end is not looked for. */
  readonly end: number | undefined;
}

function elementAt(bytes: Uint8Array, at: number, { explicit, bigEndian }: Encoding): Glimpse | undefined {
  const tag = tagAt(bytes, at, bigEndian);
  if (tag === undefined || at + 12 > bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const vr = latin1(bytes.subarray(at + 4, at + 6));
  if (explicit && !isKnownVr(vr)) return undefined;
  const long = explicit && hasLongLength(vr);
  const length =
    explicit && !long ? view.getUint16(at + 6, !bigEndian) : view.getUint32(at + (long ? 8 : 4), !bigEndian);
  const start = at + (long ? 12 : 8);
  const isSane = length % 2 === 0 && (explicit || isShortText(bytes, start, length, tag));
  if (vr === 'SQ' && explicit) return { tag, end: undefined };
  return isSane && length <= FIRST_LENGTH_CEILING ? { tag, end: start + length } : undefined;
}

/** The first elements of an implicit data set are texts, but for the length of their group. */
function isShortText(bytes: Uint8Array, start: number, length: number, tag: string): boolean {
  if (tag.endsWith('0000')) return length === 4;
  const value = bytes.subarray(start, Math.min(start + length, bytes.length));
  return value.every((byte) => byte === 0 || (byte >= 0x20 && byte < 0x7f) || byte === 0x0a || byte === 0x0d);
}

function tagAt(bytes: Uint8Array, at: number, bigEndian: boolean): string | undefined {
  if (at + 4 > bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return [at, at + 2]
    .map((offset) => view.getUint16(offset, !bigEndian).toString(16).padStart(4, '0'))
    .join('');
}
