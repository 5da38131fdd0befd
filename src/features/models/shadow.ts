import { type Actor, placeOf } from '../../core/access.ts';
import {
  type OutcomeKind,
  OutcomeKind as Outcomes,
  type VerdictKind,
  VerdictKind as Verdicts,
} from '../../core/case/case.ts';
import type { Analysis } from '../../core/case/finding.ts';
import { defined } from '../../core/defined.ts';
import type { ShadowPair } from '../../core/ports/records/models.ts';
import type { Tx } from '../../core/ports/records.ts';
import { type Viewing, viewed } from '../../queries/read.ts';
import { highestOf, type LookedAt, type Percentiles, percentilesAmong } from './percentiles.ts';

/** The newest scans that are compared. */
const MOST_PAIRS = 5_000;
const MOST_DISAGREEMENTS = 200;
const MOST_FURTHEST = 20;
const LEVELS = [0.1, 0.5, 0.9, 0.99] as const;

/** Of the highest score of each scan; empty where no scan has one. */
interface Quantiles {
  readonly p10?: number;
  readonly p50?: number;
  readonly p90?: number;
  readonly p99?: number;
}

interface Side {
  /** Scans on which it looked. */
  readonly analysed: number;
  /** Share of these that were an alarm. */
  readonly alarmRate?: number;
  readonly scores: Quantiles;
}

interface Alarms {
  readonly scans: number;
  readonly active: number;
  readonly shadow: number;
}

/** One scan as both saw it, by its unit with the highest score. */
interface SeenByBoth {
  readonly scanId: string;
  readonly revision: number;
  readonly activeScore: number;
  readonly shadowScore: number;
  /** Each of the same sort where that is possible, 0 to 100: see `percentilesAmong`. */
  readonly activePercentile: number;
  readonly shadowPercentile: number;
  readonly verdict?: VerdictKind;
  readonly outcome?: OutcomeKind;
}

interface Disagreement extends SeenByBoth {
  /** Which of the two raised an alarm. */
  readonly alarm: 'active' | 'shadow';
}

interface FarApart extends SeenByBoth {
  readonly alarm: 'both' | 'active' | 'shadow' | 'neither';
}

/** A version in shadow beside what scored the same scans. */
export interface ShadowComparison {
  readonly scans: number;
  readonly active: Side;
  readonly shadow: Side;
  /** Of the scans on which both looked. */
  readonly both: {
    readonly scans: number;
    readonly bothAlarm: number;
    readonly activeOnly: number;
    readonly shadowOnly: number;
    readonly neither: number;
    /** Share on which they agree. */
    readonly agreement?: number;
  };
  readonly verdicts: readonly (Alarms & { readonly verdict: VerdictKind })[];
  readonly outcomes: readonly (Alarms & { readonly outcome: OutcomeKind })[];
  /** The newest first. */
  readonly disagreements: readonly Disagreement[];
  /**
   * The scans whose percentiles differ most, the widest gap first: scores of two versions have no common scale. Scans
   * whose percentiles are not alike are left out.
   */
  readonly furthestApart: readonly FarApart[];
}

/** Of the scans that the key may see, all sites or one. */
export function compareShadow(
  deps: Viewing<Tx<'shadowPairs'>>,
  actor: Actor,
  id: string,
  version: string,
): Promise<ShadowComparison> {
  const wanted = { id, version };
  return viewed(deps, actor, 'shadow', `model ${id}`, { version }, async (tx) =>
    comparisonOf(await tx.shadowPairs(placeOf(actor), wanted, MOST_PAIRS)),
  );
}

