import { encodeText, isDefaultRepertoire } from '../character-set.ts';
import {
  type DataSet,
  type DicomElement,
  type Encapsulated,
  hasLongLength,
  isByteVr,
  isEncapsulated,
  isLocalText,
  isNumberElement,
  isTextElement,
  type NumberVr,
  numberVrBytes,
  type TextVr,
  textOf,
} from '../data-set.ts';

/** How a sequence says where it ends; DICOS toolkits write every one with undefined length. */
export type SequenceLength = 'defined' | 'undefined';

export const undefinedLength = 0xffff_ffff;
const shortLengthCeiling = 0xffff;

/**
 * A data set as explicit VR little-endian bytes (PS3.5 7.1.2), sorted by tag, values padded to even length; a
 * value kept in a big-endian file is not turned round. Text goes out in the character set that (0008,0005) names, else
 * as UTF-8.
 * @throws RangeError for a tag twice or a value that its VR cannot hold: a fault of the caller, not of a file
 */
export function encodeDataSet(dataSet: DataSet, sequences: SequenceLength = 'undefined'): Uint8Array {
  return Buffer.concat(dataSetPieces(dataSet, sequences));
}

/** The same, not joined: pixels are many megabytes. */
export function dataSetPieces(
  dataSet: DataSet,
  sequences: SequenceLength = 'undefined',
): readonly Uint8Array[] {
  return dataSetParts(dataSet, { sequences, characterSet: textOf(dataSet, '00080005') });
}

interface Form {
  readonly sequences: SequenceLength;
  readonly characterSet: string | undefined;
}

function dataSetParts(dataSet: DataSet, form: Form): readonly Uint8Array[] {
  const sorted = [...dataSet].sort((a, b) => (a.tag < b.tag ? -1 : 1));
  const twice = sorted.find((element, i) => element.tag === sorted[i + 1]?.tag);
  if (twice !== undefined) throw new RangeError(`element ${twice.tag} is given twice`);
  return sorted.flatMap((element) => elementParts(element, form));
}

function elementParts(element: DicomElement, form: Form): readonly Uint8Array[] {
  const { tag, vr, value } = element;
  if (element.vr === 'SQ') return sequenceParts(tag, element.value, form);
  if (isEncapsulated(value)) return encapsulatedParts(tag, vr, value);
  const body = evenPieces(valueBytes(element, form), vr);
  return [explicitHeader(tag, vr, lengthOf(body)), ...body];
}

function valueBytes(element: DicomElement, { characterSet }: Form): Uint8Array {
  if (element.value instanceof Uint8Array) return element.value;
  if (isNumberElement(element)) return numberBytes(element.vr, element.value);
  if (isTextElement(element)) return textBytes(element.vr, element.value, characterSet);
  throw new RangeError(`element ${element.tag} has a value that is not ${element.vr}`);
}

/** Only free text may leave the default repertoire; codes, dates and UIDs that did would be unreadable. */
function textBytes(vr: TextVr, values: readonly string[], characterSet: string | undefined): Uint8Array {
  const joined = values.join('\\');
  if (isLocalText(vr)) return encodeText(joined, characterSet);
  if (isDefaultRepertoire(joined)) return Buffer.from(joined, 'latin1');
  throw new RangeError(`a value of VR ${vr} has characters outside the default repertoire`);
}

function numberBytes(vr: NumberVr, values: readonly number[]): Uint8Array {
  const size = numberVrBytes[vr];
  const view = new DataView(new ArrayBuffer(values.length * size));
  for (const [i, value] of values.entries()) putNumber(view, i * size, vr, value);
  return new Uint8Array(view.buffer);
}

const ranges: Readonly<Partial<Record<NumberVr, readonly [number, number]>>> = {
  AT: [0, 0xffff_ffff],
  US: [0, 0xffff],
  SS: [-0x8000, 0x7fff],
  UL: [0, 0xffff_ffff],
  SL: [-0x8000_0000, 0x7fff_ffff],
  SV: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  UV: [0, Number.MAX_SAFE_INTEGER],
};

function putNumber(view: DataView, at: number, vr: NumberVr, value: number): void {
  const range = ranges[vr];
  if (range !== undefined && !(Number.isInteger(value) && value >= range[0] && value <= range[1])) {
    throw new RangeError(`${value} does not fit VR ${vr}`);
  }
  putInRange(view, at, vr, value);
}

