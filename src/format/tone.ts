import { channelKinds } from '../core/scan/channel-kinds.ts';
import type { Channel } from '../core/scan/scan.ts';
import { type Means, quantile } from './downscale.ts';

/** From a mean value to grey, 0 to 255; nothing that was not measured gets past it. */
export type ToneCurve = (value: number) => number;

/** Transmission below this share of the open beam is black. */
const darkest = 0.01;
/** Applied to the logarithm; above 1 it gives dense cargo more of the range. */
const gamma = 1.2;
/** Shares of the valid means that the linear curve cuts off. */
const lowShare = 0.005;
const highShare = 0.995;

/** What a tone curve makes of the range between two sample values: black and white where high is transparent. */
export interface ToneRange {
  readonly curve: 'logarithmic' | 'linear';
  readonly low: number;
  readonly high: number;
}

/**
 * The values between which a picture has greys. Transmission where a high value is transparent: from 1 % of the open
 * beam to the open beam, on a logarithm; without a stated open beam the 99.5 % quantile stands for it. Everything
 * else: linear from the 0.5 % to the 99.5 % quantile.
 */
export function toneRange(channel: Channel, means: Means): ToneRange {
  const openBeam = channel.openBeam ?? quantile(means, highShare);
  const isTransparent = channelKinds[channel.kind].isProjection && channel.polarity === 'high-is-transparent';
  if (isTransparent && openBeam > 0) return { curve: 'logarithmic', low: darkest * openBeam, high: openBeam };
  return { curve: 'linear', low: quantile(means, lowShare), high: quantile(means, highShare) };
}

/** Where a value lies in the range after the curve: 0 at its low end, 1 at its high end. */
export function toneShare({ curve, low, high }: ToneRange, value: number): number {
  if (curve === 'linear') return Math.min(1, Math.max(0, (value - low) / (high > low ? high - low : 1)));
  const transmission = Math.min(1, Math.max(darkest, value / high));
  return (1 - Math.log(transmission) / Math.log(darkest)) ** gamma;
}

/**
 * A colour means what it is: the range of the stored bits becomes 0 to 255, the same for red, green and blue. Samples
 * that may be negative or of any size are toned.
 */
export function colourCurve(channel: Channel, means: Means): ToneCurve {
  if (channel.sampleFormat !== 'unsigned') return toneCurve(channel, means);
  const most = 2 ** channel.bitsStored - 1;
  return (value) => Math.round((255 * Math.min(value, most)) / most);
}

/**
 * The tone curve of a preview, by `toneRange`: the logarithm to the power 1.2, or linear, turned round where high is
 * opaque.
 */
export function toneCurve(channel: Channel, means: Means): ToneCurve {
  const range = toneRange(channel, means);
  const grey = (value: number) => Math.round(255 * toneShare(range, value));
  return channel.polarity === 'high-is-opaque' && range.curve === 'linear'
    ? (value) => 255 - grey(value)
    : grey;
}
