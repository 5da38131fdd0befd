/**
 * A DICOM data set as plain values: what the reader returns and the writer takes (PS3.5 chapters 6 and 7).
 */

const textVrs = [
  'AE',
  'AS',
  'CS',
  'DA',
  'DS',
  'DT',
  'IS',
  'LO',
  'LT',
  'PN',
  'SH',
  'ST',
  'TM',
  'UC',
  'UI',
  'UR',
  'UT',
] as const;
const numberVrs = ['AT', 'FD', 'FL', 'SL', 'SS', 'SV', 'UL', 'US', 'UV'] as const;
const byteVrs = ['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'UN'] as const;

export type TextVr = (typeof textVrs)[number];
export type NumberVr = (typeof numberVrs)[number];
export type ByteVr = (typeof byteVrs)[number];

/** Compressed pixel data: the fragments as they lie in the file, item headers off (PS3.5 A.4). */
export interface Encapsulated {
  /** The basic offset table; empty when the file has none. Bytes from the first fragment's item tag. */
  readonly offsets: readonly number[];
  readonly fragments: readonly Uint8Array[];
}

interface TextElement {
  readonly tag: string;
  readonly vr: TextVr;
  /** One entry a value, trailing padding off; no entry for an empty element. */
  readonly value: readonly string[];
}
interface NumberElement {
  readonly tag: string;
  readonly vr: NumberVr;
  /** AT: group * 65536 + element. SV and UV: the nearest double. */
  readonly value: readonly number[];
}
interface ByteElement {
  readonly tag: string;
  readonly vr: ByteVr;
  /** Little-endian unless the file is big-endian: see `DicomFile.bigEndian`. */
  readonly value: Uint8Array | Encapsulated;
}
interface SequenceElement {
  readonly tag: string;
  readonly vr: 'SQ';
  readonly value: readonly DataSet[];
}

/** `tag` is eight lower-case hexadecimal digits, group first: '00280010'. */
export type DicomElement = TextElement | NumberElement | ByteElement | SequenceElement;
export type DataSet = readonly DicomElement[];

const textVrSet: ReadonlySet<string> = new Set(textVrs);
const numberVrSet: ReadonlySet<string> = new Set(numberVrs);
const byteVrSet: ReadonlySet<string> = new Set(byteVrs);

export function isTextVr(vr: string): vr is TextVr {
  return textVrSet.has(vr);
}

export function isNumberVr(vr: string): vr is NumberVr {
  return numberVrSet.has(vr);
}

export function isByteVr(vr: string): vr is ByteVr {
  return byteVrSet.has(vr);
}

/** Bytes of one value. */
export const numberVrBytes: Readonly<Record<NumberVr, number>> = {
  AT: 4,
  FD: 8,
  FL: 4,
  SL: 4,
  SS: 2,
  SV: 8,
  UL: 4,
  US: 2,
  UV: 8,
};

/** VRs whose length takes 32 bits behind two reserved bytes (PS3.5 7.1.2). */
const longVrs: ReadonlySet<string> = new Set([...byteVrs, 'SQ', 'SV', 'UC', 'UR', 'UT', 'UV']);

export function hasLongLength(vr: string): boolean {
  return longVrs.has(vr);
}

export function isKnownVr(vr: string): boolean {
  return vr === 'SQ' || isTextVr(vr) || isNumberVr(vr) || isByteVr(vr);
}

/** VRs whose backslashes are text, not separators (PS3.5 6.4). */
export function isSingleText(vr: TextVr): boolean {
  return vr === 'LT' || vr === 'ST' || vr === 'UT' || vr === 'UR';
}

/** VRs whose letters follow the Specific Character Set (PS3.5 6.1.2.3). */
export function isLocalText(vr: TextVr): boolean {
  return ['LO', 'LT', 'PN', 'SH', 'ST', 'UC', 'UT'].includes(vr);
}

export function isTextElement(element: DicomElement): element is TextElement {
  return isTextVr(element.vr);
}

export function isNumberElement(element: DicomElement): element is NumberElement {
  return isNumberVr(element.vr);
}

export function isEncapsulated(value: DicomElement['value']): value is Encapsulated {
  return 'fragments' in value;
}

/** The element with this tag, at the top level of the data set only. */
function elementOf(dataSet: DataSet, tag: string): DicomElement | undefined {
  return dataSet.find((element) => element.tag === tag);
}

/** Every value as text, whatever VR the file gives it; empty when absent, empty, binary or a sequence. */
export function textsOf(dataSet: DataSet, tag: string): readonly string[] {
  const element = elementOf(dataSet, tag);
  if (element === undefined) return [];
  if (isTextElement(element)) return element.value;
  return isNumberElement(element) ? element.value.map(String) : [];
}

/** The first value as text, leading and trailing blanks off; undefined when absent or empty. */
export function textOf(dataSet: DataSet, tag: string): string | undefined {
  const text = textsOf(dataSet, tag)[0]?.trim();
  return text === '' ? undefined : text;
}

/** Every value as a number, binary or DS / IS text; NaN where a text is not a decimal number. */
export function numbersOf(dataSet: DataSet, tag: string): readonly number[] {
  return textsOf(dataSet, tag).map(decimal);
}

/** The first value as a number; undefined when absent or not a number. */
export function numberOf(dataSet: DataSet, tag: string): number | undefined {
  const value = numbersOf(dataSet, tag)[0];
  return value === undefined || Number.isNaN(value) ? undefined : value;
}

/** The items of a sequence; empty when absent. */
export function itemsOf(dataSet: DataSet, tag: string): readonly DataSet[] {
  const element = elementOf(dataSet, tag);
  return element?.vr === 'SQ' ? element.value : [];
}

/** The bytes of a binary element; undefined when absent, encapsulated or of another kind. */
export function bytesOf(dataSet: DataSet, tag: string): Uint8Array | undefined {
  const value = elementOf(dataSet, tag)?.value;
  return value instanceof Uint8Array ? value : undefined;
}

/** The characters DS and IS allow, read strictly: '1A' is not 1. */
function decimal(text: string): number {
  const trimmed = text.trim();
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(trimmed) || /^(NaN|-?Infinity)$/.test(trimmed)
    ? Number(trimmed)
    : Number.NaN;
}

/** A tag as the standard writes it: (0028,0010). */
export function formatTag(tag: string): string {
  return `(${tag.slice(0, 4)},${tag.slice(4)})`.toUpperCase();
}

/** Where pixels may lie: DICOM's own places, and those of DICOS V02A for wider samples (7FE0,0011 to 0013). */
export const pixelTags: Readonly<Record<string, 'by-representation' | 'float'>> = {
  '7fe00010': 'by-representation',
  '7fe00011': 'by-representation',
  '7fe00012': 'by-representation',
  '7fe00008': 'float',
  '7fe00009': 'float',
  '7fe00013': 'float',
};

export function isPixelTag(tag: string): boolean {
  return Object.hasOwn(pixelTags, tag);
}
