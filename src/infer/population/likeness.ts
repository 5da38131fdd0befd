import type { ImageFacts } from './absorption.ts';

/** What is compared with the reference population. */
export interface PopulationFacts extends ImageFacts {
  /** Of the whole picture, from the size of its pixels: a bag is no container. */
  readonly heightM: number;
}

/** Lowest and highest value of each fact in the reference population. */
export type PopulationRanges = Readonly<Partial<Record<keyof PopulationFacts, readonly [number, number]>>>;

const words = {
  openShare: 'the share of open beam',
  openNoise: 'the noise in open beam',
  darkShare: 'the opaque share',
  absorption: 'the mean absorption',
  energyRatio: 'the ratio of the energies',
  heightM: 'the height of the picture in metres',
} as const satisfies Readonly<Record<keyof PopulationFacts, string>>;

/** Why an image is not like the reference population, in words; undefined where it is. */
export function whyUnlike(facts: PopulationFacts, ranges: PopulationRanges): string | undefined {
  for (const [name, word] of Object.entries(words)) {
    const value = facts[name as keyof PopulationFacts]; // the keys of `words` are those of the facts
    const range = ranges[name as keyof PopulationFacts];
    if (value === undefined || range === undefined) continue;
    const [low, high] = range;
    if (value < low || value > high)
      return `The scan differs from the model’s reference scans: ${word} is ${shown(value)}, but ${shown(low)} to ${shown(high)} in the reference`;
  }
  return undefined;
}

function shown(value: number): string {
  return String(Number(value.toPrecision(3)));
}
