import { CALIBRATION_POINTS, CALIBRATION_STEP, type Calibration } from './calibration.ts';
import type { Region, SampledPlane, Samples } from './planes.ts';
import { addSample, type Counts, noSums, type Ratio, ratioOf } from './ratio.ts';

/** Strips of the picture that are looked at, evenly drawn, and how large they are at most. */
const STRIPS = 48;
const STRIP_ROWS = 5;
const MOST_STRIP_COLUMNS = 4096;
/** Ratios of this many blocks of 5 x 5 samples tell the curves at one attenuation. */
const FEWEST_BLOCKS = 30;
/** Of the ratios of one attenuation: metal has low ones, organic goods have high ones. */
const METAL_PERCENT = 10;
const ORGANIC_PERCENT = 90;
/**
 * The photon attenuation of NIST puts cellulose and steel 0.04 to 0.1 apart. A scan of one material spreads less; ratios
 * that spread more do so by faults of the detector.
 */
const LEAST_GAP = 0.03;
const MOST_GAP = 0.11;
/** Normal noise alone lies this many standard deviations apart between those percents. */
const NOISE_SPREAD = 2.56;

/** The same strips of both energies. */
export interface Strips {
  readonly columns: number;
  readonly high: readonly Samples[];
  readonly low: readonly Samples[];
}

/** Strips of all parts of a picture; those that a plane does not have yet are left out. */
export function stripsOf(high: SampledPlane, low: SampledPlane): Strips {
  const columns = Math.min(high.columns, MOST_STRIP_COLUMNS);
  const regions = Array.from(
    { length: STRIPS },
    (_, i): Region => ({
      row: Math.floor((i * Math.max(0, high.rows - STRIP_ROWS)) / (STRIPS - 1)),
      // 7 has no factor in common with the number of strips: rows and columns are drawn apart
      column: Math.floor((((i * 7) % STRIPS) * (high.columns - columns)) / (STRIPS - 1)),
      rows: Math.min(STRIP_ROWS, high.rows),
      columns,
    }),
  );
  const both = regions.map((region) => [high.read(0, region), low.read(0, region)] as const);
  const found = both.filter((pair): pair is readonly [Samples, Samples] => !pair.includes(undefined));
  return { columns, high: found.map(([one]) => one), low: found.map(([, one]) => one) };
}

/** Values are counted in this many bins. */
const BINS = 256;

/** The open beam where the scanner does not state it: the most frequent value of the upper half of the range. */
export function frequentBright(strips: readonly Samples[], fullScale: number): number {
  const counts = new Uint32Array(BINS);
  for (const strip of strips) {
    for (const value of strip) {
      const bin = Math.min(BINS - 1, Math.floor((value * BINS) / (fullScale + 1)));
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
  }
  const upper = counts.subarray(BINS / 2);
  const most = Math.max(...upper);
  return most === 0 ? fullScale : ((BINS / 2 + upper.indexOf(most) + 0.5) * (fullScale + 1)) / BINS;
}

export interface Beams {
  readonly openBeam: Counts;
  readonly counts: Counts;
}

/**
 * Curves for beams of which no curves are known, from the scan itself: the lowest and the highest ratios that it has at
 * each attenuation. Colours then say which goods are more like metal than others of this scan. Undefined where the scan
 * has too little in it, or ratios that do not differ as two materials would.
 */
export function calibrationByScan(blocks: BlockRatios): Calibration | undefined {
  const noise = unexplainedNoise(blocks);
  const byPoint = Array.from({ length: CALIBRATION_POINTS }, (): Ratio[] => []);
  for (const ratio of blocks.flat()) {
    if (ratio !== undefined) byPoint[Math.round(ratio.attenuation / CALIBRATION_STEP)]?.push(ratio);
  }
  const found = byPoint.map((ratios) => spreadOf(ratios, noise));
  const points = found.map((one, i) => one ?? nearest(found, i));
  const known = points.flatMap((one) => (one === undefined ? [] : [one]));
  if (known.length < CALIBRATION_POINTS) return undefined;
  return { organic: known.map(({ organic }) => organic), metal: known.map(({ metal }) => metal) };
}

/** The range of the ratios at one attenuation; undefined where noise or faults would make it. */
function spreadOf(
  ratios: readonly Ratio[],
  unexplained: number,
): { readonly metal: number; readonly organic: number } | undefined {
  if (ratios.length < FEWEST_BLOCKS) return undefined;
  const values = ratios.map(({ value }) => value);
  const metal = percentileOf(values, METAL_PERCENT);
  const organic = percentileOf(values, ORGANIC_PERCENT);
  const ofCounting = percentileOf(
    ratios.map(({ noise }) => noise),
    50,
  );
  const ofNoise = NOISE_SPREAD * Math.hypot(ofCounting, unexplained);
  const gap = organic - metal;
  return gap < Math.max(LEAST_GAP, 1.5 * ofNoise) || gap > MOST_GAP ? undefined : { metal, organic };
}

function percentileOf(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((percent * (sorted.length - 1)) / 100)] ?? 1;
}

