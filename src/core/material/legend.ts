import type { Channel } from '../scan/scan.ts';
import type { Evidence } from './evidence.ts';

type Legend = NonNullable<Channel['legend']>;

const unknown: Evidence = { metalShare: 0, certainty: 0 };

/** Words of legends, the first that fits; `inorganic` and `light metal` hold words that come later. */
const words: readonly (readonly [RegExp, Evidence])[] = [
  [/inorganic|anorganic|mixed|light metal|alumin/i, { metalShare: 0.46, certainty: 1 }],
  [/organic/i, { metalShare: 0, certainty: 1 }],
  [/metal|steel|iron/i, { metalShare: 1, certainty: 1 }],
];

/** What the scanner's own class map says of each value; a label that names no material says nothing. */
export function legendEvidence(legend: Legend): readonly Evidence[] {
  const byValue = new Array<Evidence>(256).fill(unknown);
  for (const { from, to, label } of legend) {
    const evidence = words.find(([word]) => word.test(label))?.[1] ?? unknown;
    byValue.fill(evidence, from, Math.min(255, to) + 1);
  }
  return byValue;
}
