import { NiiError } from '../../core/errors.ts';
import type { Counting } from '../../core/ports/records/measures.ts';

/** So many hours, days or weeks a period may have. */
export const MOST_PARTS = 1000;
const HOUR_MS = 3_600_000;
const USUAL_DAYS = 30;

const lengths: Readonly<Record<Counting['by'], number>> = {
  hour: HOUR_MS,
  day: 24 * HOUR_MS,
  week: 7 * 24 * HOUR_MS,
};

export interface AskedPeriod {
  readonly from?: string;
  readonly to?: string;
  readonly by?: Counting['by'];
  readonly zone?: string;
}

/** The period that is meant: the last 30 days by day in UTC, unless something else is asked for. @throws NII_BAD_REQUEST */
export function periodOf(
  { from, to, by = 'day', zone = 'UTC' }: AskedPeriod,
  now: Date,
): Pick<Counting, 'from' | 'to' | 'by' | 'zone'> {
  const end = to === undefined ? now : timeOf('to', to);
  const start =
    from === undefined ? new Date(end.getTime() - USUAL_DAYS * lengths.day) : timeOf('from', from);
  if (start >= end)
    throw wrong(
      'from',
      `Invalid from "${start.toISOString()}": use a time before to, "${end.toISOString()}"`,
    );
  if ((end.getTime() - start.getTime()) / lengths[by] > MOST_PARTS)
    throw wrong(
      'to',
      `The period has too many parts by ${by}: use at most ${MOST_PARTS}, or count by a longer part`,
    );
  return { from: start.toISOString(), to: end.toISOString(), by, zone: zoneOf(zone) };
}

function timeOf(field: 'from' | 'to', text: string): Date {
  const time = new Date(text);
  if (Number.isNaN(time.getTime()))
    throw wrong(field, `Invalid ${field} "${text}": use a time such as 2026-01-31T00:00:00Z`);
  return time;
}

/** By its name alone: databases and browsers read an offset with opposite signs. */
function zoneOf(zone: string): string {
  const isName = /^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/.test(zone);
  if (isName && isKnown(zone)) return zone;
  throw wrong(
    'zone',
    `Invalid zone "${zone}": use a name from the time zone database, such as Europe/Amsterdam`,
  );
}

function isKnown(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

function wrong(field: string, detail: string): NiiError {
  return new NiiError('NII_BAD_REQUEST', { detail, field });
}
