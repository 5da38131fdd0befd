import { byPixel } from '../../../../src/codec/pixels/frame.ts';
import { turnedSamples } from '../../../../src/codec/pixels/turned.ts';
import type { Channel } from '../../../../src/core/scan/scan.ts';
import { noTurn, turnOf } from '../../../../src/core/scan/turn.ts';
import type { WrittenChannel } from './written.ts';

/** In which form samples are written that DX forbids, written apart from the encoder. */

/** Colour of 8 bits is a Secondary Capture, also among DICOS files. */
export const isPicture = ({ samplesPerPixel, bitsAllocated, sampleFormat, photometric }: Channel) =>
  bitsAllocated === 8 &&
  sampleFormat === 'unsigned' &&
  (samplesPerPixel === 3 || (samplesPerPixel === 2 && photometric === 'YBR_FULL_422'));

/** What is added to signed samples. */
export const offsetOf = ({ sampleFormat, bitsAllocated }: Channel) =>
  sampleFormat === 'signed' ? 2 ** (bitsAllocated - 1) : 0;

/** How many frames one frame becomes: other colour is a grey frame for each component. */
export const framesOfOne = (channel: Channel) => (isPicture(channel) ? 1 : channel.samplesPerPixel);

export const isPalette = ({ kind, legend = [], bitsAllocated, sampleFormat }: Channel) =>
  kind === 'class-map' && legend.length > 0 && bitsAllocated <= 16 && sampleFormat === 'unsigned';

/** Samples as DICOM files hold them: upright, unsigned, by pixel, or by frame where colour is no picture. */
export function asWritten({ view, channel, plane: stored }: WrittenChannel): Uint8Array {
  const plane = shifted(channel, turnedSamples(stored, channel, turnOf(view, channel) ?? noTurn));
  const bytes = channel.bitsAllocated / 8;
  const { samplesPerPixel } = channel;
  if (samplesPerPixel === 1 || channel.planar !== isPicture(channel)) return plane;
  const size = plane.length / channel.frames;
  const frames = Array.from({ length: channel.frames }, (_, i) => {
    const frame = plane.subarray(i * size, (i + 1) * size);
    return isPicture(channel) ? byPixel(frame, samplesPerPixel, bytes) : apart(frame, samplesPerPixel, bytes);
  });
  return Buffer.concat(frames);
}

/** Signed samples with half their range added. */
export function shifted(channel: Channel, plane: Uint8Array): Uint8Array {
  if (offsetOf(channel) === 0) return plane;
  const bytes = channel.bitsAllocated / 8;
  return plane.map((byte, i) => (i % bytes === bytes - 1 ? (byte + 128) % 256 : byte));
}

/** Samples by plane: what `byPixel` makes of a frame with the numbers of pixels and components exchanged. */
function apart(frame: Uint8Array, samplesPerPixel: number, bytes: number): Uint8Array {
  return byPixel(frame, frame.length / (samplesPerPixel * bytes), bytes);
}
