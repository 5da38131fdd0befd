import type { DicomJson, DicomJsonElement } from '../../core/dicom-json.ts';
import {
  type DataSet,
  type DicomElement,
  isEncapsulated,
  isNumberElement,
  isTextElement,
} from './data-set.ts';

export interface JsonOptions {
  /** Of the file: binary values are turned round, since JSON has them little-endian (PS3.18 F.2.7). */
  readonly bigEndian?: boolean;
  /** Address of a binary value of the top level; without one it goes inline. */
  readonly bulkUri?: (tag: string, bytes: number) => string | undefined;
}

/** A data set in the DICOM JSON model (PS3.18 annex F), without file meta information and group lengths. */
export function toDicomJson(dataSet: DataSet, options: JsonOptions = {}): DicomJson {
  const { bulkUri, ...inner } = options;
  return jsonOf(dataSet, inner, bulkUri);
}

function jsonOf(
  dataSet: DataSet,
  options: JsonOptions,
  bulkUri?: JsonOptions['bulkUri'],
): Readonly<Record<string, DicomJsonElement>> {
  const shown = dataSet.filter(({ tag }) => !tag.startsWith('0002') && !tag.endsWith('0000'));
  return Object.fromEntries(
    shown.map((element) => [element.tag.toUpperCase(), jsonElement(element, options, bulkUri)]),
  );
}

function jsonElement(
  element: DicomElement,
  options: JsonOptions,
  bulkUri: JsonOptions['bulkUri'],
): DicomJsonElement {
  const { vr, tag, value } = element;
  // The text below is Unicode whatever it was in the file
  if (tag === '00080005') return { vr, Value: ['ISO_IR 192'] };
  if (element.vr === 'SQ')
    return withValues(
      vr,
      element.value.map((item) => jsonOf(item, options)),
    );
  if (isTextElement(element))
    return withValues(
      vr,
      element.value.map((text) => textValue(element.vr, text)),
    );
  if (isNumberElement(element))
    return withValues(
      vr,
      element.value.map((one) => numberValue(vr, one)),
    );
  if (isEncapsulated(value) || !(value instanceof Uint8Array)) return { vr };
  const uri = bulkUri?.(tag, value.byteLength);
  return uri === undefined ? inline(vr, value, options.bigEndian === true) : { vr, BulkDataURI: uri };
}

function withValues(vr: string, values: readonly unknown[]): DicomJsonElement {
  return values.length === 0 ? { vr } : { vr, Value: values };
}

/** An empty one among several values is null (PS3.18 F.2.5). */
function textValue(vr: string, text: string): unknown {
  if (vr === 'PN') return personName(text);
  if (text === '') return null;
  return vr === 'IS' || vr === 'DS' ? decimalOrText(text.trim()) : text;
}

/** A decimal that JSON can hold as a number; anything else as it stands (PS3.18 F.2.3 allows both). */
function decimalOrText(text: string): number | string {
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) ? Number(text) : text;
}

const nameParts = ['Alphabetic', 'Ideographic', 'Phonetic'] as const;

function personName(text: string): unknown {
  if (text === '') return null;
  const parts = text.split('=').slice(0, 3);
  return Object.fromEntries(
    parts.flatMap((part, i) => (part === '' ? [] : [[nameParts[i], part.trimEnd()]])),
  );
}

/** AT is a tag in hexadecimal; what is no number in JSON is its name. */
function numberValue(vr: string, value: number): number | string {
  if (vr === 'AT') return value.toString(16).toUpperCase().padStart(8, '0');
  return Number.isFinite(value) ? value : String(value);
}

function inline(vr: string, value: Uint8Array, bigEndian: boolean): DicomJsonElement {
  if (value.byteLength === 0) return { vr };
  return { vr, InlineBinary: Buffer.from(bigEndian ? turned(vr, value) : value).toString('base64') };
}

const wordBytes: Readonly<Record<string, 2 | 4 | 8>> = { OW: 2, OF: 4, OL: 4, OD: 8 };

/** Little-endian bytes of a binary value that a big-endian file holds. */
export function turned(vr: string, value: Uint8Array): Uint8Array {
  const size = wordBytes[vr];
  if (size === undefined || value.byteLength % size !== 0) return value;
  const copy = Buffer.from(value);
  if (size === 2) return copy.swap16();
  return size === 4 ? copy.swap32() : copy.swap64();
}
