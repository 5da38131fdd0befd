import type { Channel } from '../../core/scan/scan.ts';
import type { Orientation } from './orientation.ts';

/** How brightness follows the share of the window, 0 to 1. */
export type Curve =
  | { readonly kind: 'linear' }
  | { readonly kind: 'square-root' }
  | { readonly kind: 'logarithmic' }
  /** Above 1 dense cargo is brighter, below 1 it is darker. */
  | { readonly kind: 'gamma'; readonly gamma: number };

export const colourMaps = ['grey', 'viridis-like', 'cividis-like', 'hot'] as const;
export type ColourMap = (typeof colourMaps)[number];

/** Momentary helps: the plain picture has none. */
export type Enhancement =
  | { readonly kind: 'none' }
  /** Adds what differs from the mean of 3 x 3 samples. */
  | { readonly kind: 'edge'; readonly amount: number }
  /** Adds what differs from a smooth mean of about 32 x 32 samples. */
  | { readonly kind: 'local-contrast'; readonly amount: number }
  /**
   * Shows one band of absorption with all greys, instead of window and curve. Position and width are shares of the
   * logarithm from full scale (0) to one count (1).
   */
  | { readonly kind: 'sweep'; readonly position: number; readonly width: number };

/** Samples between black and white. */
export interface Window {
  readonly low: number;
  readonly high: number;
}

export type Shown =
  | { readonly kind: 'channel'; readonly id: string }
  | { readonly kind: 'material'; readonly only: 'all' | 'organic' | 'metal' };

/** Where the reader looks. */
export interface Look extends Orientation {
  /** Canvas pixels for the shorter side of each stored sample. */
  readonly zoom: number;
  /** The point of the turned picture, in samples from its left and top, that lies in the middle of the canvas. */
  readonly pan: { readonly x: number; readonly y: number };
}

/** All that decides what is drawn of a picture; a change is a new value. */
export interface ViewSettings extends Look {
  readonly shown: Shown;
  readonly window: Window;
  readonly curve: Curve;
  readonly invert: boolean;
  readonly colourMap: ColourMap;
  readonly enhancement: Enhancement;
}

/** The settings that change tones and colours, and leave the place alone. */
export type Tones = Pick<ViewSettings, 'window' | 'curve' | 'invert' | 'colourMap' | 'enhancement'>;

type Facts = Pick<Channel, 'bitsStored' | 'openBeam' | 'polarity'>;

/** The value of the unobstructed beam where it is stated, else the highest that the bits can hold. */
export function fullScaleOf({ bitsStored, openBeam, polarity }: Facts): number {
  const highest = 2 ** bitsStored - 1;
  return openBeam !== undefined && openBeam > 0 && polarity === 'high-is-transparent' ? openBeam : highest;
}

/** The plain picture: grey and linear over the whole range, dense is dark, nothing added. One key goes back to it. */
export function plainTones(channel: Facts): Tones {
  return {
    window: { low: 0, high: fullScaleOf(channel) },
    curve: { kind: 'linear' },
    invert: channel.polarity === 'high-is-opaque',
    colourMap: 'grey',
    enhancement: { kind: 'none' },
  };
}

export const presets = ['plain', 'all-densities', 'dense', 'light'] as const;
export type Preset = (typeof presets)[number];

/** Named tones: for the whole range, for what lets through little, and for what lets through nearly all. */
export function presetTones(preset: Preset, channel: Facts): Tones {
  const plain = plainTones(channel);
  const full = fullScaleOf(channel);
  switch (preset) {
    case 'plain':
      return plain;
    case 'all-densities':
      return { ...plain, curve: { kind: 'logarithmic' } };
    case 'dense':
      return { ...plain, window: absorbing(channel, 0, full / 16), curve: { kind: 'square-root' } };
    case 'light':
      return { ...plain, window: absorbing(channel, full / 2, full) };
  }
}

/** The same share of the range, seen from the opaque end. */
function absorbing(channel: Facts, low: number, high: number): Window {
  if (channel.polarity !== 'high-is-opaque') return { low, high };
  const full = fullScaleOf(channel);
  return { low: full - high, high: full - low };
}
