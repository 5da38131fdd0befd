import type { LanePassage } from '../core/case/lane-passage.ts';
import { normaliseContainer } from '../core/check-digits.ts';
import { defined } from '../core/defined.ts';
import { isSureJoin, type RadiationLink } from '../core/radiation/hold.ts';
import { type CheckInProgress, type Control, nameOf, type StoredCheckIn } from '../core/rules/check-in.ts';
import { type Mark, markOf } from '../core/rules/vehicle-hold.ts';
import type { ScanRow } from '../core/scan/stored-scan.ts';
import type { ScanOfVisit } from './visit.ts';

/** Which scans are of an expected vehicle, and which of its controls are done by them. */

/** Time after which an expected vehicle is overdue where the site says nothing. */
const LATE_MINUTES = 120;

/** A scan of the vehicle, with the occupancies of portals that are or may be of it. */
export type ScanOfCheckIn = Pick<ScanOfVisit, 'scan' | 'record'> & {
  readonly radiation: readonly Pick<RadiationLink, 'join'>[];
};

type Expected = Pick<StoredCheckIn, 'id' | 'counting'>;

/** What a check-in and a scan are compared by. The plate of a truck is not of one journey. */
export function marksOfScan({ containers, visit }: Pick<ScanRow, 'containers' | 'visit'>): readonly Mark[] {
  return [
    ...containers.map((container) => markOf('container', container)),
    ...(visit === undefined ? [] : [markOf('visit', visit)]),
  ];
}

/** Times at which the vehicle may have been there: a clock may be wrong. */
export function timesOfScan({ acquiredAt, receivedAt }: Pick<ScanRow, 'acquiredAt' | 'receivedAt'>) {
  return [...new Set([acquiredAt ?? receivedAt, receivedAt].map((time) => Date.parse(time)))];
}

const DAY_MS = 86_400_000;

type Expecting = Pick<StoredCheckIn['counting'], 'from' | 'to'>;

/** Whether the scan was made or received within the days around the times at which the vehicle is expected. */
export function isWithinDays(
  scan: Pick<ScanRow, 'acquiredAt' | 'receivedAt'>,
  expecting: Expecting,
  days: number,
): boolean {
  const [first, last] = daysAround(expecting, days);
  return timesOfScan(scan).some((time) => time >= first && time <= last);
}

/** Those days; milliseconds since 1970. */
export function daysAround({ from, to }: Expecting, days: number): readonly [first: number, last: number] {
  return [Date.parse(from) - days * DAY_MS, Date.parse(to) + days * DAY_MS];
}

type Seen = Pick<ScanRow, 'containers' | 'visit' | 'acquiredAt' | 'receivedAt'>;

/**
 * The check-in that the scan is of, of those that name one of its marks: that of its visit, or the nearest in time; several
 * where they are equally near. A container comes back within days on another truck.
 */
export function checkInsOfScan<One extends Expected>(scan: Seen, checkIns: readonly One[]): readonly One[] {
  const named = naming(scan, checkIns);
  const nearest = Math.min(...named.map((one) => apart(scan, one)));
  return named.filter((one) => apart(scan, one) === nearest);
}

/** A check-in whose controls a vehicle needs. */
export interface RequiredCheckIn<One> {
  readonly checkIn: One;
  /** Nearer ones that require as much. What is done for them is done for this one, too, if it is of a mark of this one. */
  readonly nearer: readonly One[];
}

/**
 * Those whose controls the vehicle of the scan needs: every one that names a mark of it. A second check-in takes no control off, and
 * lends it no control of another container.
 */
export function checkInsRequiredOf<One extends Expected>(
  scan: Seen,
  checkIns: readonly One[],
): readonly RequiredCheckIn<One>[] {
  const named = naming(scan, checkIns);
  const isNearer = (other: One, one: One) =>
    apart(scan, other) < apart(scan, one) && requiresAsMuch(other, one);
  return named.map((checkIn) => ({ checkIn, nearer: named.filter((other) => isNearer(other, checkIn)) }));
}

