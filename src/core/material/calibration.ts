import type { Channel } from '../scan/scan.ts';

/** Curves have a point for each step of attenuation (-ln of transmission at high energy). */
export const CALIBRATION_STEP = 0.5;
export const CALIBRATION_POINTS = 16;

/** Ratio of low over high attenuation, by attenuation at high energy: 0, 0.5, 1, … */
export interface Calibration {
  readonly organic: readonly number[];
  readonly metal: readonly number[];
}

/**
 * Cellulose and steel under a 9/6 MV pair, computed from the photon attenuation of NIST and the spectra of the simulator;
 * a test computes them again.
 */
export const calibrationOf9And6: Calibration = {
  organic: [
    1.1894, 1.197, 1.2012, 1.2027, 1.2027, 1.2018, 1.2005, 1.1991, 1.1976, 1.1963, 1.1949, 1.1937, 1.1925,
    1.1914, 1.1903, 1.1893,
  ],
  metal: [
    1.1458, 1.1433, 1.1392, 1.1343, 1.1292, 1.1243, 1.1198, 1.1157, 1.1119, 1.1085, 1.1054, 1.1026, 1.1,
    1.0976, 1.0954, 1.0933,
  ],
};

/** What tells materials apart by two energies. */
export interface DualEnergy {
  readonly high: EnergyFacts;
  readonly low: EnergyFacts;
  readonly calibration: Calibration;
  /** Standard deviation of the ratio that counting does not explain. */
  readonly ratioNoise: number;
  /** Curves for the scanner's beams, or from the scan itself: then colours only compare goods of this scan. */
  readonly calibrated: 'for-these-beams' | 'by-this-scan';
}

export interface EnergyFacts {
  readonly id: string;
  readonly openBeam: number;
  /** What one sample of open beam counts, by its noise: mean² / variance. */
  readonly countsAtOpenBeam: number;
}

export type NoMaterial =
  | 'no-high-and-low'
  | 'not-transmission'
  | 'sides-differ'
  | 'below-1-MeV'
  /** No curves are known for these beams, and the scan has too little in it to find some. */
  | 'no-calibration';

type Facts = Pick<Channel, 'kind' | 'energy' | 'polarity' | 'nominalEnergyMev' | 'rows' | 'columns'>;

/** Why two channels give no material mode; undefined where they do. */
export function whyNoMaterial(high: Facts | undefined, low: Facts | undefined): NoMaterial | undefined {
  if (high?.energy !== 'high' || low?.energy !== 'low') return 'no-high-and-low';
  const isUsual = ({ kind, polarity }: Facts) =>
    kind === 'transmission' && polarity === 'high-is-transparent';
  if (!isUsual(high) || !isUsual(low)) return 'not-transmission';
  if (high.rows !== low.rows || high.columns !== low.columns) return 'sides-differ';
  // there metal has the higher ratio, not the lower one
  const isSoft = [high, low].some(({ nominalEnergyMev: mev }) => mev !== undefined && mev < 1);
  return isSoft ? 'below-1-MeV' : undefined;
}

/** Whether curves are known for the beams that the scanner states. */
export function has9And6(high: Facts, low: Facts): boolean {
  return high.nominalEnergyMev === 9 && low.nominalEnergyMev === 6;
}

/** Tells the person who asked for material colours why the scan has none. */
export const noMaterialWords: Readonly<Record<NoMaterial, string>> = {
  'no-high-and-low': 'It has no class map with a legend, and not both a high and a low energy',
  'not-transmission': 'High and low energy are not both transmission where a high value is transparent',
  'sides-differ': 'High and low energy do not have the same rows and columns',
  'below-1-MeV': 'Materials can be distinguished only from 1 MeV; below that, their order is reversed',
  'no-calibration':
    'No curves are known for its energies, and too few goods in it differ as two materials would',
};