function nearest<T>(points: readonly (T | undefined)[], at: number): T | undefined {
  for (let away = 1; away < points.length; away++) {
    const one = points[at - away] ?? points[at + away];
    if (one !== undefined) return one;
  }
  return undefined;
}

/** Below this the ratio of a block is mostly the error of its open beam. */
const LEAST_ATTENUATION = 0.25;
/** Blocks with more scatter lie on an edge, where both energies do not see quite the same. */
const MOST_SCATTER = 3;

/** The ratios of blocks side by side, strip by strip; undefined where a block is empty, or on an edge. */
export type BlockRatios = readonly (readonly (Ratio | undefined)[])[];

export function ratiosOf({ columns, high, low }: Strips, beams: Beams): BlockRatios {
  return high.map((ofHigh, i) => {
    const strip = { high: ofHigh, low: low[i] ?? ofHigh, columns };
    return Array.from({ length: Math.floor(columns / STRIP_ROWS) }, (_, block) =>
      ratioOfBlock(strip, beams, block),
    );
  });
}

function ratioOfBlock(
  strip: { readonly high: Samples; readonly low: Samples; readonly columns: number },
  { openBeam, counts }: Beams,
  block: number,
): Ratio | undefined {
  const { high, low, columns } = strip;
  const rows = Math.floor(high.length / columns);
  const sums = noSums();
  for (let i = 0; i < rows * STRIP_ROWS; i++) {
    const at = Math.floor(i / STRIP_ROWS) * columns + block * STRIP_ROWS + (i % STRIP_ROWS);
    addSample(sums, (high[at] ?? 0) / openBeam.high, (low[at] ?? 0) / openBeam.low, counts);
  }
  const ratio = ratioOf(sums);
  if (ratio === undefined || ratio.attenuation < LEAST_ATTENUATION) return undefined;
  return ratio.scatter > MOST_SCATTER ? undefined : ratio;
}

/** Neighbours whose attenuation differs by less are taken for the same goods. */
const SAME_GOODS = 0.2;

/**
 * Noise of the ratio that counting does not explain: pulses and detector elements that differ between the two energies.
 * It is found between neighbouring blocks of like attenuation, as goods seldom change there. A standard deviation.
 */
export function unexplainedNoise(blocks: BlockRatios): number {
  const found = blocks.flatMap((strip) => strip.flatMap((one, i) => differenceOf(one, strip[i + 1])));
  if (found.length < FEWEST_BLOCKS) return 0;
  const deviation =
    percentileOf(
      found.map(({ difference }) => difference),
      50,
    ) /
    MEDIAN_SHARE /
    Math.SQRT2;
  const ofCounting = percentileOf(
    found.map(({ noise }) => noise),
    50,
  );
  return Math.sqrt(Math.max(0, deviation ** 2 - ofCounting ** 2));
}

/** The median of |x| is this share of the standard deviation of normal noise. */
const MEDIAN_SHARE = 0.6745;

function differenceOf(
  a: Ratio | undefined,
  b: Ratio | undefined,
): readonly { readonly difference: number; readonly noise: number }[] {
  if (a === undefined || b === undefined || Math.abs(a.attenuation - b.attenuation) > SAME_GOODS) return [];
  return [{ difference: Math.abs(a.value - b.value), noise: Math.sqrt((a.noise ** 2 + b.noise ** 2) / 2) }];
}
