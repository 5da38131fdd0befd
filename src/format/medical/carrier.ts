import { NiiError } from '../../core/errors.ts';
import type { Channel } from '../../core/scan/scan.ts';
import { intensityRelationship } from '../dicos/dx-image.ts';

/** Storage classes of DICOM that a channel can go out in (PS3.4 B.5). */
const root = '1.2.840.10008.5.1.4.1.1';
const medicalClass = {
  dxForPresentation: `${root}.1.1`,
  dxForProcessing: `${root}.1.1.1`,
  secondaryCapture: `${root}.7`,
  multiFrameBit: `${root}.7.1`,
  multiFrameByte: `${root}.7.2`,
  multiFrameWord: `${root}.7.3`,
  multiFrameColour: `${root}.7.4`,
} as const;

export interface Carrier {
  readonly kind: 'dx' | 'single' | 'multi-frame';
  readonly sopClass: string;
  /** The channel as the class counts its bits: the same samples. */
  readonly channel: Channel;
}

/**
 * What a channel goes out as: Digital X-Ray where that can hold it (PS3.3 C.8.11.3: one unsigned grey frame of 8 or 16
 * bits that was measured, not classified), else Secondary Capture.
 * @throws NII_UNSUPPORTED_VARIANT for float samples, more than 16 bits, and mixtures that DICOM has no colours for
 */
export function carrierOf(channel: Channel, intent: 'processing' | 'presentation'): Carrier {
  requireHoldable(channel);
  if (isDx(channel)) {
    const sopClass =
      intent === 'presentation' ? medicalClass.dxForPresentation : medicalClass.dxForProcessing;
    return { kind: 'dx', sopClass, channel: widened(channel, 6) };
  }
  if (channel.bitsAllocated === 1) return multiFrame(medicalClass.multiFrameBit, channel);
  if (channel.frames === 1) return { kind: 'single', sopClass: medicalClass.secondaryCapture, channel };
  if (channel.samplesPerPixel > 1) return multiFrame(medicalClass.multiFrameColour, channel);
  if (channel.bitsAllocated === 8)
    return multiFrame(medicalClass.multiFrameByte, { ...channel, bitsStored: 8 });
  return multiFrame(medicalClass.multiFrameWord, widened(channel, 9));
}

function multiFrame(sopClass: string, channel: Channel): Carrier {
  return { kind: 'multi-frame', sopClass, channel };
}

/** With at least so many bits stored as the class counts; the samples do not change. */
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
  const isColour = samplesPerPixel === 3 && bitsAllocated === 8;
  const isGrey = samplesPerPixel === 1 && bitsAllocated <= 16;
  const isCounted = sampleFormat === 'unsigned' || (sampleFormat === 'signed' && frames === 1 && isGrey);
  if ((isColour || isGrey) && isCounted) return;
  const what = `${samplesPerPixel} ${sampleFormat} samples of ${bitsAllocated} bits in ${frames} frames`;
  const detail = `medical DICOM cannot hold channel ${channel.id} of ${what}; ask for dicos, npy or raw`;
  throw new NiiError('NII_UNSUPPORTED_VARIANT', { detail, field: channel.id });
}
