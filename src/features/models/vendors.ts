import { type Actor, placeOf } from '../../core/access.ts';
import type { OutcomeKind, VerdictKind } from '../../core/case/case.ts';
import { algorithmOf } from '../../core/case/vendor-report.ts';
import { defined } from '../../core/defined.ts';
import { wilson } from '../../core/measures/statistics.ts';
import type { Clock } from '../../core/ports/process.ts';
import type { VendorScan } from '../../core/ports/records/models.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { AlarmDecision } from '../../core/scan/scan.ts';
import { type Viewing, viewed } from '../../queries/read.ts';

const DAY_MS = 86_400_000;
/** The newest scans that are looked at. */
const MOST_SCANS = 20_000;
/** Names come from files: more of them are not listed. */
const MOST_ALGORITHMS = 100;

/** What people may have found, as far as an alarm can be right or wrong about it. */
const verdicts = ['suspect', 'normal'] as const satisfies readonly VerdictKind[];
const outcomes = ['found', 'nothing-found'] as const satisfies readonly OutcomeKind[];

/** A count with its share, and the 95 % interval of Wilson; the share is absent where nothing was counted. */
export interface Share {
  readonly count: number;
  readonly of: number;
  readonly value?: number;
  readonly low?: number;
  readonly high?: number;
}

/** Alarms on the scans of which people found this. */
interface ByFinding<Said> {
  readonly verdicts: readonly ({ readonly verdict: (typeof verdicts)[number] } & Said)[];
  readonly outcomes: readonly ({ readonly outcome: (typeof outcomes)[number] } & Said)[];
}

/** One of our models beside the algorithm, on the scans of which it decided and at which the model looked. */
interface BesideModel extends ByFinding<{ readonly vendor: Share; readonly model: Share }> {
  /** id@version */
  readonly model: string;
  readonly bothAlarm: number;
  readonly vendorOnly: number;
  readonly modelOnly: number;
  readonly neither: number;
  /** Both alarm, or neither. */
  readonly agreement: Share;
}

export interface VendorFigures extends ByFinding<{ readonly alarms: Share }> {
  readonly algorithm: string;
  /** With a report of it. */
  readonly scans: number;
  /** Of these: it said neither ALARM nor CLEAR, so they count nowhere below. */
  readonly undecided: number;
  readonly alarms: Share;
  /** The most scans first. */
  readonly models: readonly BesideModel[];
}

export interface CompareVendorsDeps extends Viewing<Tx<'vendorScans'>> {
  readonly clock: Clock;
}

/**
 * How algorithms of vendors do, beside our models and what people found, at the sites of the key; that with the most
 * scans first.
 * @param days - how many, 1 to 90
 */
export async function compareVendors(
  { clock, ...deps }: CompareVendorsDeps,
  actor: Actor,
  days: number,
): Promise<readonly VendorFigures[]> {
  const from = new Date(clock.now().getTime() - days * DAY_MS).toISOString();
  const scans = await viewed(deps, actor, 'vendor algorithms', '', { days }, (tx) =>
    tx.vendorScans(placeOf(actor), from, MOST_SCANS),
  );
  return vendorFigures(scans);
}

/** One algorithm on one scan. */
interface Said extends VendorScan {
  readonly decision: AlarmDecision;
}

interface Decided extends Said {
  readonly alarm: boolean;
}

export function vendorFigures(scans: readonly VendorScan[]): readonly VendorFigures[] {
  const said = new Map<string, Said[]>();
  for (const scan of scans)
    for (const [algorithm, decision] of decisionsOn(scan)) {
      const before = said.get(algorithm) ?? [];
      before.push({ ...scan, decision });
      said.set(algorithm, before);
    }
  return [...said]
    .toSorted(([a, ofA], [b, ofB]) => ofB.length - ofA.length || (a < b ? -1 : 1))
    .slice(0, MOST_ALGORITHMS)
    .map(([algorithm, own]) => figuresOf(algorithm, own));
}

/** What each algorithm says of a scan: of several reports an alarm in any is one, and it is clear where all say so. */
function decisionsOn({ reports }: VendorScan): ReadonlyMap<string, AlarmDecision> {
  const found = new Map<string, AlarmDecision>();
  for (const report of reports) {
    if (report.type !== 'MACHINE') continue;
    const algorithm = algorithmOf(report);
    found.set(algorithm, strictest(found.get(algorithm), report.decision));
  }
  return found;
}

function strictest(one: AlarmDecision | undefined, other: AlarmDecision): AlarmDecision {
  if (one === undefined || one === other) return other;
  return one === 'ALARM' || other === 'ALARM' ? 'ALARM' : 'UNKNOWN';
}

function figuresOf(algorithm: string, said: readonly Said[]): VendorFigures {
  const decided = said
    .filter(({ decision }) => decision !== 'UNKNOWN')
    .map((scan): Decided => ({ ...scan, alarm: scan.decision === 'ALARM' }));
  return {
    algorithm,
    scans: said.length,
    undecided: said.length - decided.length,
    alarms: alarmsOf(decided),
    ...byFinding(decided, (some) => ({ alarms: alarmsOf(some) })),
    models: besideModels(decided),
  };
}

function besideModels(decided: readonly Decided[]): readonly BesideModel[] {
  const names = new Set(decided.flatMap(({ models }) => models.map(({ model }) => model)));
  return [...names]
    .map((model) => besideModel(model, decided))
    .toSorted((a, b) => b.agreement.of - a.agreement.of || (a.model < b.model ? -1 : 1));
}

interface Seen extends Decided {
  readonly ofModel: boolean;
}

function besideModel(model: string, decided: readonly Decided[]): BesideModel {
  const seen = decided.flatMap((scan): readonly Seen[] => {
    const found = scan.models.find((one) => one.model === model);
    return found === undefined ? [] : [{ ...scan, ofModel: found.alarm }];
  });
  const count = (vendor: boolean, ours: boolean) =>
    seen.filter(({ alarm, ofModel }) => alarm === vendor && ofModel === ours).length;
  const [bothAlarm, neither] = [count(true, true), count(false, false)];
  return {
    model,
    bothAlarm,
    vendorOnly: count(true, false),
    modelOnly: count(false, true),
    neither,
    agreement: shareOf(bothAlarm + neither, seen.length),
    ...byFinding(seen, (some) => ({
      vendor: alarmsOf(some),
      model: shareOf(some.filter(({ ofModel }) => ofModel).length, some.length),
    })),
  };
}

function byFinding<Scan extends VendorScan, Said>(
  scans: readonly Scan[],
  say: (some: readonly Scan[]) => Said,
): ByFinding<Said> {
  return {
    verdicts: verdicts.map((verdict) => ({
      verdict,
      ...say(scans.filter((scan) => scan.verdict === verdict)),
    })),
    outcomes: outcomes.map((outcome) => ({
      outcome,
      ...say(scans.filter((scan) => scan.outcome === outcome)),
    })),
  };
}

function alarmsOf(scans: readonly Decided[]): Share {
  return shareOf(scans.filter(({ alarm }) => alarm).length, scans.length);
}

function shareOf(count: number, of: number): Share {
  return { count, of, ...defined({ ...wilson(count, of) }) };
}
