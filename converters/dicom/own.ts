import type { DicomFile, DicomPixels, NiiRecord } from '../../src/convert/sdk.ts';
import type { Image } from './images.ts';
import type { DicomSdk } from './tools.ts';

/** A channel that this service wrote: view and channel as its record had them, if the file still agrees with them. */
export function ownChannel(
  { dataSet, name }: DicomFile,
  pixels: DicomPixels,
  sdk: DicomSdk,
): Image | undefined {
  const record = sdk.dicom.niiRecord(dataSet);
  if (record === undefined) return undefined;
  if (record === 'malformed' || !agrees(record, pixels)) return unusable(name, sdk);
  const samples = sdk.dicom.channelPlane(record.channel, pixels);
  const { bytes: _, sha256, ...channel } = record.channel;
  if (sha256 !== undefined && sha256 !== sdk.sha256(samples)) return unusable(name, sdk);
  return { view: record.view, channel, samples, dataSet };
}

/** Somebody changed the file after it was written: it is read as one of others. */
function unusable(name: string, sdk: DicomSdk): undefined {
  const message = `${name}: the private block does not fit the file and is not used`;
  sdk.warn('NII_W_FIELD_MALFORMED', { field: '(0041,1001)', message });
}

function agrees({ channel }: NiiRecord, pixels: DicomPixels): boolean {
  return (
    channel.rows === pixels.rows &&
    channel.columns === pixels.columns &&
    channel.frames === pixels.frames &&
    channel.samplesPerPixel === pixels.samplesPerPixel &&
    channel.bitsAllocated === pixels.bitsAllocated &&
    channel.sampleFormat === pixels.sampleFormat &&
    channel.bytes === pixels.bytes.byteLength
  );
}
