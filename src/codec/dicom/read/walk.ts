import { ByteReader } from '../../bytes.ts';
import { type Encapsulated, formatTag, isByteVr, isPixelTag } from '../data-set.ts';
import { dicomError } from '../dicom-error.ts';
import { dictionaryVr } from '../dictionary.ts';
import type { RawElement, RawItem } from '../raw.ts';
import { onlyZerosLeft, type Spent } from './ceilings.ts';
import { type Header, readHeader, readTag, UNDEFINED_LENGTH, u32 } from './headers.ts';
import { binaryVr, type QuirkNote } from './quirks.ts';
import type { Encoding } from './start.ts';

/** What one walk through a data set carries along. */
export interface Walk {
  readonly name: string;
  readonly maxDepth: number;
  readonly note: QuirkNote;
  readonly spent: Spent;
}

interface Place extends Encoding {
  readonly depth: number;
}

const ITEM = 'fffee000';
const ITEM_END = 'fffee00d';
const SEQUENCE_END = 'fffee0dd';

/**
 * The elements from the reader's offset on, in the file's order: to the end of the bytes, or up to the first for which
 * `until` holds. Values are views of the bytes.
 * @throws NII_TRUNCATED, NII_MALFORMED, NII_LIMIT_DEPTH, NII_LIMIT_ELEMENTS, each with the offset
 */
export function walkDataSet(
  reader: ByteReader,
  encoding: Encoding,
  walk: Walk,
  until: (tag: string) => boolean = () => false,
): readonly RawElement[] {
  const isOver = () => reader.remaining === 0 || isPadding(reader, walk) || until(peekTag(reader, encoding));
  return elements(reader, { ...encoding, depth: 0 }, walk, isOver);
}

/** Zeros behind the last element: writers that fill a block. */
function isPadding(reader: ByteReader, walk: Walk): boolean {
  if (reader.peek(8).some((byte) => byte !== 0) || !onlyZerosLeft(reader)) return false;
  walk.note('trailing-zeros', `byte ${reader.offset}`);
  return true;
}

function peekTag(reader: ByteReader, { bigEndian }: Encoding): string {
  const start = reader.offset;
  const tag = readTag(reader, bigEndian);
  reader.seek(start);
  return tag;
}

function elements(
  reader: ByteReader,
  place: Place,
  walk: Walk,
  isOver: () => boolean,
): readonly RawElement[] {
  if (place.depth > walk.maxDepth) {
    const detail = `sequences nested deeper than ${walk.maxDepth}`;
    throw dicomError('NII_LIMIT_DEPTH', walk.name, detail, reader.offset);
  }
  const found = new Map<string, RawElement>();
  let before = '';
  while (!isOver()) {
    const start = reader.offset;
    walk.spent.node(start);
    const header = readHeader(reader, place, walk.note);
    const { tag } = header;
    if (tag === ITEM_END || tag === SEQUENCE_END) {
      walk.note('stray-delimiter', `byte ${start}`);
      continue;
    }
    if (tag < before) walk.note('unordered', formatTag(tag));
    before = tag;
    const element = readElement(reader, header, place, walk);
    if (found.has(tag)) walk.note('repeated', formatTag(tag));
    else found.set(tag, element);
  }
  return [...found.values()];
}

function readElement(reader: ByteReader, header: Header, place: Place, walk: Walk): RawElement {
  const { tag, length, at } = header;
  const isImplicit = header.vr === '';
  const vr = isImplicit ? dictionaryVr(tag) : header.vr;
  if (length === UNDEFINED_LENGTH) return openElement(reader, { tag, vr, at }, place, walk);
  requirePresent(reader, length, formatTag(tag), walk);
  if (length % 2 !== 0) walk.note('odd-length', formatTag(tag));
  if (vr === 'SQ' || (isImplicit && beginsWithItem(reader, vr, length, place))) {
    const end = at + length;
    const found = items(reader, place, walk, () => reader.offset >= end, end);
    return { kind: 'sequence', tag, hasLength: true, items: found };
  }
  const bytes = reader.take(length);
  const own = isImplicit ? (binaryVr(tag, bytes) ?? vr) : vr;
  return { kind: 'value', tag, vr: own, bytes, bigEndian: place.bigEndian, at };
}

function requirePresent(reader: ByteReader, length: number, what: string, { name }: Walk): void {
  if (length <= reader.remaining) return;
  const detail = `${what} claims ${length} bytes, but only ${reader.remaining} are left`;
  throw dicomError('NII_TRUNCATED', name, detail, reader.offset);
}

/** An implicit element that no dictionary knows is a sequence if its value begins with an item. */
function beginsWithItem(reader: ByteReader, vr: string, length: number, encoding: Encoding): boolean {
  return vr === 'UN' && length >= 8 && peekTag(reader, encoding) === ITEM;
}

