import { constants, inflateRawSync } from 'node:zlib';
import { latin1 } from '../codec/bytes.ts';
import { hasLongLength } from '../codec/dicom/data-set.ts';
import { type Encoding, encodingOf, fileStart, otherEncoding } from '../codec/dicom/read/start.ts';
import { deflatedLittleEndian } from '../codec/dicom/uids.ts';
import { isReportClass, REFERENCES_CEILING } from './files.ts';

const ELEMENTS_CEILING = 512;
const DEPTH_CEILING = 8;
const UNDEFINED_LENGTH = 0xffffffff;

interface Element {
  readonly tag: string;
  readonly start: number;
  readonly length: number;
}

/**
 * Text of one element of a DICOM file, from its first bytes alone, to tell which files belong together (PS3.10
 * section 7, PS3.5 section 7.1). Undefined where it lies out of reach; the reader parses the whole file later.
 */
export function dicomText(head: Uint8Array, tag: string): string | undefined {
  const body = bodyOf(head);
  if (body === undefined) return undefined;
  const { found } = walk(body.bytes, body.at, body.encoding, (one) => one.tag > tag);
  return textAt(body.bytes, found.get(tag));
}

/**
 * SOP instance UIDs that a report refers to (0008,1155), as far as its first bytes name them; empty for what is no
 * report. They are looked for by the header of the element, at whatever depth it lies.
 */
export function reportReferences(head: Uint8Array): readonly string[] {
  const body = bodyOf(head);
  if (body === undefined || !isReportClass(dicomText(head, '00080016') ?? '')) return [];
  const { bytes, at, encoding } = body;
  const { explicit, bigEndian } = encoding;
  const tag = bigEndian ? '00081155' : '08005511';
  const needle = Buffer.from(`${tag}${explicit ? '5549' : ''}`, 'hex');
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found = new Set<string>();
  let from = buffer.indexOf(needle, at);
  while (from >= 0 && found.size < REFERENCES_CEILING) {
    const text = textAt(bytes, elementAt(bytes, from, encoding));
    if (text !== undefined && /^[0-9.]{1,64}$/.test(text)) found.add(text);
    from = buffer.indexOf(needle, from + needle.length);
  }
  return [...found];
}

interface Body {
  readonly bytes: Uint8Array;
  readonly at: number;
  readonly encoding: Encoding;
}

/** What the first 4 KiB may inflate to at most: DEFLATE expands no more than 1032 times. */
const INFLATED_CEILING = 4096 * 1032;

/** Where the data set begins, and how it is written; undefined for what cannot be seen from here. */
function bodyOf(head: Uint8Array): Body | undefined {
  const start = fileStart(head);
  if (start === undefined) return undefined;
  if (start.kind === 'data-set') return { bytes: head, at: start.at, encoding: start.encoding };
  const littleExplicit = { explicit: true, bigEndian: false };
  const meta = walk(head, start.metaAt, littleExplicit, (one) => !one.tag.startsWith('0002'));
  const syntax = textAt(head, meta.found.get('00020010'));
  if (syntax === deflatedLittleEndian) {
    const bytes = inflatedStart(head.subarray(meta.end));
    return bytes === undefined ? undefined : { bytes, at: 0, encoding: littleExplicit };
  }
  const encoding = encodingOf(syntax);
  if (encoding === undefined) return undefined;
  return { bytes: head, at: meta.end, encoding: otherEncoding(head, meta.end, encoding) ?? encoding };
}

/** What the first bytes of a deflated data set hold; undefined where they hold nothing that can be seen. */
function inflatedStart(packed: Uint8Array): Uint8Array | undefined {
  try {
    const finishFlush = constants.Z_SYNC_FLUSH;
    return new Uint8Array(inflateRawSync(packed, { finishFlush, maxOutputLength: INFLATED_CEILING }));
  } catch {
    return undefined; // the reader says what is wrong with it
  }
}

function textAt(head: Uint8Array, element: Element | undefined): string | undefined {
  if (element === undefined || element.start + element.length > head.length) return undefined;
  const bytes = head.subarray(element.start, element.start + element.length);
  const text = Buffer.from(bytes)
    .toString('latin1')
    .replace(/[\s\0]+$/, '');
  return text === '' || text.length > 128 ? undefined : text;
}

function walk(
  head: Uint8Array,
  from: number,
  syntax: Encoding,
  stop: (element: Element) => boolean,
): { readonly found: ReadonlyMap<string, Element>; readonly end: number } {
  const found = new Map<string, Element>();
  let at = from;
  for (let i = 0; i < ELEMENTS_CEILING; i++) {
    const element = elementAt(head, at, syntax);
    if (element === undefined || stop(element)) break;
    found.set(element.tag, element);
    const next = element.start + element.length;
    if (next > head.length) break;
    at = next;
  }
  return { found, end: at };
}

/** Undefined where the header is cut off. A sequence of undefined length is walked to its end, items and all. */
function elementAt(head: Uint8Array, at: number, syntax: Encoding, depth = 0): Element | undefined {
  if (at + 12 > head.length || depth > DEPTH_CEILING) return undefined;
  const { explicit } = syntax;
  const little = !syntax.bigEndian;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const tag = tagAt(head, at, little);
  const long = explicit && hasLongLength(latin1(head.subarray(at + 4, at + 6)));
  const length =
    explicit && !long ? view.getUint16(at + 6, little) : view.getUint32(at + (long ? 8 : 4), little);
  const start = at + (long ? 12 : 8);
  if (length !== UNDEFINED_LENGTH) return { tag, start, length };
  const end = endOfItems(head, start, syntax, depth);
  return end === undefined ? undefined : { tag, start, length: end - start };
}

function tagAt(head: Uint8Array, at: number, little: boolean): string {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  return [at, at + 2].map((offset) => view.getUint16(offset, little).toString(16).padStart(4, '0')).join('');
}

/** Behind the delimiter of a sequence of undefined length (PS3.5 section 7.5). */
function endOfItems(head: Uint8Array, from: number, syntax: Encoding, depth: number): number | undefined {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  let at: number | undefined = from;
  for (let i = 0; i < ELEMENTS_CEILING && at !== undefined && at + 8 <= head.length; i++) {
    const tag = tagAt(head, at, !syntax.bigEndian);
    const length = view.getUint32(at + 4, !syntax.bigEndian);
    if (tag === 'fffee0dd') return at + 8;
    if (tag !== 'fffee000') return undefined;
    at = length === UNDEFINED_LENGTH ? endOfItem(head, at + 8, syntax, depth) : at + 8 + length;
  }
  return undefined;
}

function endOfItem(head: Uint8Array, from: number, syntax: Encoding, depth: number): number | undefined {
  let at = from;
  for (let i = 0; i < ELEMENTS_CEILING && at + 8 <= head.length; i++) {
    if (tagAt(head, at, !syntax.bigEndian) === 'fffee00d') return at + 8;
    const element = elementAt(head, at, syntax, depth + 1);
    if (element === undefined) return undefined;
    at = element.start + element.length;
  }
  return undefined;
}
