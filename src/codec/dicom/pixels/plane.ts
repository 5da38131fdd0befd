import type { Channel } from '../../../core/scan/scan.ts';
import { inverseOf, turnedSides } from '../../../core/scan/turn.ts';
import { byPixel, byPlane, withOtherSign } from '../../pixels/frame.ts';
import { turnedSamples } from '../../pixels/turned.ts';
import type { Written } from '../nii-block.ts';
import type { DicomPixels } from './pixels.ts';

/**
 * The plane of a channel as the record describes it, from the DICOM file that was written of it: `written` says what was
 * done to it then.
 */
export function toChannelPlane(channel: Channel, pixels: DicomPixels, written: Written = {}): Uint8Array {
  const { turn, offset, components } = written;
  const joined =
    components === undefined ? separated(channel, pixels.bytes) : joinedAgain(channel, pixels.bytes);
  const samples = offset === undefined ? joined : withOtherSign(joined, channel.bitsAllocated / 8);
  return turn === undefined
    ? samples
    : turnedSamples(samples, { ...channel, ...turnedSides(channel, turn) }, inverseOf(turn));
}

/** Samples by plane where the record has them so. */
function separated(channel: Channel, bytes: Uint8Array): Uint8Array {
  return channel.planar && channel.samplesPerPixel > 1 ? frameByFrame(channel, bytes, byPlane) : bytes;
}

/** The components of a pixel, each of which is a frame of its own in the file. */
function joinedAgain(channel: Channel, bytes: Uint8Array): Uint8Array {
  return channel.planar ? bytes : frameByFrame(channel, bytes, byPixel);
}

function frameByFrame(
  { frames, samplesPerPixel, bitsAllocated }: Channel,
  bytes: Uint8Array,
  change: typeof byPlane,
): Uint8Array {
  const size = bytes.length / frames;
  const changed = Array.from({ length: frames }, (_, i) =>
    change(bytes.subarray(i * size, (i + 1) * size), samplesPerPixel, bitsAllocated / 8),
  );
  return changed.length === 1 && changed[0] !== undefined
    ? changed[0]
    : new Uint8Array(Buffer.concat(changed));
}
