import { defined } from '../../core/defined.ts';
import {
  type FigureName,
  type FiguresOfPart,
  type Measure,
  type Part,
  pairs,
  percentiles,
  type StepTimes,
} from '../../core/measures/figures.ts';
import { type Estimate, kappa, weightedShare, wilson } from '../../core/measures/statistics.ts';

/** What a measure answers: one row a figure. A value that nobody knows is null, never nought. */
export interface FigureRow extends Part {
  /** Name of what the value is. */
  readonly figure: string;
  /** The counts whose scans stand behind it. */
  readonly counts?: FigureName;
  /** Only of those that took the step in this time or longer. */
  readonly atLeastSeconds?: number;
  readonly count: number;
  readonly of?: number;
  readonly value: number | null;
  readonly low?: number;
  readonly high?: number;
  readonly unit: 'per hour' | 'seconds' | 'share' | 'kappa' | 'cases';
}

const HOUR_MS = 3_600_000;
const hoursOf = ({ from, to }: Part) => (Date.parse(to) - Date.parse(from)) / HOUR_MS;

export function rowsOf(measure: Measure, counted: readonly FiguresOfPart[]): readonly FigureRow[] {
  return counted.flatMap((one) => rowsOfPart[measure](one));
}

const rowsOfPart: Readonly<Record<Measure, (counted: FiguresOfPart) => readonly FigureRow[]>> = {
  throughput: ({ part, counts }) =>
    (['scans', 'decisions'] as const).map((figure): FigureRow => {
      const count = counts[figure] ?? 0;
      const hours = hoursOf(part);
      return {
        ...part,
        figure,
        counts: figure,
        count,
        value: hours > 0 ? count / hours : null,
        unit: 'per hour',
      };
    }),
  times: () => [],
  rates: (counted) =>
    counted.part.kind === 'scanner'
      ? []
      : [...rates.map((rate) => shareRow(counted, ...rate)), missRow(counted)],
  agreement: ({ part, counts }) =>
    part.kind === 'whole' ? pairs.flatMap((pair) => agreementRows(part, counts, pair)) : [],
  'past-due': (counted) => pastDueRows(counted),
};

const rates: readonly (readonly [string, FigureName, FigureName])[] = [
  ['alarm-rate', 'alarm', 'analysed'],
  ['suspect-rate', 'suspect', 'judged'],
  ['referral-rate', 'sent-to-search', 'judged'],
  ['hit-rate', 'hit', 'search-made'],
];

function shareRow(
  { part, counts }: FiguresOfPart,
  figure: string,
  counted: FigureName,
  among: FigureName,
): FigureRow {
  const [count, of] = [counts[counted] ?? 0, counts[among] ?? 0];
  return { ...part, figure, counts: counted, count, of, ...estimated(wilson(count, of)), unit: 'share' };
}

/** Without a drawn search nobody knows what was missed. */
function missRow({ part, counts, weights }: FiguresOfPart): FigureRow {
  const [count, of] = [counts.missed ?? 0, counts.drawn ?? 0];
  const share = weights && weightedShare(weights.sum, weights.ofSquares, weights.ofFinds);
  return { ...part, figure: 'miss-rate', counts: 'missed', count, of, ...estimated(share), unit: 'share' };
}

function agreementRows(
  part: Part,
  counts: FiguresOfPart['counts'],
  pair: (typeof pairs)[number],
): readonly FigureRow[] {
  const of = (cell: 'yes-yes' | 'yes-no' | 'no-yes' | 'no-no') => counts[`${pair}.${cell}`] ?? 0;
  const table = { yesYes: of('yes-yes'), yesNo: of('yes-no'), noYes: of('no-yes'), noNo: of('no-no') };
  const all = table.yesYes + table.yesNo + table.noYes + table.noNo;
  const agreed = table.yesYes + table.noNo;
  const cells = (['yes-yes', 'yes-no', 'no-yes', 'no-no'] as const).map((cell): FigureRow => {
    const name: FigureName = `${pair}.${cell}`;
    return { ...part, figure: name, counts: name, count: of(cell), of: all, value: of(cell), unit: 'cases' };
  });
  return [
    ...cells,
    {
      ...part,
      figure: `${pair}.agreement`,
      count: agreed,
      of: all,
      ...estimated(wilson(agreed, all)),
      unit: 'share',
    },
    { ...part, figure: `${pair}.kappa`, count: agreed, of: all, ...estimated(kappa(table)), unit: 'kappa' },
  ];
}

/** What is past due now is so whatever the period is; by time there is only what came due in it. */
function pastDueRows(counted: FiguresOfPart): readonly FigureRow[] {
  const { part, counts } = counted;
  const late = shareRow(counted, 'late-rate', 'late', 'due');
  if (part.kind === 'time') return [late];
  const now = counts['late-now'] ?? 0;
  return [late, { ...part, figure: 'late-now', counts: 'late-now', count: now, value: now, unit: 'cases' }];
}

/** Rows of every step and percentile. */
export function timeRows(times: readonly StepTimes[]): readonly FigureRow[] {
  return times.flatMap(({ part, step, count, seconds }) =>
    percentiles.map((percentile, i): FigureRow => {
      const value = seconds[i] ?? null;
      return {
        ...part,
        figure: `${step}.p${percentile}`,
        counts: step,
        ...defined({ atLeastSeconds: value ?? undefined }),
        count,
        value,
        unit: 'seconds',
      };
    }),
  );
}

function estimated(estimate: Estimate | undefined): Pick<FigureRow, 'value' | 'low' | 'high'> {
  return estimate ?? { value: null };
}
