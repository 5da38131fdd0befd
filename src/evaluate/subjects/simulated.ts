import { defined } from '../../core/defined.ts';
import { isNiiError, NiiError } from '../../core/errors.ts';
import type { ScanWithSources } from '../../core/scan/plane-source.ts';
import type { ModelManifest } from '../../infer/manifest.ts';
import { type Detector, drawDetector } from '../../simulate/physics/detector.ts';
import { Random } from '../../simulate/random.ts';
import { recordOf } from '../../simulate/record.ts';
import {
  type SimulatedChannels,
  type SimulatedScan,
  simulateArriving,
  simulateChannels,
  simulateMeasured,
} from '../../simulate/scan.ts';
import { type AnomalyKind, anomalyKinds } from '../../simulate/scene/anomalies.ts';
import { holdOf } from '../projection/place.ts';
import type { ToldState } from '../projection/scanner.ts';
import { standsOut } from '../projection/stands-out.ts';
import { openUpright } from '../projection/upright.ts';
import { type EvaluationSet, gridSeed, MOST_LOADS, objectSeed, ordinarySeed } from './seeds.ts';
import type { Ordinary, WithObject } from './subject.ts';

/**
 * The scan as a scanner would have sent it that has as many energies as the model is for: where a model asks for a
 * channel that stands alone, of several of its kind the high one is left.
 */
export function withEnergiesFor(
  { scan, ...rest }: ScanWithSources,
  { input }: Pick<ModelManifest, 'input'>,
): ScanWithSources {
  const alone = input.channels.filter(({ energy }) => energy === 'single').map(({ kind }) => kind);
  const views = scan.views.map((view) => ({
    ...view,
    channels: view.channels.filter(
      ({ kind, energy }) => !alone.some((one) => one === kind) || energy === 'high' || energy === 'single',
    ),
  }));
  return { ...rest, scan: { ...scan, views } };
}

/** Scanners sample more finely than models read; a third of the scans is finer than the usual 11 mm. */
const PITCHES_MM = [11, 11, 11, 11, 8.5, 5.5] as const;

type Manifest = Pick<ModelManifest, 'input'>;

/** An ordinary scan of a set. */
export function simulatedOrdinary(set: EvaluationSet, index: number, manifest: Manifest): Ordinary {
  return ordinaryOf(ordinarySeed(set, index), manifest);
}

/** An ordinary scan into which an object may be projected. @param load a later one where it had no place */
export function simulatedBackground(
  set: EvaluationSet,
  index: number,
  load: number,
  manifest: Manifest,
): Ordinary {
  return ordinaryOf(objectSeed(set, index, load), manifest);
}

/** An ordinary scan for the plates of the grid. */
export function simulatedForGrid(set: EvaluationSet, index: number, manifest: Manifest): Ordinary {
  return ordinaryOf(gridSeed(set, index), manifest);
}

function ordinaryOf(seed: number, manifest: Manifest): Ordinary {
  const pitchMm = new Random(seed, 'pitch').pick(PITCHES_MM);
  const scan = simulateChannels({ seed, pitchMm });
  const detector = drawDetector(new Random(seed, 'scanner'));
  return {
    name: `sim ${seed}`,
    cargo: cargoOf(scan),
    source: withEnergiesFor(recordOf(scan), manifest),
    told: toldOf(detector, pitchMm),
  };
}

/** A scan with one of the simulator's own anomalies; the kinds take turns by the index. */
export function simulatedObject(set: EvaluationSet, index: number, manifest: Manifest): WithObject {
  const kind = anomalyKinds[index % anomalyKinds.length] ?? 'weapon';
  for (let load = 0; load < MOST_LOADS; load++) {
    const seed = objectSeed(set, index, load);
    const pitchMm = new Random(seed, 'pitch').pick(PITCHES_MM);
    try {
      return withAnomaly(seed, pitchMm, kind, manifest);
    } catch (error) {
      // the load has no place for it
      if (!isNiiError(error, 'NII_BAD_REQUEST')) throw error;
    }
  }
  throw new NiiError('NII_INTERNAL', `no load has room for ${kind}`);
}

