import { decodeText } from '../character-set.ts';
import {
  type DataSet,
  type DicomElement,
  formatTag,
  isByteVr,
  isLocalText,
  isNumberVr,
  isSingleText,
  isTextVr,
  type NumberVr,
  numberVrBytes,
  type TextVr,
} from '../data-set.ts';
import { dicomError } from '../dicom-error.ts';
import type { RawElement, RawValue } from '../raw.ts';
import { Spent, VALUES_CEILING } from './ceilings.ts';

interface Inherited {
  readonly name: string;
  readonly spent: Spent;
  /** Value of Specific Character Set, inherited by items that have none of their own. */
  readonly characterSet: string | undefined;
}

/**
 * Elements with their values read.
 * @throws NII_MALFORMED, with the offset, where the bytes cannot be of the VR; NII_LIMIT_ELEMENTS
 */
export function toDataSet(elements: readonly RawElement[], name: string, spent = new Spent(name)): DataSet {
  return dataSetOf(elements, { name, spent, characterSet: undefined });
}

function dataSetOf(elements: readonly RawElement[], outer: Inherited): DataSet {
  const own = elements.find(({ tag }) => tag === '00080005');
  const inherited =
    own?.kind === 'value' ? { ...outer, characterSet: decodeText(own.bytes, undefined) } : outer;
  return elements.map((element) => toElement(element, inherited));
}

function toElement(raw: RawElement, inherited: Inherited): DicomElement {
  const { tag } = raw;
  switch (raw.kind) {
    case 'value':
      return toValue(raw, inherited);
    case 'fragments':
      return { tag, vr: isByteVr(raw.vr) ? raw.vr : 'OB', value: raw.value };
    case 'sequence':
      return { tag, vr: 'SQ', value: raw.items.map((item) => dataSetOf(item.elements, inherited)) };
  }
}

function toValue(
  { tag, vr, bytes, at, bigEndian }: RawValue,
  { name, spent, characterSet }: Inherited,
): DicomElement {
  if (isTextVr(vr)) {
    spent.values(isSingleText(vr) ? 1 : separatorsIn(bytes) + 1, formatTag(tag), at);
    return { tag, vr, value: texts(vr, bytes, characterSet) };
  }
  if (isByteVr(vr)) return { tag, vr, value: bytes };
  if (!isNumberVr(vr))
    throw dicomError('NII_MALFORMED', name, `${formatTag(tag)} has no value representation`, at);
  if (bytes.length % numberVrBytes[vr] !== 0) {
    throw dicomError('NII_MALFORMED', name, `${formatTag(tag)} ${vr} has ${bytes.length} bytes`, at);
  }
  spent.values(bytes.length / numberVrBytes[vr], formatTag(tag), at);
  return { tag, vr, value: numbers(vr, bytes, bigEndian) };
}

/** Counted no further than to one too many. In some character sets part of a letter looks like one. */
function separatorsIn(bytes: Uint8Array): number {
  let count = 0;
  let at = bytes.indexOf(SEPARATOR);
  while (at >= 0 && count <= VALUES_CEILING) {
    count += 1;
    at = bytes.indexOf(SEPARATOR, at + 1);
  }
  return count;
}

const SEPARATOR = 0x5c;

function texts(vr: TextVr, bytes: Uint8Array, characterSet: string | undefined): readonly string[] {
  const text = decodeText(bytes, isLocalText(vr) ? characterSet : undefined);
  if (text === '') return [];
  return isSingleText(vr) ? [text] : text.split('\\').map((value) => value.replace(/[ \0]+$/, ''));
}

function numbers(vr: NumberVr, bytes: Uint8Array, bigEndian: boolean): readonly number[] {
  const size = numberVrBytes[vr];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / size }, (_, i) => numberAt(view, i * size, vr, !bigEndian));
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
    case 'SV':
      return Number(view.getBigInt64(at, little));
    case 'UV':
      return Number(view.getBigUint64(at, little));
    case 'AT':
      return view.getUint16(at, little) * 0x10000 + view.getUint16(at + 2, little);
  }
}
