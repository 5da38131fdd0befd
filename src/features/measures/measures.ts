import { createHmac } from 'node:crypto';
import { type Actor, scopeOf } from '../../core/access.ts';
import { defined } from '../../core/defined.ts';
import { NiiError } from '../../core/errors.ts';
import type { FigureName, FiguresOfPart, Measure } from '../../core/measures/figures.ts';
import { wilson } from '../../core/measures/statistics.ts';
import type { Page } from '../../core/page.ts';
import type { Clock } from '../../core/ports/process.ts';
import type { CountedScan, Counting, PersonCounts } from '../../core/ports/records/measures.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { PersonFigures } from '../../core/rules/policy.ts';
import { type Viewing, viewed } from '../../queries/read.ts';
import { placeFor, policyOf } from '../../stored/rules.ts';
import type { TriagePolicy } from '../../triage/policy.ts';
import { type AskedPeriod, periodOf } from './period.ts';
import { type FigureRow, rowsOf, timeRows } from './rows.ts';

/** Performance in figures. Each view is in the audit. */

export interface AskedMeasure extends AskedPeriod {
  readonly site?: string;
  readonly scanner?: string;
  readonly threshold?: number;
}

interface CountingDeps {
  readonly clock: Clock;
  /** Where the administration has decided nothing. */
  readonly policy: TriagePolicy;
}
export interface MeasuresDeps
  extends CountingDeps,
    Viewing<Tx<'countFigures' | 'timesToSteps' | 'documentInForce'>> {}
export interface CountedScansDeps extends CountingDeps, Viewing<Tx<'countedScans' | 'documentInForce'>> {}
export interface PersonMeasuresDeps
  extends CountingDeps,
    Viewing<Tx<'countByPerson' | 'pseudonymKey' | 'documentInForce'>> {}

/** Figures, and what they are of. */
export interface MeasureView extends Omit<Counting, 'now'> {
  /** How many scans or cases there are to count at all. */
  readonly counted: number;
  readonly rows: readonly FigureRow[];
}

/** @throws NII_BAD_REQUEST on a period that cannot be, NII_NOT_FOUND on a site of others */
export function getMeasure(
  deps: MeasuresDeps,
  actor: Actor,
  measure: Measure,
  asked: AskedMeasure,
): Promise<MeasureView> {
  return viewed(deps, actor, `measure ${measure}`, '', { ...asked }, async (tx) => {
    const counting = await countingOf(deps, tx, actor, asked);
    const scope = scopeOf(actor);
    const figures = await tx.countFigures(scope, measure, counting);
    const times = measure === 'times' ? timeRows(await tx.timesToSteps(scope, counting)) : [];
    const { now: _, ...shown } = counting;
    return { ...shown, counted: countedOf(figures), rows: [...rowsOf(measure, figures), ...times] };
  });
}

/** The scans that a figure counts. */
export function getCountedScans(
  deps: CountedScansDeps,
  actor: Actor,
  figure: FigureName,
  { atLeastSeconds, ...asked }: AskedMeasure & { readonly atLeastSeconds?: number },
  limit: number,
  cursor?: string,
): Promise<Page<CountedScan>> {
  return viewed(deps, actor, 'scans of a measure', '', { figure, ...asked }, async (tx) => {
    const counting = await countingOf(deps, tx, actor, asked);
    return tx.countedScans(
      scopeOf(actor),
      figure,
      { ...counting, ...defined({ atLeastSeconds }) },
      limit,
      cursor,
    );
  });
}

async function countingOf(
  { clock, policy }: CountingDeps,
  tx: Tx<'documentInForce'>,
  actor: Actor,
  { site, scanner, threshold, ...period }: AskedMeasure,
): Promise<Counting> {
  if (site !== undefined) placeFor(actor, site);
  const now = clock.now();
  const { highPercentile } = await policyOf(tx, actor.administration, policy);
  return {
    ...periodOf(period, now),
    ...defined({ site, scanner }),
    threshold: threshold ?? highPercentile,
    now: now.toISOString(),
  };
}