function withAnomaly(seed: number, pitchMm: number, kind: AnomalyKind, manifest: Manifest): WithObject {
  const { scan, arriving } = simulateMeasured({ seed, pitchMm, anomalies: [kind] });
  const source = withEnergiesFor(recordOf(scan), manifest);
  const pixels = scan.mask.reduce((count, value) => count + (value > 0 ? 1 : 0), 0);
  const seen = new Set(source.scan.views.flatMap(({ channels }) => channels.map(({ energy }) => energy)));
  const energies = (['high', 'low'] as const).filter((one) => seen.has(one));
  const without = simulateArriving({ seed, pitchMm });
  const { squares, change } = differenceOf(arriving, without, energies, { mask: scan.mask, pitchMm });
  const contrast = change / pixels;
  const [box] = scan.anomalies.map(({ box: found }) => found);
  const view = openUpright(source, manifest);
  const unit = 'reason' in view ? undefined : view.units.find(({ from, to }) => isIn(box, from, to));
  const apart =
    'reason' in view || unit === undefined || box === undefined
      ? undefined
      : standsOut(view, holdOf(view, unit), box, { contrast, cover: pixels / areaOf(box) });
  return {
    name: `sim ${seed}`,
    cargo: cargoOf(scan),
    source,
    mask: { rows: scan.rows, columns: scan.columns, bytes: scan.mask.map((value) => (value > 0 ? 1 : 0)) },
    object: {
      id: kind,
      class: kind,
      areaMm2: pixels * pitchMm ** 2,
      contrast,
      dPrime: Math.sqrt(squares),
      ...defined({ standsOut: apart }),
    },
  };
}

type Arriving = ReturnType<typeof simulateArriving>;

/**
 * Compares what arrives with the object and without it.
 * @returns the sum of squares in units of the noise, and the sum of the changes behind the mask as logarithms
 */
function differenceOf(
  after: Arriving,
  before: Arriving,
  energies: readonly ('high' | 'low')[],
  { mask, pitchMm }: Pick<SimulatedScan, 'mask'> & { readonly pitchMm: number },
): { readonly squares: number; readonly change: number } {
  let [squares, change] = [0, 0];
  for (const energy of energies) {
    const noise = noiseOf(after.detector, pitchMm, energy);
    after[energy].forEach((signal, i) => {
      const earlier = before[energy][i] ?? signal;
      if (signal === earlier) return;
      squares += (signal - earlier) ** 2 / noise((signal + earlier) / 2);
      if (energy === 'high' && (mask[i] ?? 0) > 0) change += Math.abs(Math.log(signal / earlier));
    });
  }
  return { squares, change };
}

type Box = SimulatedScan['anomalies'][number]['box'];

function isIn(box: Box | undefined, from: number, to: number): boolean {
  const middle = box === undefined ? -1 : (box.left + box.right) / 2;
  return from <= middle && middle < to;
}

function areaOf({ top, left, bottom, right }: Box): number {
  return (bottom - top) * (right - left);
}

/** Variance of one sample in shares of the open beam: counting, electronics, and gain that calibration left over. */
function noiseOf(detector: Detector, pitchMm: number, energy: 'high' | 'low'): (signal: number) => number {
  const { quanta, electronics } = countsOf(detector, pitchMm, energy);
  const gain = detector.rowGain ** 2 + detector.pulseGain ** 2;
  return (signal) => signal / quanta + electronics ** 2 + gain * signal ** 2;
}

function countsOf({ quantaPerMm2, noise, openBeam }: Detector, pitchMm: number, energy: 'high' | 'low') {
  return {
    quanta: quantaPerMm2[energy] * pitchMm ** 2,
    electronics: (noise * Math.min(1, 4.2 / pitchMm)) / openBeam[energy],
  };
}

/** What the simulator knows of its scanner. */
function toldOf(detector: Detector, pitchMm: number): ToldState {
  const energies = ['high', 'low'] as const;
  return {
    blurMm: detector.blurSigmaMm,
    scatter: energies.map((energy) => ({
      share: detector.scatter[energy],
      sigmaMm: detector.scatterSigmaMm,
    })),
    noise: energies.map((energy) => countsOf(detector, pitchMm, energy)),
  };
}

function cargoOf({ units }: SimulatedChannels): string {
  const kinds = new Set(units.map(({ cargo }) => cargo));
  return kinds.size === 1 ? ([...kinds][0] ?? 'unknown') : 'mixed';
}
