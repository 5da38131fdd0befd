import type { RadiationJoin, TimeFrom } from '../core/radiation/hold.ts';
import type { TimeWindow } from '../core/rules/site.ts';
import { markOf } from '../core/rules/vehicle-hold.ts';

/** An occupancy as far as joining goes. Times are ISO 8601; without them only a container number can join. */
export interface Occupied {
  readonly from?: string;
  readonly to?: string;
  readonly timeFrom: TimeFrom;
  readonly isZoneStated: boolean;
  /** Its time is far from its receipt, so its clock may be wrong. */
  readonly isStraying?: boolean;
  readonly lane?: string;
  readonly visit?: string;
  readonly containers: readonly string[];
}

/** An X-ray scan of the same site that it may be of. */
export interface JoinCandidate {
  readonly scanId: string;
  readonly at: string;
  readonly timeFrom: TimeFrom;
  readonly isZoneStated: boolean;
  readonly isStraying?: boolean;
  readonly lane?: string;
  readonly visit?: string;
  readonly containers: readonly string[];
  /** The site has paired its scanner and this portal, each with another: names of lanes say that it is not of this one. */
  readonly isPairedApart?: boolean;
  /** When its scanner scans what this portal saw, where that is decided; then lanes say nothing more. */
  readonly window?: TimeWindow;
}

/** Two numbers, or visit ids, that are equal join a portal and a scanner that stand this far apart in time. */
export const NUMBER_WINDOW_SECONDS = 24 * 3600;

interface Near extends JoinCandidate {
  readonly secondsApart: number;
}

/**
 * The X-ray scan of an occupancy: of those of the same visit the nearest in time, else of those that carry the same
 * container number, whatever their lanes are called, else the nearest within the window before its start and after its
 * end, lanes equal where both are known. All within the window of their pair are equally near. Two that are equally near join none, unless they are of
 * one visit: then they are one vehicle. A time joins nothing of another visit.
 */
export function joinOf(
  occupied: Occupied,
  candidates: readonly JoinCandidate[],
  windowSeconds: number,
): RadiationJoin {
  const ofVisit = candidates.filter(({ visit }) => isSameVisit(visit, occupied.visit));
  // They are of one day by their times or by their receipt
  const [byVisit] = nearest(occupied, ofVisit, Number.POSITIVE_INFINITY).toSorted(byId);
  if (byVisit !== undefined) return decided([byVisit], 'visit', occupied);
  const named = candidates.filter(({ containers }) =>
    containers.some((one) => occupied.containers.includes(one)),
  );
  const byNumber = nearest(occupied, named, NUMBER_WINDOW_SECONDS);
  if (byNumber.length > 0) return decided(byNumber, 'container', occupied);
  if (occupied.from === undefined) return { kind: 'none', why: 'the record has no time' };
  const paired = withinPair(occupied, candidates);
  // a name of a lane is enough to guess by; beside a join that would be sure it only counts where the site has said so
  const mayBe = ({ lane, isPairedApart }: JoinCandidate) =>
    laneFits(lane, occupied.lane) || (paired.length > 0 && isPairedApart !== true);
  const unpaired = candidates.filter((one) => one.window === undefined && mayBe(one));
  const byTime = [...paired, ...nearest(occupied, unpaired, windowSeconds)];
  if (byTime.length > 0) return decided(byTime, 'time', occupied);
  return { kind: 'none', why: `no scan of the site within ${windowSeconds} seconds` };
}

function byId(a: JoinCandidate, b: JoinCandidate): number {
  return a.scanId < b.scanId ? -1 : 1;
}

/** In whichever spelling. */
export function isSameVisit(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && b !== undefined && markOf('visit', a).value === markOf('visit', b).value;
}

function isOther(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && b !== undefined && !isSameVisit(a, b);
}

function laneFits(a: string | undefined, b: string | undefined): boolean {
  return a === undefined || b === undefined || a === b;
}

/** All that are as near as the nearest. */
function nearest(
  occupied: Occupied,
  candidates: readonly JoinCandidate[],
  windowSeconds: number,
): readonly Near[] {
  const near = candidates
    .map((candidate) => ({ ...candidate, secondsApart: apart(occupied, candidate.at) }))
    .filter(({ secondsApart }) => secondsApart <= windowSeconds);
  const least = Math.min(...near.map(({ secondsApart }) => secondsApart));
  return near.filter(({ secondsApart }) => secondsApart === least);
}

/** All that were made when their pair says that the scan of this occupancy is made. */
function withinPair(occupied: Occupied, candidates: readonly JoinCandidate[]): readonly Near[] {
  const { from = '', to = from } = occupied;
  return candidates.flatMap((candidate) => {
    const { window, at } = candidate;
    const isWithin =
      window !== undefined &&
      Date.parse(at) >= Date.parse(from) + window.fromSeconds * 1000 &&
      Date.parse(at) <= Date.parse(to) + window.toSeconds * 1000;
    return isWithin ? [{ ...candidate, secondsApart: apart(occupied, at) }] : [];
  });
}

/** Seconds outside of the occupancy; an occupancy without time is no distance from anything. */
function apart({ from, to }: Occupied, at: string): number {
  if (from === undefined) return 0;
  const time = Date.parse(at);
  const before = Date.parse(from) - time;
  const after = time - Date.parse(to ?? from);
  return Math.max(0, before, after) / 1000;
}

function decided(
  near: readonly Near[],
  by: 'visit' | 'container' | 'time',
  { timeFrom, isZoneStated, isStraying, visit }: Occupied,
): RadiationJoin {
  const [only] = near;
  if (only === undefined || near.length > 1) {
    return {
      kind: 'ambiguous',
      scanIds: near
        .map(({ scanId }) => scanId)
        .toSorted()
        .slice(0, 64),
    };
  }
  if (by === 'time' && isOther(visit, only.visit))
    return { kind: 'none', why: 'the nearest scan of the site belongs to another visit' };
  const { scanId, secondsApart, window } = only;
  const receipt = timeFrom === 'receipt' || only.timeFrom === 'receipt';
  const joined = {
    kind: 'joined',
    scanId,
    by,
    secondsApart,
    timeFrom: receipt ? 'receipt' : 'file',
  } as const;
  const isZoneAssumed = !receipt && !(isZoneStated && only.isZoneStated);
  const isPaired = window !== undefined && isStraying !== true && only.isStraying !== true;
  return by === 'time'
    ? { ...joined, ...(isZoneAssumed && { isZoneAssumed }), ...(isPaired && { isPaired }) }
    : joined;
}
