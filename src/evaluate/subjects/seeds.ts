import { NiiError, orList } from '../../core/errors.ts';

/** Seeds from `from` up to, not including, `to`. */
interface SeedRange {
  readonly from: number;
  readonly to: number;
  readonly use: string;
}

/** Who may use which seeds of the simulator. The ranges do not overlap, so no scan is in two sets. */
export const seedRanges = {
  training: { from: 1_000_000, to: 6_000_000, use: 'training, and the references of packages' },
  development: {
    from: 100_000_000,
    to: 200_000_000,
    use: 'figures that a decision about a model may look at',
  },
  sealed: {
    from: 200_000_000,
    to: 300_000_000,
    use: 'the last figure of versions 1 and 2: looked at once',
  },
  holdFixing: { from: 300_000_000, to: 310_000_000, use: 'limits of the check whether a hold is empty' },
  holdReport: { from: 310_000_000, to: 320_000_000, use: 'figures of that check' },
  'sealed-2': {
    from: 400_000_000,
    to: 500_000_000,
    use: 'the last figure of what was made after the sealed set was looked at',
  },
} as const satisfies Readonly<Record<string, SeedRange>>;

export const evaluationSets = ['development', 'sealed', 'sealed-2'] as const;
export type EvaluationSet = (typeof evaluationSets)[number];

/** What a set is for: decisions about a model may look at a development set, and not at a sealed one. */
export function purposeOf(set: EvaluationSet): 'development' | 'sealed' {
  return set === 'development' ? 'development' : 'sealed';
}

/** Half of a range is for ordinary scans, the other half for those in which something is hidden. */
const MOST_SEEDS = 100_000;
/** A load without a place for a thing is replaced by that of a seed so much higher; prime to keep the seeds apart. */
const NEXT_LOAD = 100_003;
export const MOST_LOADS = 400;

/** Seed of one ordinary scan. @param index from 0 up to, not including, MOST_SEEDS */
export function ordinarySeed(set: EvaluationSet, index: number): number {
  return seedRanges[set].from + index;
}

/** Seed of one scan for an object. @param load counts the loads that had no place, up to MOST_LOADS */
export function objectSeed(set: EvaluationSet, index: number, load: number): number {
  return seedRanges[set].from + 50_000_000 + index + load * NEXT_LOAD;
}

/** Above all that `objectSeed` gives. */
const GRID_FROM = 95_000_000;

/** Seed of one scan into which each plate of the grid is projected. @param index from 0 up to, not including, MOST_SEEDS */
export function gridSeed(set: EvaluationSet, index: number): number {
  return seedRanges[set].from + GRID_FROM + index;
}

export interface SimulatedNormals {
  readonly set: EvaluationSet;
  readonly count: number;
}

/**
 * Reads `sim`, `sim:COUNT`, `sim:SET:COUNT`; undefined for what is no `sim`.
 * @throws NII_BAD_REQUEST for another set or count
 */
export function parseSimulated(text: string, usualCount: number): SimulatedNormals | undefined {
  const [word, ...rest] = text.toLowerCase().split(':');
  if (word !== 'sim') return undefined;
  const name = rest.length > 1 ? rest[0] : 'development';
  const set = evaluationSets.find((one) => one === name);
  const count = rest.at(-1) ?? String(usualCount);
  if (set === undefined) throw invalid(text, `the set is ${orList(evaluationSets)}`);
  if (rest.length > 2 || !/^[0-9]{1,6}$/.test(count) || Number(count) < 2 || Number(count) > MOST_SEEDS) {
    throw invalid(text, `write sim:SET:COUNT, with a count from 2 to ${MOST_SEEDS}`);
  }
  return { set, count: Number(count) };
}

function invalid(text: string, why: string): NiiError {
  return new NiiError('NII_BAD_REQUEST', { detail: `Invalid --normals "${text}": ${why}`, field: 'normals' });
}
