import type { DataSet } from '../../codec/dicom/data-set.ts';
import { type NiiRecord, ownRecordOf } from '../../codec/dicom/nii-block.ts';
import type { DicomPixels } from '../../codec/dicom/pixels/pixels.ts';
import { toChannelPlane } from '../../codec/dicom/pixels/plane.ts';
import { NiiError } from '../../core/errors.ts';
import { bandInSection, type CabBand } from '../../core/scan/cab.ts';
import { planeInMemory } from '../../core/scan/plane-source.ts';
import { type Channel, planeBytes } from '../../core/scan/scan.ts';
import { channelOfSection } from '../../core/scan/sections.ts';
import { noTurn, turnedSides, turnOf } from '../../core/scan/turn.ts';
import type { PictureMask } from '../cab-mask.ts';
import type { Picture } from '../orient.ts';
import { renderChannel } from '../preview.ts';

/**
 * A frame of one of our own files, in all its pixels, as the preview of its channel shows it. Undefined for files of
 * others, for colour, and where the record in the file does not fit its pixels.
 */
export function ownPicture(dataSet: DataSet, pixels: DicomPixels, frame: number): Picture | undefined {
  const record = ownRecordOf(dataSet);
  if (record === undefined) return undefined;
  const channel = writtenChannel(record);
  if (channel.samplesPerPixel !== 1 || !holds(pixels, channel, record)) return undefined;
  const plane = toChannelPlane(channel, pixels, record.written);
  const one = { ...channel, frames: 1 };
  const bytes = planeBytes(one);
  const samples = plane.subarray(frame * bytes, (frame + 1) * bytes);
  return renderChannel(record.view, { ...one, bytes }, planeInMemory(samples), Number.POSITIVE_INFINITY);
}

function writtenChannel({ channel, section }: NiiRecord): Channel {
  return section === undefined ? channel : channelOfSection(channel, section);
}

/**
 * What is painted over in the picture of a file that stands upright.
 * @throws NII_CAB_MASKED for files of others, and where the record in the file does not fit its pixels: nobody knows
 *   what they show where
 */
export function ownMask(dataSet: DataSet, pixels: DicomPixels, bands: readonly CabBand[]): PictureMask {
  const record = ownRecordOf(dataSet);
  if (record === undefined || !hasSides(pixels, writtenChannel(record), record))
    throw new NiiError(
      'NII_CAB_MASKED',
      'The position of the cab in this instance is unknown: request an instance that this service wrote, or the preview',
    );
  const { view, channel, section } = record;
  const own = bands.filter((band) => band.view === view.id);
  return {
    bands: section === undefined ? own : own.flatMap((band) => bandInSection(band, channel, section) ?? []),
    display: turnOf(view, channel) ?? noTurn,
  };
}

/** The record is a claim: its sides, frames and bits are those of the pixels. Single bits of frames may share bytes. */
function holds(pixels: DicomPixels, channel: Channel, record: NiiRecord): boolean {
  return (
    hasSides(pixels, channel, record) &&
    pixels.frames === channel.frames &&
    pixels.bitsAllocated === channel.bitsAllocated &&
    (channel.bitsAllocated > 1 || channel.frames === 1) &&
    pixels.bytes.length === planeBytes(channel)
  );
}

function hasSides(pixels: DicomPixels, channel: Channel, { written }: Pick<NiiRecord, 'written'>): boolean {
  const { rows, columns } = turnedSides(channel, written?.turn ?? noTurn);
  return pixels.rows === rows && pixels.columns === columns;
}