/** Of the whole period, what there is the most of. */
function countedOf(figures: readonly FiguresOfPart[]): number {
  const whole = figures.find(({ part }) => part.kind === 'whole');
  return Math.max(0, ...Object.values(whole?.counts ?? {}));
}

/** A row of one person. */
export interface PersonRow {
  readonly person: string;
  readonly figure: 'decisions' | 'suspect-rate' | 'agreement';
  readonly count: number;
  readonly of?: number;
  readonly value: number | null;
  readonly low?: number;
  readonly high?: number;
  readonly unit: 'decisions' | 'share';
}

export interface PersonsView extends Omit<Counting, 'now' | 'threshold'> {
  readonly purpose: string;
  readonly rows: readonly PersonRow[];
}

/**
 * Figures of single persons, where the policy says for what, for whom and for how long.
 * @param isForElsewhere - it leaves the service: persons get a name that nobody else can tell them by
 * @throws NII_PERSON_FIGURES, NII_FORBIDDEN
 */
export async function getPersonFigures(
  deps: PersonMeasuresDeps,
  actor: Actor,
  asked: Omit<AskedMeasure, 'threshold'>,
  isForElsewhere: boolean,
): Promise<PersonsView> {
  return deps.records.transaction(async (tx) => {
    const { personFigures } = await policyOf(tx, actor.administration, deps.policy);
    const { purpose, days } = allowedTo(actor, personFigures);
    const { now, threshold, ...counting } = await countingOf(deps, tx, actor, asked);
    const from = notBefore(counting.from, now, days);
    const place =
      from < counting.to ? await tx.countByPerson(scopeOf(actor), { ...counting, from, now, threshold }) : [];
    const key = isForElsewhere ? await tx.pseudonymKey() : undefined;
    await tx.audit({
      actor,
      action: 'view figures of persons',
      subject: '',
      detail: { purpose, ...asked, pseudonyms: isForElsewhere, persons: place.map(({ person }) => person) },
    });
    const nameOf = (person: string) =>
      key === undefined ? person : pseudonymOf(key, actor.administration, person);
    return {
      ...counting,
      from,
      purpose,
      rows: place.flatMap((one) => rowsOfPerson(one, nameOf(one.person))),
    };
  });
}

function allowedTo({ role }: Actor, figures: PersonFigures | undefined): PersonFigures {
  if (figures === undefined)
    throw new NiiError('NII_PERSON_FIGURES', 'The policy of this administration has no personFigures');
  if (figures.roles.some((one) => one === role)) return figures;
  const detail = `The policy lets ${figures.roles.join(' and ')} see figures for individual persons, but not ${role}`;
  throw new NiiError('NII_FORBIDDEN', detail);
}

const DAY_MS = 86_400_000;

function notBefore(from: string, now: string, days: number): string {
  const first = new Date(Date.parse(now) - days * DAY_MS).toISOString();
  return from < first ? first : from;
}

/** 96 bits: no two persons share one, and without the key nobody can try names. */
function pseudonymOf(key: string, administration: string, person: string): string {
  const hash = createHmac('sha256', key)
    .update(JSON.stringify([administration, person]))
    .digest('hex');
  return `reader-${hash.slice(0, 24)}`;
}

function rowsOfPerson(counts: PersonCounts, person: string): readonly PersonRow[] {
  const { decisions, suspect, firstReadings, agreed } = counts;
  const share = (figure: 'suspect-rate' | 'agreement', count: number, of: number): PersonRow => ({
    person,
    figure,
    count,
    of,
    ...(wilson(count, of) ?? { value: null }),
    unit: 'share',
  });
  return [
    { person, figure: 'decisions', count: decisions, value: decisions, unit: 'decisions' },
    share('suspect-rate', suspect, decisions),
    share('agreement', agreed, firstReadings),
  ];
}
