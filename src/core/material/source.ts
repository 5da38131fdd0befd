import { isCounts } from '../scan/measured.ts';
import type { Channel } from '../scan/scan.ts';
import { calibrationByScan, frequentBright, ratiosOf, stripsOf, unexplainedNoise } from './by-scan.ts';
import {
  calibrationOf9And6,
  type DualEnergy,
  has9And6,
  type NoMaterial,
  whyNoMaterial,
} from './calibration.ts';
import { type Evidence, legendEvidence } from './evidence.ts';
import type { SampledPlane, Samples } from './planes.ts';

/** Where the material colours come from. Brightness is that of the channel named. */
export type MaterialSource =
  | { readonly kind: 'two-energies'; readonly brightness: string; readonly dual: DualEnergy }
  | {
      readonly kind: 'class-map';
      readonly brightness: string;
      readonly classes: string;
      /** By value of the class map. */
      readonly legend: readonly Evidence[];
    };

/** The channel whose sides the others of its view must have to be drawn with it: the first transmission, else the first. */
export function leadingOf(channels: readonly Channel[]): Channel | undefined {
  const drawable = channels.filter((channel) => isCounts(channel) && channel.frames === 1);
  return drawable.find(({ kind }) => kind === 'transmission') ?? drawable[0];
}

/**
 * The channels of a view from which its materials come: brightness and class map, or high and low energy; or why there
 * are none. What only the samples can tell is told by `materialSourceOf`.
 */
export function materialChannels(all: readonly Channel[]): readonly Channel[] | NoMaterial {
  const leading = leadingOf(all);
  if (leading === undefined) return 'no-high-and-low';
  const { rows, columns } = leading;
  const together = all.filter(
    (one) => isCounts(one) && one.frames === 1 && one.rows === rows && one.columns === columns,
  );
  const map = classMapOf(together, leading);
  if (map?.kind === 'class-map')
    return together.filter(({ id }) => id === leading.id || id === map.brightness || id === map.classes);
  const [high, low] = ['high', 'low'].map((energy) => together.find((one) => one.energy === energy));
  const why = whyNoMaterial(high, low);
  return why ?? together.filter((one) => one === leading || one === high || one === low);
}

/**
 * The scanner's own class map where it has a legend, else high and low energy; or why there is neither.
 * @param channels that are drawn together, with their planes
 */
export function materialSourceOf(
  channels: readonly Channel[],
  leading: Channel,
  planes: ReadonlyMap<string, SampledPlane>,
): MaterialSource | NoMaterial {
  return classMapOf(channels, leading) ?? twoEnergiesOf(channels, planes);
}

function classMapOf(channels: readonly Channel[], leading: Channel): MaterialSource | undefined {
  const classes = channels.find(({ kind, legend }) => kind === 'class-map' && legend !== undefined);
  if (classes?.legend === undefined || classes.id === leading.id) return undefined;
  const bright = channels.find(({ energy }) => energy === 'high') ?? leading;
  return {
    kind: 'class-map',
    brightness: bright.id,
    classes: classes.id,
    legend: legendEvidence(classes.legend),
  };
}

function twoEnergiesOf(
  channels: readonly Channel[],
  planes: ReadonlyMap<string, SampledPlane>,
): MaterialSource | NoMaterial {
  const high = channels.find(({ energy }) => energy === 'high');
  const low = channels.find(({ energy }) => energy === 'low');
  const why = whyNoMaterial(high, low);
  if (why !== undefined || high === undefined || low === undefined) return why ?? 'no-high-and-low';
  const dual = dualEnergyOf(high, low, planes);
  return dual === undefined ? 'no-calibration' : { kind: 'two-energies', brightness: high.id, dual };
}

function dualEnergyOf(
  high: Channel,
  low: Channel,
  planes: ReadonlyMap<string, SampledPlane>,
): DualEnergy | undefined {
  const [ofHigh, ofLow] = [planes.get(high.id), planes.get(low.id)];
  if (ofHigh === undefined || ofLow === undefined) return undefined;
  const strips = stripsOf(ofHigh, ofLow);
  const facts = {
    high: factsOf(high, ofHigh, strips.high),
    low: factsOf(low, ofLow, strips.low),
  };
  const blocks = ratiosOf(strips, {
    openBeam: { high: facts.high.openBeam, low: facts.low.openBeam },
    counts: { high: facts.high.countsAtOpenBeam, low: facts.low.countsAtOpenBeam },
  });
  const noisy = { ...facts, ratioNoise: unexplainedNoise(blocks) };
  if (has9And6(high, low))
    return { ...noisy, calibration: calibrationOf9And6, calibrated: 'for-these-beams' };
  const calibration = calibrationByScan(blocks);
  return calibration && { ...noisy, calibration, calibrated: 'by-this-scan' };
}

function factsOf(
  { id, openBeam }: Channel,
  { fullScale }: SampledPlane,
  strips: readonly Samples[],
): DualEnergy['high'] {
  const bright = openBeam ?? frequentBright(strips, fullScale);
  return { id, openBeam: bright, countsAtOpenBeam: countsAtOpenBeam(strips, bright) };
}

/** Pairs that are looked at, evenly drawn. */
const MOST_PAIRS = 20_000;
const FEWEST_PAIRS = 50;
/** Samples from this share of the open beam on are open beam, or nearly. */
const BRIGHT_SHARE = 0.7;
/** Where nothing is bright: a usual detector. */
const USUAL_COUNTS = 10_000;
const MOST_COUNTS = 10_000_000;
/** The median of |x| is this share of the standard deviation of normal noise. */
const MEDIAN_SHARE = 0.6745;

/**
 * What one sample counts at open beam, by the noise of bright neighbours in a row: their differences have no structure
 * to speak of, and their median has no outliers.
 */
export function countsAtOpenBeam(strips: readonly Samples[], openBeam: number): number {
  const total = strips.reduce((sum, { length }) => sum + length, 0);
  const stride = Math.max(2, Math.floor(total / MOST_PAIRS));
  const shares = strips.flatMap((strip) => brightDifferences(strip, openBeam, stride));
  if (shares.length < FEWEST_PAIRS) return USUAL_COUNTS;
  shares.sort((a, b) => a - b);
  const deviation = (shares[shares.length >> 1] ?? 0) / MEDIAN_SHARE / Math.SQRT2;
  return deviation === 0 ? MOST_COUNTS : Math.min(MOST_COUNTS, 1 / deviation ** 2);
}

/** Of neighbours that are open beam or nearly: the noise of counts grows with their root, so it is scaled to open beam. */
function brightDifferences(strip: Samples, openBeam: number, stride: number): readonly number[] {
  const shares: number[] = [];
  for (let i = 0; i + 1 < strip.length; i += stride) {
    const a = strip[i] ?? 0;
    const b = strip[i + 1] ?? 0;
    const mean = (a + b) / 2;
    if (mean >= BRIGHT_SHARE * openBeam) shares.push(Math.abs(a - b) / Math.sqrt(mean * openBeam));
  }
  return shares;
}
