import Value from 'typebox/value';
import {
  bytesOf,
  type DataSet,
  isEncapsulated,
  itemsOf,
  numberOf,
  numbersOf,
  textOf,
  textsOf,
} from '../../codec/dicom/data-set.ts';
import type { DicomLimits } from '../../codec/dicom/dicom-error.ts';
import { jsonOrNothing, NiiRecord, niiRecordOf } from '../../codec/dicom/nii-block.ts';
import { toChannelPlane } from '../../codec/dicom/pixels/plane.ts';
import { type DicomFile, readDicom } from '../../codec/dicom/read/read.ts';
import { pixelsOf } from '../../core/reading-time.ts';
import { type Channel, type Json, planeBytes } from '../../core/scan/scan.ts';
import { channelOfSection, rowsOfSection, type Section } from '../../core/scan/sections.ts';
import { storedCorner } from '../../core/scan/turn.ts';
import type { ConverterFile, DicomTools } from '../../sdk/sdk.ts';

/** Longer lists of numbers (lookup tables) stay in the original. */
const VALUES_CEILING = 1024;
/** Longer bytes too, but palettes, without which the indices mean nothing (PS3.3 C.7.9). */
const BYTES_CEILING = 256;
const isPalette = /^0028(110[1-4]|12[02][1-4])$/;
const TEXT_CEILING = 4096;

/** @param onDecode - called with the number of pixels before they are decoded, and with 0 afterwards */
export function dicomTools(limits: DicomLimits, onDecode: (pixels: number) => void): DicomTools {
  return Object.freeze({
    read: (file: ConverterFile) => announced(readDicom(file.bytes, file.name, limits), onDecode),
    text: textOf,
    texts: textsOf,
    number: numberOf,
    short: shortOf,
    numbers: numbersOf,
    items: itemsOf,
    bytes: bytesOf,
    toJson: dataSetToJson,
    niiRecord: recordOf,
    channelPlane: toChannelPlane,
    sectionChannel,
    joinSections,
    storedCorner,
  });
}

function announced(file: DicomFile, onDecode: (pixels: number) => void): DicomFile {
  if (!file.isEncapsulated) return file;
  const pixels = async () => {
    onDecode(pixelsOf(file.geometry()));
    try {
      return await file.pixels();
    } finally {
      onDecode(0);
    }
  };
  return { ...file, pixels };
}

function sectionChannel(channel: Channel, section: Section): Channel | undefined {
  const { from, to, axis } = section;
  const isInside = from < to && to <= channel[axis];
  return isInside && channel.bitsAllocated > 1 ? channelOfSection(channel, section) : undefined;
}

function joinSections(
  channel: Omit<Channel, 'bytes' | 'sha256'>,
  parts: readonly { readonly section: Section; readonly samples: Uint8Array }[],
): Uint8Array | undefined {
  const sorted = parts.toSorted((a, b) => a.section.from - b.section.from);
  const borders = sorted.map(({ section }, i) => section.from === (sorted[i - 1]?.section.to ?? 0));
  const last = sorted.at(-1)?.section;
  const same = sorted.every(({ section }) => section.axis === last?.axis);
  if (last === undefined || !same || !borders.every(Boolean) || last.to !== channel[last.axis])
    return undefined;
  const bytes = planeBytes(channel);
  const whole = new Uint8Array(bytes);
  for (const { section, samples } of sorted) {
    for (const row of rowsOfSection(samples, { ...channel, bytes }, section)) whole.set(row.bytes, row.at);
  }
  return whole;
}

function shortOf(dataSet: DataSet, tag: string): number | undefined {
  const bytes = bytesOf(dataSet, tag);
  if (bytes?.byteLength !== 2) return numberOf(dataSet, tag);
  return (bytes[0] ?? 0) + 256 * (bytes[1] ?? 0); // implicit files are little-endian
}

function recordOf(dataSet: DataSet): NiiRecord | 'malformed' | undefined {
  const text = niiRecordOf(dataSet);
  if (text === undefined) return undefined;
  const value = jsonOrNothing(text);
  return Value.Check(NiiRecord, value) ? value : 'malformed';
}

/** Tags to values in the manner of the DICOM JSON model (PS3.18 F); long binary values only by their length. */
function dataSetToJson(dataSet: DataSet): { readonly [tag: string]: Json } {
  return Object.fromEntries(
    dataSet.map(({ tag, vr, value }) => [tag, { vr, ...valueJson(tag, value) }] satisfies [string, Json]),
  );
}

function valueJson(tag: string, value: DataSet[number]['value']): { readonly [key: string]: Json } {
  if (value instanceof Uint8Array) {
    const isKept = value.byteLength <= BYTES_CEILING || isPalette.test(tag);
    const bytes = { bytes: value.byteLength };
    return isKept && value.byteLength > 0
      ? { ...bytes, inline: Buffer.from(value).toString('base64') }
      : bytes;
  }
  if (isEncapsulated(value)) return { fragments: value.fragments.length };
  if (value.length > VALUES_CEILING && !isPalette.test(tag)) return { omitted: value.length };
  return { value: value.map(oneJson) };
}

function oneJson(value: string | number | DataSet): Json {
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  return typeof value === 'string' ? value.slice(0, TEXT_CEILING) : dataSetToJson(value);
}
