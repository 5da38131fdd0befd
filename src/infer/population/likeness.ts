import type { ImageFacts } from './absorption.ts';

/** Lowest and highest value of each fact in the reference population. */
export type PopulationRanges = Readonly<Partial<Record<keyof ImageFacts, readonly [number, number]>>>;

const words = {
  openShare: 'the share of open beam',
  openNoise: 'the noise in open beam',
  darkShare: 'the share that nothing passes',
  absorption: 'the mean absorption',
  energyRatio: 'the ratio of the energies',
} as const satisfies Readonly<Record<keyof ImageFacts, string>>;

/** Why an image is not like the reference population, in words; undefined where it is. */
export function whyUnlike(facts: ImageFacts, ranges: PopulationRanges): string | undefined {
  for (const [name, word] of Object.entries(words)) {
    const value = facts[name as keyof ImageFacts]; // the keys of `words` are those of the facts
    const range = ranges[name as keyof ImageFacts];
    if (value === undefined || range === undefined) continue;
    const [low, high] = range;
    if (value < low || value > high)
      return `It is unlike the scans that the model was compared with: ${word} is ${shown(value)}, theirs ${shown(low)} to ${shown(high)}`;
  }
  return undefined;
}

function shown(value: number): string {
  return String(Number(value.toPrecision(3)));
}
