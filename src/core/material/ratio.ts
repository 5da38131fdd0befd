/** Sums over samples of both energies, from which the ratio of their attenuations is found. */
export interface Sums {
  samples: number;
  weight: number;
  high: number;
  highHigh: number;
  highLow: number;
  lowLow: number;
}

export const noSums = (): Sums => ({ samples: 0, weight: 0, high: 0, highHigh: 0, highLow: 0, lowLow: 0 });

/** What one sample counts at open beam. */
export interface Counts {
  readonly high: number;
  readonly low: number;
}

/** Adds one sample. It weighs as much as its counting noise lets it; one that counted nothing says nothing. */
export function addSample(sums: Sums, passedHigh: number, passedLow: number, counts: Counts): void {
  if (passedHigh === 0 || passedLow === 0) return;
  const ofHigh = -Math.log(passedHigh);
  const ofLow = -Math.log(passedLow);
  const weight = 1 / (1 / (counts.high * passedHigh) + 1 / (counts.low * passedLow));
  sums.samples += 1;
  sums.weight += weight;
  sums.high += weight * ofHigh;
  sums.highHigh += weight * ofHigh * ofHigh;
  sums.highLow += weight * ofHigh * ofLow;
  sums.lowLow += weight * ofLow * ofLow;
}

export interface Ratio {
  /** At high energy. */
  readonly attenuation: number;
  /** Of low over high attenuation: the slope through zero, by least squares. */
  readonly value: number;
  /** Standard deviation of the value: of counting, or by how far the samples lie from the slope where that is more. */
  readonly noise: number;
  /** How much farther they lie from it than counting explains, as a ratio of variances: 1 in even places, more at edges. */
  readonly scatter: number;
}

/** Undefined without two samples of any attenuation. */
export function ratioOf({ samples, weight, high, highHigh, highLow, lowLow }: Sums): Ratio | undefined {
  if (samples < 2 || highHigh <= 0) return undefined;
  const value = highLow / highHigh;
  const scatter = Math.max(1, (lowLow - value * highLow) / (samples - 1));
  return { attenuation: high / weight, value, noise: Math.sqrt(scatter / highHigh), scatter };
}
