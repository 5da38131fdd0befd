import type { Channel } from '../scan/scan.ts';
import { CALIBRATION_POINTS, CALIBRATION_STEP, type Calibration, type DualEnergy } from './calibration.ts';
import { addSample, type Counts, noSums, type Ratio, ratioOf, type Sums } from './ratio.ts';

/** What two energies say of one sample. */
export interface Evidence {
  /** Where the ratio lies between cellulose (0) and steel (1) of the same attenuation; lead is above 1. */
  readonly metalShare: number;
  /** 0: not certain; 1: certain. */
  readonly certainty: number;
}

export const REACH = 2;
/** Attenuation at high energy: below the first there is nothing; from the second on the ratio says something. */
export const NOTHING: readonly [number, number] = [0.05, 0.09];
/** Above the second hardly a photon arrives; certainty ends between them. */
export const OPAQUE: readonly [number, number] = [5.5, 6.5];
/** Noise of the ratio over a third of the distance from cellulose to steel; certainty ends between them. */
export const NOISY: readonly [number, number] = [0.8, 1.2];
/** Metal shares that are told apart, and the range in which evidence is stored. */
export const LEAST_METAL_SHARE = -1;
export const MOST_METAL_SHARE = 3;

const nothing: Evidence = { metalShare: 0, certainty: 0 };

/**
 * Samples of one level of both channels. One of them stands for 4 ** level stored samples; the level of other means need
 * not be whole.
 */
export interface BothEnergies {
  readonly rows: number;
  readonly columns: number;
  readonly high: ArrayLike<number>;
  readonly low: ArrayLike<number>;
  readonly level: number;
}

/** The evidence at one sample, by the ratio of the samples around it. */
export function evidenceAt(both: BothEnergies, dual: DualEnergy, row: number, column: number): Evidence {
  return evidenceOf(ratioAround(both, dual, row, column), dual);
}

/** The same of all samples, row by row: each sample is looked at once, not once for each of its neighbours. */
export function* evidenceByRow(both: BothEnergies, dual: DualEnergy): Generator<readonly Evidence[]> {
  const { rows, columns } = both;
  const counts = countsOf(both, dual);
  const near: Sums[][] = [];
  let read = 0;
  for (let row = 0; row < rows; row++) {
    for (; read <= Math.min(rows - 1, row + REACH); read++) near.push(sumsOfRow(both, dual, counts, read));
    if (row > REACH) near.shift();
    const down = Array.from({ length: columns }, (_, column) => added(near.map((one) => one[column])));
    yield down.map((_, column) => {
      const across = down.slice(Math.max(0, column - REACH), column + REACH + 1);
      return evidenceOf(ratioOf(added(across)), dual);
    });
  }
}

function sumsOfRow(
  { columns, high, low }: BothEnergies,
  dual: DualEnergy,
  counts: Counts,
  row: number,
): Sums[] {
  return Array.from({ length: columns }, (_, column) => {
    const at = row * columns + column;
    const sums = noSums();
    addSample(sums, (high[at] ?? 0) / dual.high.openBeam, (low[at] ?? 0) / dual.low.openBeam, counts);
    return sums;
  });
}

function added(all: readonly (Sums | undefined)[]): Sums {
  const total = noSums();
  for (const one of all) {
    if (one === undefined) continue;
    total.samples += one.samples;
    total.weight += one.weight;
    total.high += one.high;
    total.highHigh += one.highHigh;
    total.highLow += one.highLow;
    total.lowLow += one.lowLow;
  }
  return total;
}

function evidenceOf(ratio: Ratio | undefined, dual: DualEnergy): Evidence {
  if (ratio === undefined) return nothing;
  const { attenuation, value } = ratio;
  const noise = Math.hypot(ratio.noise, dual.ratioNoise);
  const organic = curveAt(dual.calibration.organic, attenuation);
  const gap = organic - curveAt(dual.calibration.metal, attenuation);
  const certainty =
    rise(NOTHING, attenuation) * (1 - rise(OPAQUE, attenuation)) * (1 - rise(NOISY, (3 * noise) / gap));
  const metalShare = (organic - value) / gap;
  return { certainty, metalShare: Math.min(MOST_METAL_SHARE, Math.max(LEAST_METAL_SHARE, metalShare)) };
}

function ratioAround(both: BothEnergies, dual: DualEnergy, row: number, column: number): Ratio | undefined {
  const { rows, columns, high, low } = both;
  const counts = countsOf(both, dual);
  const sums = noSums();
  for (let r = Math.max(0, row - REACH); r <= Math.min(rows - 1, row + REACH); r++) {
    for (let c = Math.max(0, column - REACH); c <= Math.min(columns - 1, column + REACH); c++) {
      const at = r * columns + c;
      addSample(sums, (high[at] ?? 0) / dual.high.openBeam, (low[at] ?? 0) / dual.low.openBeam, counts);
    }
  }
  return ratioOf(sums);
}

function countsOf({ level }: BothEnergies, { high, low }: DualEnergy): Counts {
  return { high: high.countsAtOpenBeam * 4 ** level, low: low.countsAtOpenBeam * 4 ** level };
}

/** A straight line from point to point; level before the first and after the last. */
function curveAt(curve: Calibration['organic'], attenuation: number): number {
  const at = Math.min(CALIBRATION_POINTS - 1, Math.max(0, attenuation / CALIBRATION_STEP));
  const from = Math.min(CALIBRATION_POINTS - 2, Math.floor(at));
  const a = curve[from] ?? 1;
  return a + ((curve[from + 1] ?? a) - a) * (at - from);
}

/** 0 up to the first value, 1 from the second on, a straight line between. */
export function rise([from, to]: readonly [number, number], value: number): number {
  return Math.min(1, Math.max(0, (value - from) / (to - from)));
}

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
