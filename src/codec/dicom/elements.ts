import dcmjs from 'dcmjs';
import type { DataSet as ParsedDataSet, Element as ParsedElement } from 'dicom-parser';
import { decodeText } from './character-set.ts';
import {
  type DataSet,
  type DicomElement,
  isByteVr,
  isLocalText,
  isNumberVr,
  isSingleText,
  isTextVr,
  type NumberVr,
  numberVrBytes,
  type TextVr,
} from './data-set.ts';
import { type ParsedFile, refusal } from './parse.ts';

interface Context {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly bigEndian: boolean;
  readonly maxDepth: number;
  /** Value of Specific Character Set, inherited by items that have none of their own. */
  readonly characterSet: string | undefined;
  readonly depth: number;
}

/** VRs with a 32-bit length that dicom-parser 1.8 reads as 16 bits: everything behind them would be shifted. */
const misreadVrs: ReadonlySet<string> = new Set(['OV', 'SV', 'UV']);

/** Item and sequence delimiters, which dicom-parser lists among the elements. */
function isDelimiter(element: ParsedElement): boolean {
  return element.tag.startsWith('xfffe');
}

function isFileMeta(element: ParsedElement): boolean {
  return element.tag.startsWith('x0002');
}

/** The file meta information as plain values; little-endian whatever the data set is (PS3.10 7.1). */
export function toFileMeta({ dataSet, file }: ParsedFile, name: string): DataSet {
  const context = { name, bytes: file, bigEndian: false, maxDepth: 0, characterSet: undefined, depth: 0 };
  return Object.values(dataSet.elements)
    .filter(isFileMeta)
    .map((element) => toElement(element, context));
}

/**
 * dicom-parser's data set, without file meta information, as plain values in the file's order.
 * @throws NII_TRUNCATED, NII_MALFORMED, NII_LIMIT_DEPTH, NII_UNSUPPORTED_VARIANT, each with the offset
 */
export function toDataSet(
  { dataSet }: ParsedFile,
  context: Pick<Context, 'name' | 'bigEndian' | 'maxDepth'>,
): DataSet {
  return convert(dataSet, { ...context, bytes: dataSet.byteArray, characterSet: undefined, depth: 0 });
}

function convert(parsed: ParsedDataSet, outer: Context): DataSet {
  if (outer.depth > outer.maxDepth) {
    throw refusal('NII_LIMIT_DEPTH', outer.name, `sequences nested deeper than ${outer.maxDepth}`);
  }
  const own = parsed.elements.x00080005;
  const context =
    own === undefined ? outer : { ...outer, characterSet: decodeText(slice(own, outer), undefined) };
  return Object.values(parsed.elements)
    .filter((element) => !isDelimiter(element) && !isFileMeta(element))
    .map((element) => toElement(element, context));
}

function toElement(element: ParsedElement, context: Context): DicomElement {
  const tag = element.tag.slice(1);
  if (element.items !== undefined) return { tag, vr: 'SQ', value: items(element, context) };
  if (element.encapsulatedPixelData === true) return encapsulated(tag, element, context);
  const vr = element.vr ?? dictionaryVr(tag);
  return elementValue(tag, vr, element, context);
}

function elementValue(tag: string, vr: string, element: ParsedElement, context: Context): DicomElement {
  const bytes = slice(element, context);
  if (vr === 'SQ') return { tag, vr, value: [] };
  if (isTextVr(vr)) return { tag, vr, value: texts(vr, bytes, context) };
  if (isNumberVr(vr)) return { tag, vr, value: numbers(vr, bytes, element, context) };
  if (isByteVr(vr)) return { tag, vr, value: bytes };
  throw misreadVrs.has(vr)
    ? refusal('NII_UNSUPPORTED_VARIANT', context.name, `value representation ${vr}`, element.dataOffset)
    : refusal('NII_MALFORMED', context.name, `${tag} has no value representation`, element.dataOffset);
}

function items(element: ParsedElement, context: Context): readonly DataSet[] {
  const inner = { ...context, depth: context.depth + 1 };
  return (element.items ?? []).map((item) => {
    slice(item, context);
    return item.dataSet === undefined ? [] : convert(item.dataSet, inner);
  });
}

function encapsulated(tag: string, element: ParsedElement, context: Context): DicomElement {
  const fragments = (element.fragments ?? []).map(({ position, length }) =>
    slice({ dataOffset: position, length }, context),
  );
  const value = { offsets: element.basicOffsetTable ?? [], fragments };
  return { tag, vr: element.vr === 'OW' ? 'OW' : 'OB', value };
}

/** The bytes of an element. dicom-parser lets implicit ones and fragments reach past the end: checked here. */
function slice(element: Pick<ParsedElement, 'dataOffset' | 'length'>, context: Context): Uint8Array {
  const { dataOffset, length } = element;
  if (length < 0 || dataOffset + length > context.bytes.length) {
    const present = context.bytes.length - dataOffset;
    const detail = `an element claims ${length} bytes and ${present} are left`;
    throw refusal('NII_TRUNCATED', context.name, detail, dataOffset);
  }
  return context.bytes.subarray(dataOffset, dataOffset + length);
}

function texts(vr: TextVr, bytes: Uint8Array, context: Context): readonly string[] {
  const text = decodeText(bytes, isLocalText(vr) ? context.characterSet : undefined);
  if (text === '') return [];
  return isSingleText(vr) ? [text] : text.split('\\').map((value) => value.replace(/[ \0]+$/, ''));
}

function numbers(
  vr: NumberVr,
  bytes: Uint8Array,
  element: ParsedElement,
  context: Context,
): readonly number[] {
  const size = numberVrBytes[vr];
  if (bytes.length % size !== 0) {
    const detail = `${element.tag.slice(1)} ${vr} has ${bytes.length} bytes`;
    throw refusal('NII_MALFORMED', context.name, detail, element.dataOffset);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / size }, (_, i) =>
    numberAt(view, i * size, vr, !context.bigEndian),
  );
}

function numberAt(view: DataView, at: number, vr: NumberVr, little: boolean): number {
  switch (vr) {
    case 'US':
      return view.getUint16(at, little);
    case 'SS':
      return view.getInt16(at, little);
    case 'UL':
      return view.getUint32(at, little);
    case 'SL':
      return view.getInt32(at, little);
    case 'FL':
      return view.getFloat32(at, little);
    case 'FD':
      return view.getFloat64(at, little);
    case 'AT':
      return view.getUint16(at, little) * 0x10000 + view.getUint16(at + 2, little);
  }
}

/** The VR of an implicit element by PS3.6; UN where the dictionary has none or leaves a choice it cannot make. */
function dictionaryVr(tag: string): string {
  if (tag.endsWith('0000')) return 'UL';
  const group = tag.slice(0, 4).toUpperCase();
  const entry = dcmjs.data.DicomMetaDictionary.dictionary[`(${group},${tag.slice(4).toUpperCase()})`];
  const vr = entry?.vr ?? privateVr(tag);
  const choices: Readonly<Record<string, string>> = { ox: 'OW', xs: 'US', lt: 'OW', up: 'UL', na: 'UN' };
  return choices[vr] ?? (misreadVrs.has(vr) ? 'UN' : vr);
}

/** Private creators are LO (PS3.5 7.8.1); other private elements say nothing of themselves. */
function privateVr(tag: string): string {
  const isPrivate = Number.parseInt(tag.slice(0, 4), 16) % 2 === 1;
  return isPrivate && /^.{4}00[1-9a-f]/.test(tag) ? 'LO' : 'UN';
}
