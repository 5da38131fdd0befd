import { Random } from '../random.ts';
import type { Grid } from '../scene/canvas.ts';
import { blur, gaussianHalf, haze } from './fields.ts';
import type { Transmission } from './physics.ts';

/** One scanner's state on one day. */
export interface Detector {
  /** Digital value of the unobstructed beam. */
  readonly openBeam: { readonly high: number; readonly low: number };
  /** Share of the signal that is a wide haze of scattered radiation. */
  readonly scatter: { readonly high: number; readonly low: number };
  readonly scatterSigmaMm: number;
  readonly blurSigmaMm: number;
  /** Detected quanta per mm2 of the unobstructed beam. */
  readonly quantaPerMm2: { readonly high: number; readonly low: number };
  /** Relative gain left over between rows after calibration, and between pulses. */
  readonly rowGain: number;
  readonly pulseGain: number;
  /** Standard deviation of the electronics, in digital values. */
  readonly noise: number;
  readonly deadRows: number;
  /** Share of single samples that failed. */
  readonly failures: number;
  /** Rows of zeros at the bottom, which some exports append, mm. */
  readonly paddingMm: number;
}

/** The spread of states seen in real exports: open beam 54,500 to 62,000, zeros, dead rows, padding. */
export function drawDetector(random: Random): Detector {
  const scatter = random.logBetween(0.0006, 0.008);
  const quanta = random.logBetween(3_000, 12_000);
  return {
    openBeam: { high: random.integer(54_500, 62_000), low: random.integer(54_500, 62_000) },
    scatter: { high: scatter, low: scatter * random.between(1.2, 1.9) },
    scatterSigmaMm: random.between(250, 600),
    blurSigmaMm: random.between(1.8, 4),
    quantaPerMm2: { high: quanta, low: quanta * random.between(0.4, 0.7) },
    rowGain: random.between(0.001, 0.007),
    pulseGain: random.between(0.001, 0.007),
    noise: random.logBetween(1.5, 7),
    deadRows: random.chance(0.4) ? random.integer(1, 2) : 0,
    failures: random.logBetween(1e-5, 6e-4),
    paddingMm: random.chance(0.25) ? 29 : 0,
  };
}

/** A sample of 0 was not measured. Others are clipped to 1..65535. */
interface Counted {
  readonly high: Uint16Array;
  readonly low: Uint16Array;
}

/** What the detector array writes behind a scene. */
export function detect(seed: number, grid: Grid, behind: Transmission, detector: Detector): Counted {
  return count(seed, grid, arrivingAt(grid, behind, detector), detector);
}

/** What the detector array writes of what arrives at it. */
export function count(seed: number, grid: Grid, arriving: Transmission, detector: Detector): Counted {
  const random = new Random(seed, 'detector');
  const shared = {
    gain: gains(random, grid.rows, detector.rowGain),
    pulse: Float32Array.from({ length: grid.columns }, () => random.normal()),
    dead: Array.from({ length: detector.deadRows }, () => random.integer(0, grid.rows - 1)),
  };
  return {
    high: channel(random, grid, arriving.high, detector, 'high', shared),
    low: channel(random, grid, arriving.low, detector, 'low', shared),
  };
}

/** What arrives before it is counted, as a share of the open beam: blurred, with its scatter. */
export function arrivingAt(grid: Grid, { high, low }: Transmission, detector: Detector): Transmission {
  return {
    high: withScatter(high, grid, detector, 'high'),
    low: withScatter(low, grid, detector, 'low'),
  };
}

/** Single detectors differ, and modules of sixteen differ from their neighbours. */
function gains(random: Random, rows: number, spread: number): Float32Array {
  let module = 1;
  return Float32Array.from({ length: rows }, (_, row) => {
    if (row % 16 === 0) module = 1 + spread * 0.7 * random.normal();
    return module + spread * 0.7 * random.normal();
  });
}

interface Shared {
  readonly gain: Float32Array;
  /** What neighbouring pulses of both energies have in common. */
  readonly pulse: Float32Array;
  readonly dead: readonly number[];
}

function channel(
  random: Random,
  grid: Grid,
  arriving: Float32Array,
  detector: Detector,
  energy: 'high' | 'low',
  { gain, pulse, dead }: Shared,
): Uint16Array {
  const quanta = detector.quantaPerMm2[energy] * grid.pitchMm * grid.pitchMm;
  const noise = detector.noise * Math.min(1, 4.2 / grid.pitchMm);
  const values = new Uint16Array(grid.rows * grid.columns);
  const pulses = Float32Array.from(
    { length: grid.columns },
    (_, column) => 1 + detector.pulseGain * (0.85 * (pulse[column] ?? 0) + 0.4 * random.normal()),
  );
  for (let row = 0; row < grid.rows; row++) {
    for (let column = 0; column < grid.columns; column++) {
      const pixel = row * grid.columns + column;
      const counted = random.poisson((arriving[pixel] ?? 0) * quanta * (pulses[column] ?? 1)) / quanta;
      const value = counted * detector.openBeam[energy] * (gain[row] ?? 1) + noise * random.normal();
      values[pixel] = Math.max(1, Math.min(65_535, Math.round(value)));
    }
  }
  fail(random, grid, values, detector, energy === 'low' ? 2 : 1, dead);
  return values;
}

function withScatter(
  transmission: Float32Array,
  grid: Grid,
  detector: Detector,
  energy: 'high' | 'low',
): Float32Array {
  const sharp = blur(transmission, grid, gaussianHalf(detector.blurSigmaMm / grid.pitchMm));
  const wide = haze(transmission, grid, detector.scatterSigmaMm);
  const share = detector.scatter[energy];
  return sharp.map((value, i) => value * (1 - share) + share * (wide[i] ?? 0));
}

/** Failed samples are written as 0: single ones, every second one of a dead row, and the padding. */
function fail(
  random: Random,
  grid: Grid,
  values: Uint16Array,
  detector: Detector,
  times: number,
  dead: readonly number[],
): void {
  const singles = Math.max(1, Math.round(values.length * detector.failures * times));
  for (let i = 0; i < singles; i++) values[random.integer(0, values.length - 1)] = 0;
  for (const row of dead) {
    for (let column = row % 2; column < grid.columns; column += 2) values[row * grid.columns + column] = 0;
  }
  const padding = Math.round(detector.paddingMm / grid.pitchMm);
  values.fill(0, (grid.rows - padding) * grid.columns);
}
