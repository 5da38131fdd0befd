import type { Channel } from '../../../core/scan/scan.ts';
import { inverseOf, turnedSides } from '../../../core/scan/turn.ts';
import { turnedSamples } from '../../pixels/turned.ts';
import type { Written } from '../nii-block.ts';
import type { DicomPixels } from './pixels.ts';

/** Samples by pixel as samples by plane, the inverse of what reading does to planar files. */
function byPlane(samples: Uint8Array, samplesPerPixel: number, sampleBytes: number): Uint8Array {
  const pixels = samples.length / (samplesPerPixel * sampleBytes);
  const out = new Uint8Array(samples.length);
  for (let sample = 0; sample < samplesPerPixel; sample += 1) {
    for (let pixel = 0; pixel < pixels; pixel += 1) {
      const from = (pixel * samplesPerPixel + sample) * sampleBytes;
      const to = (sample * pixels + pixel) * sampleBytes;
      for (let byte = 0; byte < sampleBytes; byte += 1) out[to + byte] = samples[from + byte] ?? 0;
    }
  }
  return out;
}

/**
 * The plane of a channel as the record describes it, from the DX file that was written of it: `written` says what was
 * done to it then.
 */
export function toChannelPlane(channel: Channel, pixels: DicomPixels, written?: Written): Uint8Array {
  const samples = separated(channel, pixels);
  const turn = written?.turn;
  return turn === undefined
    ? samples
    : turnedSamples(samples, { ...channel, ...turnedSides(channel, turn) }, inverseOf(turn));
}

/** Samples by plane where the record has them so. */
function separated(channel: Channel, pixels: DicomPixels): Uint8Array {
  if (!channel.planar || channel.samplesPerPixel === 1) return pixels.bytes;
  const size = pixels.bytes.length / channel.frames;
  const frames = Array.from({ length: channel.frames }, (_, i) =>
    byPlane(
      pixels.bytes.subarray(i * size, (i + 1) * size),
      channel.samplesPerPixel,
      channel.bitsAllocated / 8,
    ),
  );
  return frames.length === 1 && frames[0] !== undefined ? frames[0] : new Uint8Array(Buffer.concat(frames));
}