/** The sums, of pairs with the newest first. */
function comparisonOf(pairs: readonly ShadowPair[]): ShadowComparison {
  const both = pairs.filter((pair): pair is LookedAt => hasLooked(pair.active) && hasLooked(pair.shadow));
  const percentiles = percentilesAmong(both);
  return {
    scans: pairs.length,
    active: sideOf(pairs.flatMap(({ active }) => active ?? [])),
    shadow: sideOf(pairs.map(({ shadow }) => shadow)),
    both: agreementOf(both),
    verdicts: Verdicts.enum.map((verdict) => ({
      verdict,
      ...alarmsOf(both.filter((pair) => pair.verdict === verdict)),
    })),
    outcomes: Outcomes.enum.map((outcome) => ({
      outcome,
      ...alarmsOf(both.filter((pair) => pair.outcome === outcome)),
    })),
    disagreements: both
      .filter(({ active, shadow }) => isAlarm(active) !== isAlarm(shadow))
      .slice(0, MOST_DISAGREEMENTS)
      .map((pair) => ({
        ...seenByBoth(pair, percentiles(pair)),
        alarm: isAlarm(pair.active) ? 'active' : 'shadow',
      })),
    furthestApart: furthestApart(both, percentiles),
  };
}

function agreementOf(both: readonly LookedAt[]): ShadowComparison['both'] {
  const count = (alarm: FarApart['alarm']) =>
    both.filter(({ active, shadow }) => whoseAlarm(isAlarm(active), isAlarm(shadow)) === alarm).length;
  const [bothAlarm, activeOnly, shadowOnly, neither] = [
    count('both'),
    count('active'),
    count('shadow'),
    count('neither'),
  ];
  const agreement = shareOf(bothAlarm + neither, both.length);
  return { scans: both.length, bothAlarm, activeOnly, shadowOnly, neither, ...defined({ agreement }) };
}

function alarmsOf(pairs: readonly LookedAt[]): Alarms {
  return {
    scans: pairs.length,
    active: pairs.filter(({ active }) => isAlarm(active)).length,
    shadow: pairs.filter(({ shadow }) => isAlarm(shadow)).length,
  };
}

function furthestApart(
  both: readonly LookedAt[],
  percentiles: (pair: LookedAt) => Percentiles,
): readonly FarApart[] {
  const gapOf = ({ activePercentile, shadowPercentile }: SeenByBoth) =>
    Math.abs(activePercentile - shadowPercentile);
  return both
    .filter((pair) => percentiles(pair).isAlike)
    .map((pair) => ({
      ...seenByBoth(pair, percentiles(pair)),
      alarm: whoseAlarm(isAlarm(pair.active), isAlarm(pair.shadow)),
    }))
    .filter((one) => gapOf(one) > 0)
    .toSorted((a, b) => gapOf(b) - gapOf(a))
    .slice(0, MOST_FURTHEST);
}

function whoseAlarm(active: boolean, shadow: boolean): FarApart['alarm'] {
  if (active) return shadow ? 'both' : 'active';
  return shadow ? 'shadow' : 'neither';
}

function seenByBoth(
  { scanId, revision, active, shadow, verdict, outcome }: LookedAt,
  percentiles: Percentiles,
): SeenByBoth {
  return {
    scanId,
    revision,
    activeScore: highestOf(active).score,
    shadowScore: highestOf(shadow).score,
    activePercentile: percentiles.active,
    shadowPercentile: percentiles.shadow,
    ...defined({ verdict, outcome }),
  };
}

function sideOf(analyses: readonly Analysis[]): Side {
  const looked = analyses.filter(hasLooked);
  const alarmRate = shareOf(looked.filter(isAlarm).length, looked.length);
  return { analysed: looked.length, ...defined({ alarmRate }), scores: quantilesOf(looked.map(scoreOf)) };
}

function hasLooked(analysis: Analysis | undefined): analysis is Analysis {
  return analysis?.status === 'analysed' && analysis.units.length > 0;
}

function isAlarm({ alarm }: Analysis): boolean {
  return alarm === true;
}

function scoreOf(analysis: Analysis): number {
  return highestOf(analysis).score;
}

/** Each by the nearest rank. */
function quantilesOf(scores: readonly number[]): Quantiles {
  const sorted = scores.filter(Number.isFinite).toSorted((a, b) => a - b);
  const [p10, p50, p90, p99] = LEVELS.map(
    (level) => sorted[Math.max(0, Math.ceil(level * sorted.length) - 1)],
  );
  return defined({ p10, p50, p90, p99 });
}

function shareOf(count: number, all: number): number | undefined {
  return all === 0 ? undefined : count / all;
}
