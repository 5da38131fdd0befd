import { NiiError } from '../../core/errors.ts';
import type { Channel } from '../../core/scan/scan.ts';
import { type Carried, carriedOf, isPicture } from '../dicos/carried.ts';
import { intensityRelationship } from '../dicos/dx-image.ts';
import { captureClass, type DxIntent, pictureClass } from '../dicos/ids.ts';

type Held = Pick<Carried, 'channel' | 'plane'>;

/** Storage classes of DICOM that a channel can go out in (PS3.4 B.5). */
const root = '1.2.840.10008.5.1.4.1.1';
const dxClass = {
  forPresentation: `${root}.1.1`,
  forProcessing: `${root}.1.1.1`,
} as const;

export interface Carrier {
  readonly kind: 'dx' | 'single' | 'multi-frame';
  readonly sopClass: string;
  /** The channel as the class counts its bits. */
  readonly channel: Channel;
  /** The samples of that channel. */
  readonly plane: Uint8Array;
  readonly changes: Carried['changes'];
}

/**
 * What a channel goes out as: Digital X-Ray where that can hold it (PS3.3 C.8.11.3: one unsigned grey frame of 8 or 16
 * bits that was measured, not classified), else Secondary Capture.
 * @throws NII_UNSUPPORTED_VARIANT for float samples, more than 16 bits, and mixtures that DICOM has no colours for
 */
export function carrierOf(held: Held, intent: DxIntent): Carrier {
  requireHoldable(held.channel);
  if (isDx(held.channel)) {
    const sopClass = intent === 'presentation' ? dxClass.forPresentation : dxClass.forProcessing;
    return { kind: 'dx', sopClass, ...held, channel: widened(held.channel, 6), changes: {} };
  }
  const carried = carriedOf(held);
  return { ...carried, ...captureOf(carried.channel) };
}

/** Which Secondary Capture holds a channel, and how that counts its bits. */
function captureOf(channel: Channel): Pick<Carrier, 'kind' | 'sopClass' | 'channel'> {
  if (channel.bitsAllocated === 1) return multiFrame(captureClass.multiFrameBit, channel);
  if (isPicture(channel)) {
    const sopClass = pictureClass(channel);
    return { kind: sopClass === captureClass.single ? 'single' : 'multi-frame', sopClass, channel };
  }
  if (channel.frames === 1) return { kind: 'single', sopClass: captureClass.single, channel };
  if (channel.bitsAllocated === 8) {
    return multiFrame(captureClass.multiFrameByte, { ...channel, bitsStored: 8 });
  }
  return multiFrame(captureClass.multiFrameWord, widened(channel, 9));
}

function multiFrame(sopClass: string, channel: Channel): Pick<Carrier, 'kind' | 'sopClass' | 'channel'> {
  return { kind: 'multi-frame', sopClass, channel };
}

/** With at least this many bits stored as the class counts; the samples do not change. */
function widened(channel: Channel, least: number): Channel {
  return channel.bitsStored >= least ? channel : { ...channel, bitsStored: channel.bitsAllocated };
}

/** Digital X-Ray must say how its values relate to the X-rays, so it holds only channels of which that is known. */
function isDx(channel: Channel): boolean {
  const { samplesPerPixel, frames, sampleFormat, bitsAllocated } = channel;
  const isPlain = samplesPerPixel === 1 && frames === 1 && sampleFormat === 'unsigned';
  return (
    intensityRelationship(channel) !== undefined && isPlain && (bitsAllocated === 8 || bitsAllocated === 16)
  );
}

function requireHoldable(channel: Channel): void {
  const { samplesPerPixel, frames, sampleFormat, bitsAllocated } = channel;
  const isGrey = samplesPerPixel === 1 && bitsAllocated <= 16 && sampleFormat !== 'float';
  if (isGrey || isPicture(channel)) return;
  const what = `${samplesPerPixel} ${sampleFormat} samples of ${bitsAllocated} bits in ${frames} frames`;
  const detail = `medical DICOM cannot hold channel ${channel.id} of ${what}; request dicos, npy or raw`;
  throw new NiiError('NII_UNSUPPORTED_VARIANT', { detail, field: channel.id });
}
