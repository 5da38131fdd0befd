import type { Passage } from '../core/radiation/hold.ts';
import type { TimeWindow } from '../core/rules/site.ts';

/**
 * An alarm that is surely of no scan yet may be of any that was made near it. Until it is joined or adjudicated, all of
 * them hold.
 */

/** When and where a scan was made, as far as its record and its receipt tell. */
export interface ScanMoment {
  readonly acquiredAt?: string;
  /** The file or a setting says in which zone its time is; UTC was assumed otherwise. */
  readonly isZoneStated: boolean;
  readonly receivedAt: string;
  readonly lane?: string;
}

export interface NearWindow extends TimeWindow {
  /** Where the site has paired the portal and the scanner, each with another one. Elsewhere the name of a lane says nothing. */
  readonly comparesLanes: boolean;
}

/**
 * Whether a scan may be of the vehicle that the portal saw. Names of lanes exclude it only where the site has said which portal
 * belongs to which scanner. A written time excludes nothing, because clocks go wrong: the time of receipt counts beside it.
 *
 * @param near - when a scan of that vehicle is made: for the way from the portal to the scanner, and for clocks
 */
export function isNear(passage: Passage, scan: ScanMoment, near: NearWindow): boolean {
  if (near.comparesLanes && areOfOtherLanes(passage, scan)) return false;
  const scanned = momentsOf(scan.acquiredAt, scan.receivedAt);
  const begins = momentsOf(passage.from, passage.receivedAt);
  const ends = momentsOf(passage.to ?? passage.from, passage.receivedAt);
  const [from, to] = [near.fromSeconds * 1000, near.toSeconds * 1000];
  return begins.some((begin, i) => {
    const end = ends[i] ?? begin;
    return scanned.some((at) => at >= begin + from && at <= end + to);
  });
}

function areOfOtherLanes({ lane: a }: Passage, { lane: b }: ScanMoment): boolean {
  return a !== undefined && b !== undefined && areOtherLanes(a, b);
}

/**
 * Two vendors write the same lane as `3`, `lane-03` and `Lane 3`. It is surely another where both have numbers and these
 * differ, or neither has one and the letters differ.
 */
export function areOtherLanes(a: string, b: string): boolean {
  const [numbersA, numbersB] = [numbersOf(a), numbersOf(b)];
  if (numbersA !== '' && numbersB !== '') return numbersA !== numbersB;
  return numbersA === numbersB && lettersOf(a) !== lettersOf(b);
}

/** Surely the same lane, however it is written. */
export function isSameLane(a: string, b: string): boolean {
  return numbersOf(a) === numbersOf(b) && lettersOf(a) === lettersOf(b);
}

function numbersOf(lane: string): string {
  return (lane.match(/\d+/g) ?? []).map(Number).join();
}

function lettersOf(lane: string): string {
  return lane.toLowerCase().replace(/lane|[^\p{L}]/gu, '');
}

/** Every moment that it may have been: as it was written, and as it was received. */
function momentsOf(written: string | undefined, receivedAt: string): readonly number[] {
  const received = Date.parse(receivedAt);
  return written === undefined ? [received] : [Date.parse(written), received];
}
