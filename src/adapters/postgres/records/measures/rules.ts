import { type RawBuilder, sql } from 'kysely';
import {
  cells,
  type FigureName,
  type Judge,
  judges,
  type Pair,
  pairs,
  type Step,
  steps,
} from '../../../../core/measures/figures.ts';
import type { Counting } from '../../../../core/ports/records/measures.ts';
import { instant } from '../cursor.ts';

/** Which rows each figure counts; the same condition counts them and lists them. Each row is named `one`. */

export type Base = 'scans' | 'readings' | 'arrived' | 'due' | 'unsettled';
type Terms = Pick<Counting, 'threshold' | 'now'>;

export interface Rule {
  readonly base: Base;
  readonly where: (terms: Terms) => RawBuilder<boolean>;
  /** Which of them are listed, where those of images that somebody may still read are not. */
  readonly isListed?: RawBuilder<boolean>;
}

/** From the scan to the step; the database keeps them with each row. */
export const secondsTo = (step: Step): RawBuilder<number | null> => sql.ref(`one.to_${step}`);

/** Yes, no or nothing. */
const says: Readonly<Record<Judge, (threshold: number) => RawBuilder<boolean | null>>> = {
  model: (threshold) => sql`(one.percentile >= ${threshold}::float8)`,
  'first-reader': () => ofVerdict(sql`one.first_verdict`),
  'second-reader': () => ofVerdict(sql`one.second_verdict`),
  outcome: () => sql`(case one.outcome when 'found' then true when 'nothing-found' then false end)`,
};

function ofVerdict(verdict: RawBuilder<unknown>): RawBuilder<boolean | null> {
  return sql`(case ${verdict} when 'suspect' then true when 'normal' then false end)`;
}

const arrived = (where: RawBuilder<boolean>): Rule => ({ base: 'arrived', where: () => where });
const isSearched = sql<boolean>`coalesce(one.outcome in ('found', 'nothing-found'), false)`;
const isFound = sql<boolean>`coalesce(one.outcome = 'found', false)`;
const isDue = ({ now }: Terms) => sql<boolean>`one.due < ${instant(now)}::timestamptz`;

const rulesOfSteps = steps.map((step): readonly [FigureName, Rule] => [
  step,
  arrived(sql`${secondsTo(step)} is not null`),
]);

function rulesOfPair(pair: Pair): readonly (readonly [FigureName, Rule])[] {
  const [first, second] = judges.filter((judge) => pair.split('+').includes(judge));
  if (first === undefined || second === undefined) throw new Error(`No pair of judges: ${pair}`);
  return cells.map((cell): readonly [FigureName, Rule] => {
    const [one, other] = cell.split('-').map((word) => word === 'yes');
    const where: Rule['where'] = ({ threshold }) =>
      sql`coalesce(${says[first](threshold)} = ${one} and ${says[second](threshold)} = ${other}, false)`;
    return [`${pair}.${cell}`, { base: 'arrived', where }];
  });
}

const rules: ReadonlyMap<FigureName, Rule> = new Map<FigureName, Rule>([
  ['scans', { base: 'scans', where: () => sql`true` }],
  [
    'decisions',
    {
      base: 'readings',
      where: () => sql`true`,
      isListed: sql`exists (select from measured_cases as shown
        where shown.case_id = one.case_id and shown.decided is not null)`,
    },
  ],
  ['cases', arrived(sql`true`)],
  ...rulesOfSteps,
  ['analysed', arrived(sql`one.percentile is not null`)],
  ['alarm', { base: 'arrived', where: ({ threshold }) => sql`coalesce(${says.model(threshold)}, false)` }],
  ['judged', arrived(sql`one.final_verdict is not null`)],
  ['suspect', arrived(sql`coalesce(one.final_verdict = 'suspect', false)`)],
  ['sent-to-search', arrived(sql`(one.referred is not null and one.drawn_share is null)`)],
  ['search-made', arrived(sql`(${isSearched} and one.drawn_share is null)`)],
  ['hit', arrived(sql`(${isFound} and one.drawn_share is null)`)],
  ['let-go', arrived(sql`coalesce(one.final_verdict = 'normal', false)`)],
  ['drawn', arrived(sql`(${isSearched} and one.drawn_share is not null)`)],
  ['missed', arrived(sql`(${isFound} and one.drawn_share is not null)`)],
  ...pairs.flatMap(rulesOfPair),
  ['due', { base: 'due', where: isDue }],
  [
    'late',
    { base: 'due', where: (terms) => sql`(${isDue(terms)} and coalesce(one.settled > one.due, true))` },
  ],
  ['late-now', { base: 'unsettled', where: isDue }],
]);

export function ruleOf(figure: FigureName): Rule {
  const found = rules.get(figure);
  if (found === undefined) throw new Error(`The figure ${figure} has no rule`);
  return found;
}
