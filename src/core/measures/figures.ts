/** Names of what is measured; docs/decisions/0036-measures.md defines each. */

export const measures = ['throughput', 'times', 'rates', 'agreement', 'past-due'] as const;
export type Measure = (typeof measures)[number];

/** From the scan to each. */
export const steps = [
  'arrived',
  'converted',
  'queued',
  'claimed',
  'decided',
  'instructed',
  'referred',
  'searched',
  'closed',
] as const;
export type Step = (typeof steps)[number];

/** Who says of a case whether it is suspect, in the order in which they speak. */
export const judges = ['model', 'first-reader', 'second-reader', 'outcome'] as const;
export type Judge = (typeof judges)[number];

export type Pair = `${Judge}+${Judge}`;
/** Each judge with each who speaks later. */
export const pairs: readonly Pair[] = judges.flatMap((one, i) =>
  judges.slice(i + 1).map((other): Pair => `${one}+${other}`),
);

/** What the first says, then the other. */
export const cells = ['yes-yes', 'yes-no', 'no-yes', 'no-no'] as const;
type Cell = (typeof cells)[number];

const countsOfRates = [
  'analysed',
  'alarm',
  'judged',
  'suspect',
  'sent-to-search',
  'search-made',
  'hit',
  'let-go',
  'drawn',
  'missed',
] as const;

export type FigureName =
  | 'scans'
  | 'decisions'
  | 'cases'
  | Step
  | (typeof countsOfRates)[number]
  | `${Pair}.${Cell}`
  | 'due'
  | 'late'
  | 'late-now';

const cellsOfPairs = pairs.flatMap((pair) => cells.map((cell): FigureName => `${pair}.${cell}`));

/** The counts of each measure. */
export const figuresOf: Readonly<Record<Measure, readonly FigureName[]>> = {
  throughput: ['scans', 'decisions'],
  times: ['cases', ...steps],
  rates: ['cases', ...countsOfRates],
  agreement: ['cases', ...cellsOfPairs],
  'past-due': ['due', 'late', 'late-now'],
};

/** Which rows are counted together. */
export interface Part {
  readonly kind: 'whole' | 'time' | 'scanner';
  /** ISO 8601; of the part of the period. */
  readonly from: string;
  readonly to: string;
  /** Of a scanner. */
  readonly site?: string;
  /** Undefined: no scanner is named in the files. */
  readonly scanner?: string;
}

export interface FiguresOfPart {
  readonly part: Part;
  readonly counts: Readonly<Partial<Record<FigureName, number>>>;
  /** Of drawn searches: the sums of one over the share, of its square, and of those with a find. */
  readonly weights?: Weights;
}

export interface Weights {
  readonly sum: number;
  readonly ofSquares: number;
  readonly ofFinds: number;
}

export const percentiles = [50, 90, 95, 99] as const;

export interface StepTimes {
  readonly part: Part;
  readonly step: Step;
  /** Of cases that have taken the step, and of which the time of the scan is known. */
  readonly count: number;
  /** Of each of `percentiles`. */
  readonly seconds: readonly number[];
}
