import type { LaneReason } from '../core/case/lane.ts';
import { containerState, normaliseContainer } from '../core/check-digits.ts';
import { type ClockSetting, isZone } from '../core/rules/clock.ts';
import { type PairWindow, type SiteTerms, type TimeWindow, unsetSite } from '../core/rules/site.ts';
import type { ScannerClock } from '../core/scanner/register.ts';
import { areOtherLanes } from './alarm-near.ts';
import { defaultPolicy, SHORTEST_ALARM_WINDOW_MINUTES, type TriagePolicy } from './policy.ts';

/** Everything that is decided where something happens: the policy, the site, and the clocks there. */
export interface SiteRules {
  readonly policy: TriagePolicy;
  readonly site: SiteTerms;
  /** Of those scanners and portals of which something is said. */
  readonly clocks: ReadonlyMap<string, ScannerClock>;
  /** The site itself and its sister sites. Only the site itself unless given. */
  readonly sites?: readonly string[];
}

/** What counts where nobody has decided anything. */
export const undecided: SiteRules = { policy: defaultPolicy, site: unsetSite, clocks: new Map() };

/** A portal, as far as its record tells. */
export interface Portal {
  readonly lane?: string;
  /** Serial number, or name. */
  readonly portal?: string;
}

/** How the times of a scanner or portal are to be read: by its own setting, else by that of the site. */
export function clockOf({ site, clocks }: SiteRules, scanner: string): ClockSetting {
  const own: ScannerClock = clocks.get(scanner) ?? {};
  const { zone = site.zone, clockOffsetSeconds: offsetSeconds = 0 } = own;
  return zone === undefined ? { offsetSeconds } : { zone, offsetSeconds };
}

/** Every clock of the site that may have written a time. */
export function clocksAt(rules: SiteRules): readonly ClockSetting[] {
  return ['', ...rules.clocks.keys()].map((scanner) => clockOf(rules, scanner));
}

/** When this scanner scans what this portal saw; undefined where no pair is decided for them. */
export function pairWindow(
  { site }: Pick<SiteRules, 'site'>,
  portal: Portal,
  scanner: string,
): TimeWindow | undefined {
  const pairs = site.windows.filter((pair) => pair.scanner === scanner && isOf(pair.portal, portal));
  return pairs.length === 0 ? undefined : widest(pairs);
}

/** The site has said where each of them belongs, and it is not to the other: names of lanes are compared only then. */
export function arePairedApart(
  { site: { windows } }: Pick<SiteRules, 'site'>,
  portal: Portal,
  scanner: string,
): boolean {
  const ofPortal = windows.filter((pair) => isOf(pair.portal, portal));
  const isWithScanner = (pair: PairWindow) => pair.scanner === scanner;
  return ofPortal.length > 0 && windows.some(isWithScanner) && !ofPortal.some(isWithScanner);
}

function isOf(named: PairWindow['portal'], { lane, portal }: Portal): boolean {
  const isLane = named.lane === undefined || (lane !== undefined && !areOtherLanes(named.lane, lane));
  return isLane && (named.serial === undefined || named.serial === portal);
}

/** From the earliest of them to the latest. */
export function widest(windows: readonly TimeWindow[]): TimeWindow {
  return {
    fromSeconds: Math.min(...windows.map(({ fromSeconds }) => fromSeconds)),
    toSeconds: Math.max(...windows.map(({ toSeconds }) => toSeconds)),
  };
}

export function around(seconds: number): TimeWindow {
  return { fromSeconds: -seconds, toSeconds: seconds };
}

/** How long before and after an alarm the scans around it hold, where no pair says more. */
export function alarmWindow({ site, policy }: Pick<SiteRules, 'site' | 'policy'>): TimeWindow {
  return around(60 * (site.alarmWindowMinutes ?? policy.alarmWindowMinutes));
}

/** What a site must not say, because something could proceed otherwise that a row of the table of instructions holds. */
interface BrokenTerm {
  readonly field: string;
  readonly detail: string;
  readonly row?: LaneReason;
}

/** A shorter one would be a guess to the minute of how long drivers take. */
const SHORTEST_PAIR_SECONDS = 60;

