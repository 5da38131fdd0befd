import type { Case, VerdictKind } from '../../core/case/case.ts';
import { defined } from '../../core/defined.ts';
import type { OurCase, ScanReports } from '../../core/ports/records/station.ts';
import { type ClockSetting, trueTime } from '../../core/rules/clock.ts';
import type { AlarmDecision, ImportedReport } from '../../core/scan/scan.ts';
import { type StationDecision, stationWord } from '../../core/scanner/station.ts';
import { standingVerdict } from '../../triage/readings.ts';
import { isRedacted } from '../../triage/redact.ts';

/** What a vendor's station decided beside what is decided here, case by case. */

/** `undecided`: nobody has decided, readings disagree, or somebody may still read the image. */
export type OurWord = VerdictKind | 'undecided';

/** What the station said, from a file of it or from a report that came with the scan. */
export interface StationWord {
  readonly from: 'file' | 'report';
  readonly decision: VerdictKind;
  readonly written: string;
  /** RFC 3339 in UTC. */
  readonly at: string;
  readonly officer?: string;
  readonly container?: string;
  readonly scan?: string;
}

export interface ComparedCase {
  readonly caseId: string;
  readonly scanId: string;
  readonly unitId: string;
  readonly container?: string;
  readonly ours: OurWord;
  readonly station: StationWord;
}

export interface Comparison {
  readonly agree: number;
  readonly disagree: number;
  /** Cases that the station has decided, and this service not. */
  readonly undecided: number;
  /** Decisions of the station on what was not scanned here, or is no case. */
  readonly unmatched: readonly StationWord[];
  /** How often each pair of words was said. */
  readonly pairs: readonly { readonly ours: OurWord; readonly theirs: VerdictKind; readonly cases: number }[];
  readonly disagreements: readonly ComparedCase[];
}

/** The newest word of the station on each case counts. */
export function compare(words: readonly StationWord[], cases: readonly OurCase[]): Comparison {
  const newest = new Map<string, ComparedCase>();
  const unmatched: StationWord[] = [];
  const index = indexOf(cases);
  for (const station of words.toSorted((a, b) => (a.at < b.at ? -1 : Number(a.at > b.at)))) {
    const matched = casesOf(station, index);
    if (matched.length === 0) unmatched.push(station);
    for (const one of matched) newest.set(one.case.id, compared(one.case, station));
  }
  const all = [...newest.values()];
  const decided = all.filter(({ ours }) => ours !== 'undecided');
  const disagreements = decided.filter(({ ours, station }) => ours !== station.decision);
  return {
    agree: decided.length - disagreements.length,
    disagree: disagreements.length,
    undecided: all.length - decided.length,
    unmatched,
    pairs: pairsOf(all),
    disagreements,
  };
}

/** A decision by container is of the nearest scan of it within this time: a vehicle may come again. */
const CONTAINER_WINDOW_MS = 24 * 3_600_000;

function casesOf({ scan, container = '', at }: StationWord, index: CaseIndex): readonly OurCase[] {
  if (scan !== undefined) {
    const named = index.get(`scan ${scan.toLowerCase()}`) ?? [];
    const own = named.filter((one) => one.case.container === container);
    return own.length > 0 ? own : named;
  }
  const apart = (one: OurCase) => Math.abs(Date.parse(one.at) - Date.parse(at));
  const [nearest] = (index.get(`container ${container}`) ?? [])
    .filter((one) => apart(one) <= CONTAINER_WINDOW_MS)
    .toSorted((a, b) => apart(a) - apart(b));
  return nearest === undefined ? [] : [nearest];
}

/** Cases by what a station may call them. */
type CaseIndex = ReadonlyMap<string, readonly OurCase[]>;

function indexOf(cases: readonly OurCase[]): CaseIndex {
  const index = new Map<string, OurCase[]>();
  const add = (name: string, one: OurCase) => index.set(name, [...(index.get(name) ?? []), one]);
  for (const one of cases) {
    const { scanId, container } = one.case;
    for (const name of new Set([scanId, one.groupKey.toLowerCase()])) add(`scan ${name}`, one);
    if (container !== undefined) add(`container ${container}`, one);
  }
  return index;
}

function compared(ours: Case, station: StationWord): ComparedCase {
  const { id: caseId, scanId, unitId, container } = ours;
  return { caseId, scanId, unitId, ours: ourWord(ours), station, ...defined({ container }) };
}

/** Nothing of a case that somebody may still read. */
function ourWord(value: Case): OurWord {
  if (isRedacted(value)) return 'undecided';
  return standingVerdict(value)?.kind ?? 'undecided';
}

function pairsOf(all: readonly ComparedCase[]): Comparison['pairs'] {
  const counts = new Map<string, Comparison['pairs'][number]>();
  for (const { ours, station } of all) {
    const name = `${ours} ${station.decision}`;
    const before = counts.get(name)?.cases ?? 0;
    counts.set(name, { ours, theirs: station.decision, cases: before + 1 });
  }
  return [...counts.values()].toSorted((a, b) => b.cases - a.cases);
}

/** A line of a file of the station; times without a zone are of the site's. */
export function wordOfFile(given: StationDecision, clock: ClockSetting): StationWord | undefined {
  const { at, ...said } = given;
  const time = trueTime(at, clock);
  return time === undefined ? undefined : { ...said, from: 'file', at: time.at };
}

const kindOfReport: Readonly<Record<AlarmDecision, VerdictKind>> = {
  ALARM: 'suspect',
  CLEAR: 'normal',
  UNKNOWN: 'inconclusive',
};

/**
 * Reports of an operator of the station that came with a scan; those of machines decide nothing, and a word that nobody
 * here knows is not guessed at.
 */
export function wordsOfReports(
  { scanId, receivedAt, reports }: ScanReports,
  clock: ClockSetting,
): readonly StationWord[] {
  return reports.flatMap((report) => {
    const decision = report.type === 'OPERATOR' ? decisionIn(report) : undefined;
    if (decision === undefined) return [];
    const at = trueTime(report.at, clock)?.at ?? receivedAt;
    const written = report.verdict ?? report.decision;
    return [{ from: 'report', decision, written, at, scan: scanId, ...defined({ officer: report.by }) }];
  });
}

function decisionIn({ decision, verdict }: ImportedReport): VerdictKind | undefined {
  return decision === 'UNKNOWN' && verdict !== undefined ? stationWord(verdict) : kindOfReport[decision];
}