function putInRange(view: DataView, at: number, vr: NumberVr, value: number): void {
  switch (vr) {
    case 'US':
      view.setUint16(at, value, true);
      break;
    case 'SS':
      view.setInt16(at, value, true);
      break;
    case 'UL':
      view.setUint32(at, value, true);
      break;
    case 'SL':
      view.setInt32(at, value, true);
      break;
    case 'FL':
      view.setFloat32(at, value, true);
      break;
    case 'FD':
      view.setFloat64(at, value, true);
      break;
    case 'SV':
      view.setBigInt64(at, BigInt(value), true);
      break;
    case 'UV':
      view.setBigUint64(at, BigInt(value), true);
      break;
    case 'AT':
      view.setUint16(at, Math.floor(value / 0x10000), true);
      view.setUint16(at + 2, value % 0x10000, true);
  }
}

/** Of even length together: NUL behind UIDs and bytes, a blank behind other text (PS3.5 6.2). */
function evenPieces(body: Uint8Array, vr: string): readonly Uint8Array[] {
  if (body.length % 2 === 0) return [body];
  const filler = vr === 'UI' || isByteVr(vr) ? 0 : 0x20;
  return [body, Uint8Array.of(filler)];
}

const lengthOf = (pieces: readonly Uint8Array[]) => pieces.reduce((sum, { length }) => sum + length, 0);

/** Tag, VR and length of an element (PS3.5 7.1.2). */
export function explicitHeader(tag: string, vr: string, length: number): Uint8Array {
  const long = hasLongLength(vr);
  if (!long && length > shortLengthCeiling)
    throw new RangeError(`${tag} ${vr} of ${length} bytes is too long`);
  const view = new DataView(new ArrayBuffer(long ? 12 : 8));
  putTag(view, tag);
  view.setUint8(4, vr.charCodeAt(0));
  view.setUint8(5, vr.charCodeAt(1));
  if (long) view.setUint32(8, length, true);
  else view.setUint16(6, length, true);
  return new Uint8Array(view.buffer);
}

/** Tag and length of an element of an implicit VR data set (PS3.5 7.1.3). */
export function implicitHeader(tag: string, length: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(8));
  putTag(view, tag);
  view.setUint32(4, length, true);
  return new Uint8Array(view.buffer);
}

function putTag(view: DataView, tag: string): void {
  if (!/^[0-9a-f]{8}$/.test(tag)) throw new RangeError(`${tag} is not a tag`);
  view.setUint16(0, Number.parseInt(tag.slice(0, 4), 16), true);
  view.setUint16(2, Number.parseInt(tag.slice(4), 16), true);
}

/** Item, item delimiter and sequence delimiter (PS3.5 7.5). */
export function item(tag: 'fffee000' | 'fffee00d' | 'fffee0dd', length: number): Uint8Array {
  return implicitHeader(tag, length);
}

function sequenceParts(tag: string, items: readonly DataSet[], form: Form): readonly Uint8Array[] {
  const bodies = items.map((dataSet) => Buffer.concat(dataSetParts(dataSet, form)));
  if (form.sequences === 'undefined') {
    const parts = bodies.flatMap((body) => [item('fffee000', undefinedLength), body, item('fffee00d', 0)]);
    return [explicitHeader(tag, 'SQ', undefinedLength), ...parts, item('fffee0dd', 0)];
  }
  const parts = bodies.flatMap((body) => [item('fffee000', body.length), body]);
  return [explicitHeader(tag, 'SQ', lengthOf(parts)), ...parts];
}

/** Fragments behind a basic offset table (PS3.5 A.4). Each fragment is padded to even length. */
export function encapsulatedParts(
  tag: string,
  vr: string,
  { offsets, fragments }: Encapsulated,
): readonly Uint8Array[] {
  const table = numberBytes('UL', offsets);
  const even = fragments.map((fragment) => evenPieces(fragment, 'OB'));
  return [
    explicitHeader(tag, vr, undefinedLength),
    item('fffee000', table.length),
    table,
    ...even.flatMap((pieces) => [item('fffee000', lengthOf(pieces)), ...pieces]),
    item('fffee0dd', 0),
  ];
}

/** Compressed frames, one fragment each, with their offset table. */
export function encapsulate(frames: readonly Uint8Array[]): Encapsulated {
  const offsets: number[] = [];
  let at = 0;
  for (const frame of frames) {
    offsets.push(at);
    at += 8 + frame.length + (frame.length % 2);
  }
  return { offsets, fragments: frames };
}