/** The first of the terms that cannot be. */
export function brokenTerm({
  zone,
  alarmWindowMinutes,
  windows,
  noMarks = [],
}: SiteTerms): BrokenTerm | undefined {
  if (zone !== undefined && !isZone(zone)) return { field: 'zone', detail: unknownZone(zone) };
  const container = noMarks.find((one) => isContainer(normaliseContainer(one)));
  if (container !== undefined) {
    const detail = `Invalid noMarks "${container}": it is the number of a container, and vehicles are known by it`;
    return { field: 'noMarks', detail, row: 'mark-unclear' };
  }
  if (alarmWindowMinutes !== undefined && alarmWindowMinutes < SHORTEST_ALARM_WINDOW_MINUTES) {
    const detail = `Invalid alarmWindowMinutes ${alarmWindowMinutes}: use ${SHORTEST_ALARM_WINDOW_MINUTES} or more; otherwise no vehicle would be near an alarm`;
    return { field: 'alarmWindowMinutes', detail, row: 'alarm-near' };
  }
  const at = windows.findIndex(
    ({ fromSeconds, toSeconds }) => toSeconds - fromSeconds < SHORTEST_PAIR_SECONDS,
  );
  if (at === -1) return undefined;
  const detail = `Invalid windows.${at}: toSeconds must be ${SHORTEST_PAIR_SECONDS} or more after fromSeconds; otherwise no vehicle would be near an alarm`;
  return { field: `windows.${at}`, detail, row: 'alarm-near' };
}

export function unknownZone(zone: string): string {
  return `Invalid zone "${zone}": use a name from the IANA time zone database, such as Europe/Amsterdam`;
}

/**
 * The fields by which a change may let more pass, or sooner. In parallel mode the lane is told nothing, so there is only
 * one: that it begins or ends. Another zone moves every time that says none away from the alarms.
 */
export function loosenedTerms(
  before: SiteTerms,
  after: SiteTerms,
  policy: Pick<TriagePolicy, 'alarmWindowMinutes' | 'undoWindowSeconds'>,
): readonly string[] {
  if (before.mode !== after.mode) return ['mode'];
  // what it knows of a vehicle holds at its sister sites
  if (after.mode === 'parallel' && (before.sisterSites ?? []).length === 0) return [];
  const minutes = ({ alarmWindowMinutes = policy.alarmWindowMinutes }: SiteTerms) => alarmWindowMinutes;
  const sooner = undoWindowSecondsAt(after, policy) < undoWindowSecondsAt(before, policy);
  const shorter = [
    ...(before.zone !== after.zone ? ['zone'] : []),
    ...(before.fallback !== undefined && before.fallback !== after.fallback ? ['fallback'] : []),
    ...(minutes(after) < minutes(before) ? ['alarmWindowMinutes'] : []),
    ...(sooner ? ['undoWindowSeconds'] : []),
    ...(addsNoMark(before, after) ? ['noMarks'] : []),
    // a longer lateMinutes only delays a notice
    ...(lacks(before.sisterSites, after.sisterSites) ? ['sisterSites'] : []),
    ...(lacks(before.requiredControls, after.requiredControls) ? ['requiredControls'] : []),
  ];
  const held = (terms: SiteTerms, pair: PairWindow) =>
    terms.windows.find((one) => nameOf(one) === nameOf(pair)) ?? around(60 * minutes(terms));
  const pairs = [...before.windows, ...after.windows];
  const isNarrower = pairs.some((pair) => !holdsAll(held(after, pair), held(before, pair)));
  return isNarrower || arePairedAnew(before, after) ? [...shorter, 'windows'] : shorter;
}

/**
 * Another pair, or another window of one, makes other joins by time sure, and names of lanes count; without one of several, they count
 * where it stood.
 */
function arePairedAnew(before: SiteTerms, after: SiteTerms): boolean {
  const textOf = (pair: PairWindow) => `${nameOf(pair)} ${pair.fromSeconds} ${pair.toSeconds}`;
  const [were, are] = [before.windows.map(textOf), after.windows.map(textOf)];
  return are.length > 0 && (lacks(are, were) || lacks(were, are));
}

/** One in eleven container numbers has a check digit that says less, and is a number all the same. */
function isContainer(value: string): boolean {
  return ['valid', 'ambiguous-check-digit'].includes(containerState(value));
}

/** A vehicle would no longer be known by it. */
function addsNoMark({ noMarks: before = [] }: SiteTerms, { noMarks: after = [] }: SiteTerms): boolean {
  const known = new Set(before.map(normaliseContainer));
  return after.some((mark) => !known.has(normaliseContainer(mark)));
}

function lacks(before: readonly string[] = [], after: readonly string[] = []): boolean {
  return before.some((one) => !after.includes(one));
}

/** For how many seconds a verdict may be taken back. */
export function undoWindowSecondsAt(
  { undoWindowSeconds }: SiteTerms,
  policy: Pick<TriagePolicy, 'undoWindowSeconds'>,
): number {
  return undoWindowSeconds ?? policy.undoWindowSeconds;
}

function nameOf({ portal, scanner }: PairWindow): string {
  return JSON.stringify([portal.lane, portal.serial, scanner]);
}

function holdsAll(window: TimeWindow, of: TimeWindow): boolean {
  return window.fromSeconds <= of.fromSeconds && window.toSeconds >= of.toSeconds;
}
