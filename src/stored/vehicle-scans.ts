import type { Scope } from '../core/access.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Hold } from '../core/radiation/hold.ts';
import { holdStates } from '../core/radiation/hold-states.ts';
import { nameOf } from '../core/rules/check-in.ts';
import { daysOfVisit, VEHICLE_DAYS } from '../core/rules/policy.ts';
import { isNoMark } from '../core/rules/site.ts';
import { type Mark, type MarkKind, markOf } from '../core/rules/vehicle-hold.ts';
import type { ScanRow } from '../core/scan/stored-scan.ts';
import { settleAll } from '../core/settle-all.ts';
import { timesOfScan } from '../triage/check-ins.ts';
import type { SiteRules } from '../triage/site-rules.ts';
import { visitWindow } from '../triage/visit.ts';
import {
  type CheckInsOfVehicle,
  checkInsOf,
  knownByScans,
  marksOfCheckIns,
  type Places,
} from './check-ins.ts';

/** Which scans are of one vehicle: those of its visit, those that name one of its containers, and those that check-ins link to it. */

const DAY_MS = 86_400_000;
const END_OF_TIME = '9999-12-31T00:00:00.000Z';

/** A container is scanned a few times in its days. A number that more scans share is hardly that of one container. */
export const MOST_OF_CONTAINER = 16;
/** A plate is asked for without a time, and a truck comes daily. */
const MOST_OF_PLATE = 200;
/** A visit may be a train that is scanned wagon by wagon. */
export const MOST_OF_VISIT = 128;

export interface ScansOfMark {
  readonly scans: readonly ScanRow[];
  /** More scans share the mark than one vehicle can have. None is looked at: the vehicle is held. */
  readonly isUnclear: boolean;
}

type Windows = readonly (readonly [from: string, to: string])[];
type ScansTx = Tx<'scansOfVisit' | 'scansNamingContainers'>;

/** Around the times at which a scan was made and received: a clock may be wrong by years. */
function timesAround({ acquiredAt, receivedAt }: ScanRow): readonly string[] {
  return [acquiredAt ?? receivedAt, receivedAt];
}

/** Around each of these times; those that overlap are one. */
function around(times: readonly string[], window: (time: string) => Windows[number]): Windows {
  const windows: (readonly [from: string, to: string])[] = [];
  for (const [from, to] of times.toSorted(byTime).map(window)) {
    const last = windows.at(-1);
    if (last !== undefined && from <= last[1]) windows[windows.length - 1] = [last[0], to];
    else windows.push([from, to]);
  }
  return windows;
}

function byTime(a: string, b: string): number {
  return Date.parse(a) - Date.parse(b);
}

/** The days for which what is open against a vehicle holds it, around a time. */
export function vehicleWindow(
  time: string,
  { policy: { vehicleDays = VEHICLE_DAYS } }: Pick<SiteRules, 'policy'>,
): Windows[number] {
  return daysAround(time, vehicleDays);
}

function daysAround(time: string, days: number): Windows[number] {
  const at = Date.parse(time);
  return [new Date(at - days * DAY_MS).toISOString(), new Date(at + days * DAY_MS).toISOString()];
}

/** When an alarm holds the vehicle that officers have named: until the alarm ends, and for the days of the policy after that. */
export function daysOfHold(hold: Hold, rules: Pick<SiteRules, 'policy'>): Windows[number] {
  const { openedAt, passage: { from = openedAt, receivedAt = openedAt } = {}, history } = hold;
  const last = history.at(-1)?.at ?? openedAt;
  const [first = openedAt] = [openedAt, from, receivedAt].toSorted(byTime);
  const [begin] = vehicleWindow(first, rules);
  const [, end] = vehicleWindow(last, rules);
  return [begin, holdStates[hold.state].isHolding ? END_OF_TIME : end];
}

/** The site of a vehicle with its sister sites. */
export function placesOf({ administration, site }: Scope, { sites = [site] }: SiteRules): Places {
  return { administration, sites };
}

/** Scans and radiation records of the visit of a scan, with itself; none where it has no visit id. */
export function scansOfVisit(tx: Tx<'scansOfVisit'>, scan: ScanRow, rules: SiteRules): Promise<ScansOfMark> {
  return scansWithVisit(tx, scan, around(timesAround(scan), visitWindow), rules);
}

async function scansWithVisit(
  tx: Tx<'scansOfVisit'>,
  scan: ScanRow,
  windows: Windows,
  { site, policy }: SiteRules,
): Promise<ScansOfMark> {
  const { visit } = scan;
  if (visit === undefined || isNoMark(site, visit)) return { scans: [], isUnclear: false };
  return inWindows(
    windows,
    (window) => tx.scansOfVisit(scan, visit, ...window, MOST_OF_VISIT + 1, policy.queuedPurposes),
    MOST_OF_VISIT,
  );
}

