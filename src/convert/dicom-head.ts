import { startsWith } from '../codec/bytes.ts';

const PREAMBLE = 128;
const ELEMENTS_CEILING = 512;
const DEPTH_CEILING = 8;
const UNDEFINED_LENGTH = 0xffffffff;
const longVrs = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV']);

interface Element {
  readonly tag: string;
  readonly start: number;
  readonly length: number;
}

interface Syntax {
  readonly explicit: boolean;
  readonly little: boolean;
}

/**
 * Text of one element of a Part 10 file, from its first bytes alone, to tell which files belong together (PS3.10
 * section 7, PS3.5 section 7.1). Undefined where it lies out of reach; the reader parses the whole file later.
 */
export function dicomText(head: Uint8Array, tag: string): string | undefined {
  if (!startsWith(head.subarray(PREAMBLE), [0x44, 0x49, 0x43, 0x4d])) return undefined;
  const meta = walk(
    head,
    PREAMBLE + 4,
    { explicit: true, little: true },
    (one) => !one.tag.startsWith('0002'),
  );
  const syntax = syntaxOf(textAt(head, meta.found.get('00020010')));
  if (syntax === undefined) return undefined;
  const { found } = walk(head, meta.end, syntax, (one) => one.tag > tag);
  return textAt(head, found.get(tag));
}

function syntaxOf(uid: string | undefined): Syntax | undefined {
  if (uid === undefined || uid === '1.2.840.10008.1.2.1.99') return undefined; // deflated: nothing to see
  return { explicit: uid !== '1.2.840.10008.1.2', little: uid !== '1.2.840.10008.1.2.2' };
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
  syntax: Syntax,
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
function elementAt(head: Uint8Array, at: number, syntax: Syntax, depth = 0): Element | undefined {
  if (at + 12 > head.length || depth > DEPTH_CEILING) return undefined;
  const { explicit, little } = syntax;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const tag = tagAt(head, at, little);
  const long = explicit && longVrs.has(Buffer.from(head.subarray(at + 4, at + 6)).toString('latin1'));
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
function endOfItems(head: Uint8Array, from: number, syntax: Syntax, depth: number): number | undefined {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  let at: number | undefined = from;
  for (let i = 0; i < ELEMENTS_CEILING && at !== undefined && at + 8 <= head.length; i++) {
    const tag = tagAt(head, at, syntax.little);
    const length = view.getUint32(at + 4, syntax.little);
    if (tag === 'fffee0dd') return at + 8;
    if (tag !== 'fffee000') return undefined;
    at = length === UNDEFINED_LENGTH ? endOfItem(head, at + 8, syntax, depth) : at + 8 + length;
  }
  return undefined;
}

function endOfItem(head: Uint8Array, from: number, syntax: Syntax, depth: number): number | undefined {
  let at = from;
  for (let i = 0; i < ELEMENTS_CEILING && at + 8 <= head.length; i++) {
    if (tagAt(head, at, syntax.little) === 'fffee00d') return at + 8;
    const element = elementAt(head, at, syntax, depth + 1);
    if (element === undefined) return undefined;
    at = element.start + element.length;
  }
  return undefined;
}
