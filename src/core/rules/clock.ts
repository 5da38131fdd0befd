import type { Acquired } from '../scan/circumstances.ts';

/** From the first to the last moment that a time can name. */
export const EVER = ['0001-01-01T00:00:00.000Z', '9999-12-31T00:00:00.000Z'] as const;

/** How the times of a scanner or a portal are to be read, and what they are then. Stored records stay as they are. */

/** What is said of one clock. */
export interface ClockSetting {
  /** IANA name: times without a zone are of this one. Undefined: UTC is assumed. */
  readonly zone?: string;
  /** How far the clock is ahead of the true time; negative where it is behind. */
  readonly offsetSeconds: number;
}

const unsetClock: ClockSetting = { offsetSeconds: 0 };

/** A clock that is wrong by more than this is to be set. */
export const MOST_OFFSET_SECONDS = 86_400;

export interface TrueTime {
  /** RFC 3339 in UTC. */
  readonly at: string;
  /** By the file, or by the setting of its clock. */
  readonly isZoneStated: boolean;
}

/** Files come within minutes of the scan; a clock that nobody set back in October is wrong by an hour. */
const STRAYS_MS = 30 * 60_000;

/** Whether what a clock wrote is so far from the receipt that it may be wrong. */
export function strays(written: string, receivedAt: string): boolean {
  return Math.abs(Date.parse(written) - Date.parse(receivedAt)) > STRAYS_MS;
}

/**
 * The same time in UTC with milliseconds. Undefined for what RFC 3339 allows and no clock here has: a leap second, a suffix, and a
 * year that has not four digits in UTC.
 */
export function toUtc(time: string): string | undefined {
  const date = new Date(time);
  const written = Number.isNaN(date.getTime()) ? '' : date.toISOString();
  return /^\d{4}-/.test(written) ? written : undefined;
}

/** Whether the time zone database of this machine knows the name. */
export function isZone(name: string): boolean {
  try {
    formatOf(name);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/**
 * The true time of what a file says: without the error of the clock, and in its zone where the file has none. An hour that
 * the zone has twice, or not at all, stays without a stated zone.
 */
export function trueTime(written: Acquired | undefined, clock: ClockSetting): TrueTime | undefined {
  if (written?.utc === undefined) return undefined;
  const isStated = written.zone === 'stated';
  const zone = written.zone === 'assumed-utc' ? clock.zone : undefined;
  // as it is written: nothing that was kept of it looks changed
  if (clock.offsetSeconds === 0 && zone === undefined) return { at: written.utc, isZoneStated: isStated };
  const local = Date.parse(written.utc) - clock.offsetSeconds * 1000;
  if (zone === undefined) return { at: new Date(local).toISOString(), isZoneStated: isStated };
  const { instant, isSure } = inZone(local, zone);
  return { at: new Date(instant).toISOString(), isZoneStated: isSure };
}

/**
 * Where in the records a true time may stand that these clocks wrote: ranges of times as they were read from files, each
 * once.
 */
export function writtenRanges(
  from: string,
  to: string,
  clocks: readonly ClockSetting[],
): readonly (readonly [from: string, to: string])[] {
  const ranges = [unsetClock, ...clocks].flatMap((clock) =>
    rangesOf(Date.parse(from), Date.parse(to), clock),
  );
  const texts = ranges.map(
    ([start, end]) => [new Date(start).toISOString(), new Date(end).toISOString()] as const,
  );
  return [...new Map(texts.map((range) => [range.join(), range])).values()];
}

type Range = readonly [from: number, to: number];

function rangesOf(from: number, to: number, { zone, offsetSeconds }: ClockSetting): readonly Range[] {
  const offset = offsetSeconds * 1000;
  const stated: Range = [from + offset, to + offset];
  if (zone === undefined) return [stated];
  const ahead = [from, to].map((at) => aheadOfUtc(at, zone));
  return [stated, [from + Math.min(...ahead) + offset, to + Math.max(...ahead) + offset]];
}

const DAY_MS = 86_400_000;

/** @param local - what a clock in the zone shows, as if it were UTC, ms */
function inZone(local: number, zone: string): { readonly instant: number; readonly isSure: boolean } {
  const around = [aheadOfUtc(local - DAY_MS, zone), aheadOfUtc(local + DAY_MS, zone)];
  const [before = 0] = around;
  const instants = [...new Set(around)].map((ahead) => local - ahead);
  const possible = instants.filter((instant) => instant + aheadOfUtc(instant, zone) === local);
  return { instant: possible[0] ?? local - before, isSure: possible.length === 1 };
}

/** Milliseconds that the zone is ahead of UTC at an instant. */
function aheadOfUtc(instant: number, zone: string): number {
  const whole = Math.floor(instant / 1000) * 1000;
  const parts = new Map(
    formatOf(zone)
      .formatToParts(whole)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? 0;
  const shown = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  );
  return shown - whole;
}

/** A format takes long to make; there are no more than zones. */
const formats = new Map<string, Intl.DateTimeFormat>();

/** @throws RangeError of a zone that is not known */
function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formats.set(zone, made);
  return made;
}