async function inWindows(
  windows: Windows,
  read: (window: Windows[number]) => Promise<readonly ScanRow[]>,
  most: number,
): Promise<ScansOfMark> {
  const all = (await settleAll(windows.map(read))).flat();
  const found = new Map(all.map((one) => [one.id, one]));
  const isUnclear = found.size > most;
  return { scans: isUnclear ? [] : [...found.values()], isUnclear };
}

/** What a vehicle is known by, and what it was seen in. */
export interface Vehicle extends CheckInsOfVehicle, ScansOfMark {
  /** Of its scans and of its check-ins. */
  readonly marks: readonly Mark[];
}

function eachOnce(marks: readonly Mark[]): readonly Mark[] {
  return [...new Map(marks.map((mark) => [nameOf(mark), mark])).values()];
}

/** A truck has a few containers, and each comes on a few journeys in its days; a train has many. */
const MOST_MARKS = 48;
const MOST_FOR_EACH = 4;
const MOST_ROUNDS = 6;

/**
 * The vehicle of the scans of one visit, at the site and its sister sites: with every scan and check-in that shares a container or
 * a visit with it, or with one of these. What is open against one of them holds all.
 * @param at - when the lane asks: what was made, received or opened in the days before counts, however old the scan is that it asks by
 */
export async function vehicleOf(
  tx: ScansTx & Tx<'checkInsNaming'>,
  scan: ScanRow,
  own: readonly ScanRow[],
  rules: SiteRules,
  at?: Date,
): Promise<Vehicle> {
  const { vehicleDays: days = VEHICLE_DAYS } = rules.policy;
  const isStrong = ({ kind, value }: Mark) => kind !== 'plate' && !isNoMark(rules.site, value);
  const asked = at === undefined ? [] : [at];
  const times = [...knownByScans(own).times, ...asked.map(Number)];
  const moments = [...timesAround(scan), ...asked.map((time) => time.toISOString())];
  const scans = new Map<string, ScanRow>();
  const checkIns = new Map<string, CheckInsOfVehicle['checkIns'][number]>();
  const marks = new Map<string, Mark>();
  let [isUnclear, isCut] = [false, false];
  let fresh = knownByScans(own).marks.filter(isStrong);
  const most = MOST_MARKS + MOST_FOR_EACH * fresh.length;
  for (let round = 0; fresh.length > 0 && !isUnclear; round += 1) {
    for (const mark of fresh) marks.set(nameOf(mark), mark);
    const [found, seen] = await settleAll([
      checkInsOf(tx, placesOf(scan, rules), fresh, times, days),
      scansOfMarks(tx, scan, fresh, rules, moments),
    ]);
    for (const one of found.checkIns) checkIns.set(one.id, one);
    for (const one of seen.scans) scans.set(one.id, one);
    isCut ||= found.isCut;
    const named = [...marksOfCheckIns(found.checkIns), ...knownByScans(followed(own, seen.scans)).marks];
    fresh = eachOnce(named).filter((one) => isStrong(one) && !marks.has(nameOf(one)));
    isUnclear = seen.isUnclear || (fresh.length > 0 && (round === MOST_ROUNDS || marks.size > most));
  }
  const all = [...own, ...(isUnclear ? [] : scans.values())];
  const written = [
    ...knownByScans(all).marks,
    ...all.flatMap(platesOf),
    ...marksOfCheckIns([...checkIns.values()]),
  ];
  for (const mark of written) marks.set(nameOf(mark), mark);
  return {
    checkIns: [...checkIns.values()],
    isCut,
    marks: [...marks.values()],
    scans: isUnclear ? [] : [...scans.values()],
    isUnclear,
  };
}

/** More containers than a truck carries. */
const MOST_OF_TRUCK = 8;

/** What is open against a train holds a container of it. The trucks of its other containers are other vehicles. */
function followed(own: readonly ScanRow[], seen: readonly ScanRow[]): readonly ScanRow[] {
  const ownVisits = new Set(own.map(({ visit }) => visit));
  const containersOf = new Map<string, Set<string>>();
  for (const { visit, containers } of seen) {
    if (visit === undefined || ownVisits.has(visit)) continue;
    const known = containersOf.get(visit) ?? new Set();
    containersOf.set(visit, new Set([...known, ...containers]));
  }
  const isOfTrain = (visit: string) => (containersOf.get(visit)?.size ?? 0) > MOST_OF_TRUCK;
  return seen.filter(({ visit }) => visit === undefined || !isOfTrain(visit));
}

const PLATE = 'plate:';

/** As the scan states them. */
function platesOf({ terms }: ScanRow): readonly Mark[] {
  const plates = terms.filter((term) => term.startsWith(PLATE));
  return plates.map((term) => markOf('plate', term.slice(PLATE.length)));
}

