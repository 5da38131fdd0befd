import { channelKinds } from '../core/scan/channel-kinds.ts';
import type { Channel } from '../core/scan/scan.ts';
import { type Means, quantile } from './downscale.ts';

/** From mean values to greys, 0 to 255; what was not measured is black. */
export type ToneCurve = (means: Float64Array) => Uint8Array;

/** At this share of the open beam the greys of dense cargo begin. */
const dense = 0.01;
/** So many of all greys are for dense cargo, where there is a decade of it or more. */
const denseGreys = 1 / 3;
/** Less than this share of the open beam is black in every picture. */
const leastTransmission = 1e-5;
/** Of the samples that let something through, the share that may be black. */
const blackShare = 0.005;
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
 * The values between which a picture has greys. Transmission where a high value is transparent: on a logarithm up to the
 * open beam, from the least that the scan has (`lowestTransmission`); without a stated open beam the 99.5 % quantile
 * stands for it. Everything else: linear from the 0.5 % to the 99.5 % quantile.
 */
export function toneRange(channel: Channel, means: Means): ToneRange {
  const openBeam = channel.openBeam ?? quantile(means, highShare);
  const isTransparent = channelKinds[channel.kind].isProjection && channel.polarity === 'high-is-transparent';
  if (isTransparent && openBeam > 0)
    return { curve: 'logarithmic', low: openBeam * lowestTransmission(means, openBeam), high: openBeam };
  return { curve: 'linear', low: quantile(means, lowShare), high: quantile(means, highShare) };
}

/** Bins between `leastTransmission` and `dense`, each 0.7 % wider than the one before. */
const bins = 1024;

/**
 * The transmission that all but `blackShare` of the means have that are not opaque; between `leastTransmission` and
 * `dense`. Counted in bins: millions of means are not sorted for one number.
 */
function lowestTransmission({ values }: Means, openBeam: number): number {
  const counts = new Uint32Array(bins);
  const width = Math.log(dense / leastTransmission) / bins;
  let measured = 0;
  for (let i = 0; i < values.length; i += 1) {
    const transmission = (values[i] ?? Number.NaN) / openBeam;
    if (!(transmission > 0)) continue;
    measured += 1;
    if (transmission >= dense) continue;
    const bin = Math.max(0, Math.floor(Math.log(transmission / leastTransmission) / width));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  let below = 0;
  const lowest = counts.findIndex((count) => {
    below += count;
    return below > blackShare * measured;
  });
  return lowest === -1 ? dense : leastTransmission * Math.exp(lowest * width);
}

/**
 * Where a value lies in the range after the curve: 0 at its low end, 1 at its high end. The logarithm has two parts, for
 * 1 % of the open beam and more, and for the dense cargo below. docs/decisions/0032-server-pictures.md.
 */
export function toneShare({ curve, low, high }: ToneRange): (value: number) => number {
  if (curve === 'linear') {
    const width = high > low ? high - low : 1;
    return (value) => Math.min(1, Math.max(0, (value - low) / width));
  }
  const least = low / high;
  const [logOfDense, logToDense] = [Math.log(dense), Math.log(dense / least)];
  const greys = least >= dense ? 0 : denseGreys * Math.min(1, Math.log10(dense / least));
  return (value) => {
    const transmission = Math.min(1, Math.max(least, value / high));
    if (transmission >= dense || least >= dense)
      return greys + (1 - greys) * (1 - Math.log(Math.max(transmission, dense)) / logOfDense) ** gamma;
    return greys * (Math.log(transmission / least) / logToDense);
  };
}

/**
 * A colour means what it is: the range of the stored bits becomes 0 to 255, the same for red, green and blue. Samples
 * that may be negative or of any size are toned.
 */
export function colourCurve(channel: Channel, means: Means): ToneCurve {
  return channel.sampleFormat === 'unsigned' ? eachBy(storedRange(channel)) : toneCurve(channel, means);
}

/** The range of the stored bits becomes 0 to 255. */
function storedRange({ bitsStored }: Channel): (value: number) => number {
  const most = 2 ** bitsStored - 1;
  return (value) => Math.round((255 * Math.min(value, most)) / most);
}

/**
 * The tone curve of a preview, by `toneRange`: logarithmic, or linear and turned round where high is opaque. What somebody
 * else has drawn in 8 bits stays unchanged.
 */
export function toneCurve(channel: Channel, means: Means): ToneCurve {
  if (isDrawn(channel)) {
    const asDrawn = storedRange(channel);
    return eachBy(channel.polarity === 'high-is-opaque' ? (value) => 255 - asDrawn(value) : asDrawn);
  }
  const range = toneRange(channel, means);
  const share = toneShare(range);
  const isTurned = channel.polarity === 'high-is-opaque' && range.curve === 'linear';
  const grey = isTurned
    ? (value: number) => 255 - Math.round(255 * share(value))
    : (value: number) => Math.round(255 * share(value));
  return means.values.length < parts ? eachBy(grey) : greysOf(range, grey);
}

function eachBy(grey: (value: number) => number): ToneCurve {
  return (means) => {
    const greys = new Uint8Array(means.length);
    for (let i = 0; i < means.length; i += 1) {
      const value = means[i] ?? Number.NaN;
      if (!Number.isNaN(value)) greys[i] = grey(value);
    }
    return greys;
  };
}

/** Parts of the range whose greys are looked up, for pictures of more pixels. */
const parts = 32_768;

/**
 * The grey of each value in the range. The curve never turns back, so a part that has one grey at both of its ends has it
 * everywhere; in the others each value takes its logarithm.
 */
function greysOf({ low, high }: ToneRange, grey: (value: number) => number): ToneCurve {
  const perValue = parts / (high - low);
  if (!(perValue > 0 && Number.isFinite(perValue))) return eachBy(grey);
  const ends = new Uint8Array(parts + 1);
  for (let part = 0; part <= parts; part += 1) ends[part] = grey(low + part / perValue);
  // a value at the very end of a part may be told as of the next one: its neighbours have that grey too
  const known = new Int16Array(parts).fill(-1);
  for (let part = 0; part < parts; part += 1) {
    const before = ends[Math.max(0, part - 1)] ?? -1;
    if (before === ends[Math.min(parts, part + 2)]) known[part] = before;
  }
  return (means) => {
    const greys = new Uint8Array(means.length);
    for (let i = 0; i < means.length; i += 1) {
      const value = means[i] ?? Number.NaN;
      if (Number.isNaN(value)) continue;
      const looked = known[Math.floor((value - low) * perValue)] ?? -1;
      greys[i] = looked < 0 ? grey(value) : looked;
    }
    return greys;
  };
}

function isDrawn({ kind, sampleFormat, bitsAllocated }: Channel): boolean {
  return channelKinds[kind].isRendered && sampleFormat === 'unsigned' && bitsAllocated === 8;
}
