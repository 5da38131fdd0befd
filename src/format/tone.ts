import type { Channel } from '../core/scan.ts';
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

/**
 * The tone curve of a preview. Transmission where a high value is transparent: the logarithm of value over open beam,
 * black at 1 % and white at the open beam, to the power 1.2; without a stated open beam the 99.5 % quantile stands
 * for it. Everything else: linear from the 0.5 % to the 99.5 % quantile, turned round where high is opaque.
 */
export function toneCurve(channel: Channel, means: Means): ToneCurve {
  const openBeam = channel.openBeam ?? quantile(means, highShare);
  const isTransparent = channel.kind === 'transmission' && channel.polarity === 'high-is-transparent';
  if (isTransparent && openBeam > 0) return logarithmic(openBeam);
  const linear = between(quantile(means, lowShare), quantile(means, highShare));
  return channel.polarity === 'high-is-opaque' ? (value) => 255 - linear(value) : linear;
}

function logarithmic(openBeam: number): ToneCurve {
  return (value) => {
    const transmission = Math.min(1, Math.max(darkest, value / openBeam));
    return Math.round(255 * (1 - Math.log(transmission) / Math.log(darkest)) ** gamma);
  };
}

function between(low: number, high: number): ToneCurve {
  const span = high > low ? high - low : 1;
  return (value) => Math.round(255 * Math.min(1, Math.max(0, (value - low) / span)));
}