/** Scans that name one of the marks and were made or received, or are being searched since, within the days of the policy around the times. */
async function scansOfMarks(
  tx: ScansTx,
  scan: ScanRow,
  marks: readonly Mark[],
  rules: SiteRules,
  times: readonly string[],
): Promise<ScansOfMark> {
  const { administration, sites } = placesOf(scan, rules);
  const containers = valuesOf(marks, 'container');
  const windows = around(times, (time) => vehicleWindow(time, rules));
  const visitWindows = around(times, (time) => daysAround(time, daysOfVisit(rules.policy)));
  const most = MOST_OF_CONTAINER * containers.length;
  const works = sites.flatMap((site) => {
    const ofContainers = (window: Windows[number]) => {
      const place = { administration, site };
      return tx.scansNamingContainers(place, containers, ...window, most + 1, rules.policy.queuedPurposes);
    };
    return [
      ...(containers.length > 0 ? [inWindows(windows, ofContainers, most)] : []),
      ...valuesOf(marks, 'visit').map((visit) =>
        scansWithVisit(tx, { ...scan, site, visit }, visitWindows, rules),
      ),
    ];
  });
  const found = await settleAll(works);
  const scans = found.flatMap((one) => one.scans);
  return {
    scans: [...new Map(scans.map((one) => [one.id, one])).values()],
    isUnclear: found.some((one) => one.isUnclear),
  };
}

function valuesOf(marks: readonly Mark[], wanted: MarkKind): readonly string[] {
  const values = marks.filter(({ kind }) => kind === wanted).map(({ value }) => value);
  return [...new Set(values)];
}

export type AlongTx = ScansTx & Tx<'checkInsNaming'>;

/** All that the lane is told of anew when something of this scan has changed: the scans of its vehicle. */
export async function scansAlong(tx: AlongTx, scan: ScanRow, rules: SiteRules): Promise<readonly ScanRow[]> {
  const ofVisit = [scan, ...(await scansOfVisit(tx, scan, rules)).scans];
  const { scans } = await vehicleOf(tx, scan, ofVisit, rules);
  return [...new Map([...ofVisit, ...scans].map((one) => [one.id, one] as const)).values()];
}

/** Scans that a mark leads to. */
export interface ScansByMark {
  /** Of each mark that carries one: those with it, the newest received first. The mark that was asked for stands first. */
  readonly ofEach: readonly (readonly ScanRow[])[];
  /** Some scan carries the mark itself, and not one that a check-in states beside it. */
  readonly isCarried: boolean;
  /** More check-ins name it than are read. */
  readonly isCut: boolean;
}

/**
 * Scans of the site and its sister sites with this mark, and with each that a check-in states beside it.
 * @param window - in which they were made or received; unless given, the days of the policy around now
 */
export async function scansByMark(
  tx: AlongTx & Tx<'scans'>,
  place: Scope,
  mark: Mark,
  rules: SiteRules,
  at: Date,
  window: Windows[number] = vehicleWindow(at.toISOString(), rules),
): Promise<ScansByMark> {
  const places = placesOf(place, rules);
  const { vehicleDays: days = VEHICLE_DAYS } = rules.policy;
  const { checkIns, isCut } = await checkInsOf(tx, places, [mark], [at.getTime()], days);
  const marks = new Map([mark, ...marksOfCheckIns(checkIns)].map((one) => [nameOf(one), one]));
  const ofEach: (readonly ScanRow[])[] = [];
  for (const one of marks.values()) {
    const found: ScanRow[] = [];
    for (const site of places.sites)
      found.push(...(await scansWith(tx, { administration: place.administration, site }, one, window)));
    ofEach.push(found.toSorted(newestFirst));
  }
  const isCarried = (ofEach[0]?.length ?? 0) > 0;
  return { ofEach: ofEach.filter((scans) => scans.length > 0), isCarried, isCut };
}

function newestFirst(a: ScanRow, b: ScanRow): number {
  return Date.parse(b.receivedAt) - Date.parse(a.receivedAt);
}

/** All of them, the newest received first. The arguments are those of `scansByMark`. */
export async function scansOfMark(...asked: Parameters<typeof scansByMark>): Promise<readonly ScanRow[]> {
  const { ofEach } = await scansByMark(...asked);
  return [
    ...new Map(
      ofEach
        .flat()
        .toSorted(newestFirst)
        .map((one) => [one.id, one]),
    ).values(),
  ];
}

async function scansWith(
  tx: ScansTx & Tx<'scans'>,
  place: Scope,
  { kind, value }: Mark,
  window: Windows[number],
): Promise<readonly ScanRow[]> {
  if (kind === 'visit') return tx.scansOfVisit(place, value, ...window, MOST_OF_VISIT);
  if (kind === 'container') return tx.scansNamingContainers(place, [value], ...window, MOST_OF_CONTAINER);
  const [from, to] = window.map((time) => Date.parse(time));
  const { rows } = await tx.scans(place, { terms: [`${PLATE}${value}`] }, MOST_OF_PLATE);
  return rows.filter((scan) => timesOfScan(scan).some((time) => time >= Number(from) && time <= Number(to)));
}
