import type { DataSet } from '../../codec/dicom/data-set.ts';
import { type NiiRecord, ownRecordOf } from '../../codec/dicom/nii-block.ts';
import type { DicomPixels } from '../../codec/dicom/pixels/pixels.ts';
import { toChannelPlane } from '../../codec/dicom/pixels/plane.ts';
import { planeInMemory } from '../../core/scan/plane-source.ts';
import { type Channel, planeBytes } from '../../core/scan/scan.ts';
import { channelOfSection } from '../../core/scan/sections.ts';
import { noTurn, turnedSides } from '../../core/scan/turn.ts';
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

/** The record is a claim: its sides, frames and bits are those of the pixels. Single bits of frames may share bytes. */
function holds(pixels: DicomPixels, channel: Channel, { written }: NiiRecord): boolean {
  const sides = turnedSides(channel, written?.turn ?? noTurn);
  return (
    pixels.rows === sides.rows &&
    pixels.columns === sides.columns &&
    pixels.frames === channel.frames &&
    pixels.bitsAllocated === channel.bitsAllocated &&
    (channel.bitsAllocated > 1 || channel.frames === 1) &&
    pixels.bytes.length === planeBytes(channel)
  );
}
