import { type Evidence, rise } from './evidence.ts';

export type Rgb = readonly [red: number, green: number, blue: number];

/** The convention of the trade: organic orange, mixed and light metal green, metal blue. Shares of 1. */
export const ORGANIC: Rgb = [0.93, 0.52, 0.06];
export const MIXED: Rgb = [0.2, 0.62, 0.24];
export const METAL: Rgb = [0.16, 0.36, 0.84];

/** Metal shares between which one colour becomes the next. Short ramps: a step would turn a rounding into a colour. */
export const ORGANIC_TO_MIXED: readonly [number, number] = [0.18, 0.26];
export const MIXED_TO_METAL: readonly [number, number] = [0.66, 0.74];

/** The colour of a material at a brightness: black at 0, the pure colour in the middle, white at 1. */
export function materialColour(
  { metalShare, certainty }: Evidence,
  brightness: number,
  only: 'all' | 'organic' | 'metal',
): Rgb {
  const mixed = rise(ORGANIC_TO_MIXED, metalShare);
  const metal = rise(MIXED_TO_METAL, metalShare);
  const member = only === 'organic' ? 1 - mixed : only === 'metal' ? metal : 1;
  const chroma = certainty * member;
  const colour = (i: 0 | 1 | 2) => {
    const pure = ORGANIC[i] + (MIXED[i] - ORGANIC[i]) * mixed + (METAL[i] - MIXED[i]) * metal;
    const shaded = brightness < 0.5 ? 2 * brightness * pure : pure + (1 - pure) * (2 * brightness - 1);
    return brightness + (shaded - brightness) * chroma;
  };
  return [colour(0), colour(1), colour(2)];
}