/** Those that name a mark of the scan. */
export function naming<One extends Expected>(scan: Seen, checkIns: readonly One[]): readonly One[] {
  const marks = new Set(marksOfScan(scan).map(nameOf));
  return checkIns.filter(({ counting }) => counting.marks.some((mark) => marks.has(nameOf(mark))));
}

/** Milliseconds between the scan and the time in which the vehicle is expected; -1 for its visit. */
function apart(scan: Seen, { counting: { marks, from, to } }: Expected): number {
  const visit = scan.visit === undefined ? undefined : nameOf(markOf('visit', scan.visit));
  if (marks.some((mark) => nameOf(mark) === visit)) return -1;
  const [first, last] = [Date.parse(from), Date.parse(to)];
  return Math.min(...timesOfScan(scan).map((time) => Math.max(0, first - time, time - last)));
}

function requiresAsMuch({ counting }: Expected, other: Expected): boolean {
  const own = new Set(counting.marks.map(nameOf));
  const containers = other.counting.marks.filter(({ kind }) => kind === 'container');
  return (
    other.counting.controls.every((control) => counting.controls.includes(control)) &&
    containers.every((mark) => own.has(nameOf(mark)))
  );
}

/** Required controls that none of the scans of the vehicle does. */
export function missingControls(
  { counting: { marks, controls } }: Pick<StoredCheckIn, 'counting'>,
  scans: readonly ScanOfCheckIn[],
): readonly Control[] {
  const isDone: Readonly<Record<Control, () => boolean>> = {
    portal: () => scans.some(isMeasured),
    image: () => areSeen(marks, scans),
  };
  return controls.filter((control) => !isDone[control]());
}

/** A portal measured it for sure; a time alone may be of the vehicle before it. */
function isMeasured({ record, radiation }: ScanOfCheckIn): boolean {
  return (record?.radiation ?? []).length > 0 || radiation.some(({ join }) => isSureJoin(join));
}

/** Every container is named by an image; an image that names none is of the whole vehicle. */
function areSeen(marks: readonly Mark[], scans: readonly ScanOfCheckIn[]): boolean {
  const images = scans.filter(({ record }) => record !== undefined && record.views.length > 0);
  const seen = new Set(images.flatMap(({ scan }) => scan.containers.map(normaliseContainer)));
  // one that names a wrong container, which people took off it, is not of the whole vehicle
  const namesNone = ({ scan, record }: ScanOfCheckIn) =>
    scan.containers.length === 0 && (record?.units ?? []).every(({ containers }) => containers.length === 0);
  if (images.some(namesNone)) return true;
  const containers = marks.filter(({ kind }) => kind === 'container');
  return images.length > 0 && containers.every(({ value }) => seen.has(value));
}

/**
 * What has come of an expected vehicle.
 * @param scans - of this check-in, in the order in which they were received
 * @param passages - of its marks, the earliest first
 */
export function progressOf(
  checkIn: Pick<StoredCheckIn, 'terms' | 'counting' | 'waits'>,
  scans: readonly ScanOfCheckIn[],
  passages: readonly Pick<LanePassage, 'report'>[],
  { now, lateMinutes = LATE_MINUTES }: { readonly now: Date; readonly lateMinutes?: number | undefined },
): CheckInProgress {
  const missing = missingControls(checkIn, scans);
  const arrivedAt = scans.map(({ scan }) => scan.receivedAt).toSorted()[0];
  const passedAt = passages[0]?.report.at;
  const isLate = (time: string) => now.getTime() - Date.parse(time) > lateMinutes * 60_000;
  const came = [arrivedAt, passedAt].filter((time) => time !== undefined);
  const stateOf = (): CheckInProgress['state'] => {
    if (checkIn.terms.cancelled === true && checkIn.waits === undefined) return 'cancelled';
    if (came.length === 0) return isLate(checkIn.terms.expectedAt) ? 'overdue' : 'expected';
    if (missing.length === 0) return 'complete';
    return passedAt !== undefined || came.some(isLate) ? 'missing-control' : 'arrived';
  };
  return {
    state: stateOf(),
    missing,
    ...defined({ arrivedAt, passedAt }),
    scans: scans.map(({ scan }) => scan.id),
  };
}