/** An element of undefined length: a sequence, or compressed pixels. UN then holds implicit elements (PS3.5 6.2.2). */
function openElement(
  reader: ByteReader,
  { tag, vr, at }: Pick<Header, 'tag' | 'vr' | 'at'>,
  place: Place,
  walk: Walk,
): RawElement {
  if (isPixelTag(tag) || (isByteVr(vr) && vr !== 'UN')) {
    const value = fragmentsAt(reader, place.bigEndian, walk);
    return { kind: 'fragments', tag, vr: isByteVr(vr) ? vr : 'OB', value };
  }
  if (vr !== 'SQ' && vr !== 'UN') {
    throw dicomError('NII_MALFORMED', walk.name, `${formatTag(tag)} of VR ${vr} has no length`, at);
  }
  const inner = vr === 'UN' ? { ...place, explicit: false, bigEndian: false } : place;
  const isOver = () => endsHere(reader, SEQUENCE_END, inner);
  return { kind: 'sequence', tag, hasLength: false, items: items(reader, inner, walk, isOver) };
}

/** True, and the delimiter read, where the next header is this one. */
function endsHere(reader: ByteReader, delimiter: string, encoding: Encoding): boolean {
  if (peekTag(reader, encoding) !== delimiter) return false;
  reader.skip(8);
  return true;
}

function items(
  reader: ByteReader,
  place: Place,
  walk: Walk,
  isOver: () => boolean,
  end = Number.POSITIVE_INFINITY,
): readonly RawItem[] {
  const found: RawItem[] = [];
  while (!isOver()) {
    const at = reader.offset;
    walk.spent.node(at);
    const tag = readTag(reader, place.bigEndian);
    const length = u32(reader, place.bigEndian);
    if (tag === SEQUENCE_END) walk.note('stray-delimiter', `byte ${at}`);
    else if (tag === ITEM) found.push(item(reader, length, place, walk, end));
    else throw dicomError('NII_MALFORMED', walk.name, `found ${formatTag(tag)} instead of an item`, at);
  }
  if (reader.offset > end)
    throw dicomError('NII_MALFORMED', walk.name, 'an item extends beyond its sequence', end);
  return found;
}

function item(reader: ByteReader, length: number, outer: Place, walk: Walk, end: number): RawItem {
  const place = { ...outer, depth: outer.depth + 1 };
  if (length === UNDEFINED_LENGTH) {
    const isOver = () => endsHere(reader, ITEM_END, place);
    return { hasLength: false, elements: elements(reader, place, walk, isOver) };
  }
  requirePresent(reader, length, 'an item', walk);
  const itemEnd = reader.offset + length;
  if (itemEnd > end) {
    throw dicomError('NII_MALFORMED', walk.name, 'an item extends beyond its sequence', reader.offset);
  }
  const found = elements(reader, place, walk, () => reader.offset >= itemEnd);
  if (reader.offset > itemEnd) {
    throw dicomError('NII_MALFORMED', walk.name, 'an element extends beyond its item', itemEnd);
  }
  return { hasLength: true, elements: found };
}

interface File {
  readonly name: string;
  readonly spent: Spent;
}

/**
 * A basic offset table and fragments, to their delimiter (PS3.5 A.4). Lengths alone say where a fragment ends: its
 * bytes may hold anything, a delimiter too. @throws NII_TRUNCATED, NII_MALFORMED, NII_LIMIT_ELEMENTS
 */
function fragmentsAt(reader: ByteReader, bigEndian: boolean, file: File): Encapsulated {
  const { name, spent } = file;
  const [table, ...fragments] = itemsAt(reader, bigEndian, file);
  if (table === undefined) return { offsets: [], fragments: [] };
  if (table.length % 4 !== 0) {
    throw dicomError(
      'NII_MALFORMED',
      name,
      `the offset table has an invalid length of ${table.length} bytes`,
      reader.offset,
    );
  }
  spent.values(table.length / 4, 'the offset table', reader.offset);
  const entries = new ByteReader(table, name);
  const offsets = Array.from({ length: table.length / 4 }, () => u32(entries, bigEndian));
  return { offsets, fragments };
}

function itemsAt(reader: ByteReader, bigEndian: boolean, { name, spent }: File): readonly Uint8Array[] {
  const found: Uint8Array[] = [];
  for (;;) {
    const at = reader.offset;
    spent.node(at);
    const tag = readTag(reader, bigEndian);
    const length = u32(reader, bigEndian);
    if (tag === 'fffee0dd') return found;
    if (tag !== 'fffee000')
      throw dicomError('NII_MALFORMED', name, `unexpected ${formatTag(tag)} among the fragments`, at);
    if (length > reader.remaining) {
      const detail = `a fragment claims ${length} bytes, but only ${reader.remaining} are left`;
      throw dicomError('NII_TRUNCATED', name, detail, reader.offset);
    }
    found.push(reader.take(length));
  }
}
