import type {
  Channel,
  ConvertedChannel,
  DicomFile,
  DicomPixels,
  NiiRecord,
  ScanFacts,
} from '../../src/sdk/sdk.ts';
import { containerNumbersIn } from './header.ts';
import type { Image, PartOf } from './image.ts';
import type { DicomSdk } from './tools.ts';

/** A channel that this service wrote: view and channel as its record had them, if the file still agrees with them. */
export function ownChannel(
  { dataSet, name }: DicomFile,
  pixels: DicomPixels,
  sdk: DicomSdk,
): Image | undefined {
  const record = sdk.dicom.niiRecord(dataSet);
  if (record === undefined) return undefined;
  if (record === 'malformed') return unusable(name, sdk);
  const { section } = record;
  const held = section === undefined ? record.channel : sdk.dicom.sectionChannel(record.channel, section);
  const { written } = record;
  if (held === undefined || !isConsistent(record.channel) || !agrees(asWritten(held, written), pixels))
    return unusable(name, sdk);
  const samples = sdk.dicom.channelPlane(held, pixels, written);
  const stated = section?.sha256 ?? held.sha256;
  if (stated !== undefined && stated !== sdk.sha256(samples)) return unusable(name, sdk);
  return {
    view: record.view,
    channel: undescribed(held),
    samples,
    dataSet,
    ...turnedOf(held, written),
    ...scanOf(record, dataSet, name, sdk),
    ...partOf(record),
  };
}

/** Says nothing of itself that no channel can be. */
function isConsistent({ bitsStored, bitsAllocated, notMeasured, rows, columns }: Channel): boolean {
  const isWithin = (lines: number) => (range: { readonly from: number; readonly to: number }) =>
    range.from < range.to && range.to <= lines;
  const { rows: ofRows = [], columns: ofColumns = [] } = notMeasured ?? {};
  return bitsStored <= bitsAllocated && ofRows.every(isWithin(rows)) && ofColumns.every(isWithin(columns));
}

/** As the file has it: a quarter turn exchanges the sides, an offset makes signed samples unsigned. */
function asWritten(channel: Channel, written: NiiRecord['written'] = {}): Channel | undefined {
  const { turn, offset, components = 1 } = written;
  if (offset !== undefined && !isOffsetOf(channel, offset)) return undefined;
  if (components > 1 && (components !== channel.samplesPerPixel || channel.bitsAllocated < 8))
    return undefined;
  if (turn !== undefined && channel.samplesPerPixel === 2) return undefined; // subsampled colour is never turned
  const isQuarter = (turn?.rotate ?? 0) % 180 !== 0;
  const { rows, columns, frames, samplesPerPixel } = channel;
  return {
    ...channel,
    rows: isQuarter ? columns : rows,
    columns: isQuarter ? rows : columns,
    frames: frames * components,
    samplesPerPixel: samplesPerPixel / components,
    ...(offset === undefined ? {} : { sampleFormat: 'unsigned' }),
  };
}

function isOffsetOf({ sampleFormat, bitsAllocated }: Channel, offset: number): boolean {
  return sampleFormat === 'signed' && bitsAllocated >= 8 && offset === 2 ** (bitsAllocated - 1);
}

function turnedOf(
  { rows, columns }: Channel,
  written: NiiRecord['written'],
): { readonly turned?: NonNullable<Image['turned']> } {
  return written?.turn === undefined ? {} : { turned: { turn: written.turn, rows, columns } };
}

/**
 * What is said of the whole scan, unless a tool gave the file another object of inspection, or took it out: the block
 * hides no container number of the header.
 */
function scanOf(
  { scan }: NiiRecord,
  dataSet: DicomFile['dataSet'],
  name: string,
  sdk: DicomSdk,
): { readonly scan?: ScanFacts } {
  if (scan === undefined) return {};
  const numbers = scan.units.flatMap(({ containers }) => containers.map(({ value }) => value));
  const [first] = numbers;
  const isSameObject = first === undefined || first === sdk.dicom.text(dataSet, '00100020');
  const hidesNone = containerNumbersIn(dataSet, sdk).every((number) => numbers.includes(number));
  const ids = scan.units.map(({ id }) => id);
  if (isSameObject && hidesNone && new Set(ids).size === ids.length) return { scan };
  const message = `${name}: the object of inspection is not that of the private block, which is not used for it`;
  sdk.warn('NII_W_FIELD_MALFORMED', { field: '(0041,1001)', message });
  return {};
}

function partOf({ channel, section }: NiiRecord): { readonly partOf?: PartOf } {
  if (section === undefined) return {};
  const { sha256: _, ...place } = section;
  return { partOf: { section: place, whole: undescribed(channel), wholeSha256: channel.sha256 } };
}

/** Bytes and hash are measured anew. */
function undescribed({ bytes: _, sha256: __, ...channel }: Channel): ConvertedChannel {
  return channel;
}

/** Somebody changed the file after it was written: it is read as one of others. */
function unusable(name: string, sdk: DicomSdk): undefined {
  const message = `${name}: the private block does not fit the file and is not used`;
  sdk.warn('NII_W_FIELD_MALFORMED', { field: '(0041,1001)', message });
}

function agrees(channel: Channel | undefined, pixels: DicomPixels): boolean {
  return (
    channel !== undefined &&
    channel.rows === pixels.rows &&
    channel.columns === pixels.columns &&
    channel.frames === pixels.frames &&
    channel.samplesPerPixel === pixels.samplesPerPixel &&
    channel.bitsAllocated === pixels.bitsAllocated &&
    channel.sampleFormat === pixels.sampleFormat &&
    channel.bytes === pixels.bytes.byteLength
  );
}
