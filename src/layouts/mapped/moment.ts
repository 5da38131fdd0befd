import type { Acquired } from '../../core/scan/scan.ts';
import { datePattern } from '../schema/date-pattern.ts';
import type { Moment } from '../schema/mapped.ts';
import { timeText } from '../time.ts';
import type { Evaluation } from './evaluation.ts';

const pad = (value: string, width = 2) => value.padStart(width, '0');
const stated = /(?:Z|[+-]\d{2}:?\d{2})$/i;

type Parts = Readonly<Record<string, string | undefined>>;

/** The point in time that the files state, or undefined where they state none. `warn` hears of a missing zone. */
export function momentOf(
  moment: Moment,
  evaluation: Evaluation,
  warn: Evaluation['sdk']['warn'],
): Acquired | undefined {
  const written = writtenOf(moment, evaluation);
  if (written === undefined) return undefined;
  const iso = isoOf(moment, evaluation, written);
  const text = moment.zone === undefined || stated.test(iso) ? iso : `${iso}${moment.zone}`;
  return { ...timeText(text, warn), written: written.slice(0, 64) };
}

function writtenOf(moment: Moment, evaluation: Evaluation): string | undefined {
  if ('field' in moment) {
    const value = evaluation.value(moment.field);
    return value === undefined ? undefined : String(value);
  }
  const parts = partsOf(moment, evaluation);
  return parts === undefined ? undefined : isoOfParts(parts).replace('T', ' ');
}

function partsOf({ parts }: Extract<Moment, { parts: object }>, evaluation: Evaluation): Parts | undefined {
  const values = Object.entries(parts).map(([part, name]) => [part, evaluation.value(name)] as const);
  if (values.some(([, value]) => value === undefined)) return undefined;
  return Object.fromEntries(values.map(([part, value]) => [part, String(value)]));
}

/** ISO 8601 where it can be made of what is written; else as it is, which is then no time. */
function isoOf(moment: Moment, evaluation: Evaluation, written: string): string {
  if ('parts' in moment) return isoOfParts(partsOf(moment, evaluation) ?? {});
  const { pattern } = moment;
  if (pattern === undefined) return written;
  if (pattern === 'unix-seconds' || pattern === 'unix-milliseconds') {
    return unixTime(Number(written) * (pattern === 'unix-seconds' ? 1000 : 1), written);
  }
  const parts = datePattern(pattern).exec(written)?.groups;
  return parts === undefined ? written : isoOfParts(parts);
}

function unixTime(milliseconds: number, written: string): string {
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) ? written : date.toISOString();
}

function isoOfParts({
  year = '',
  month = '',
  day = '',
  hour = '',
  minute = '',
  second,
  fraction,
}: Parts): string {
  const date = `${year.length === 2 ? `20${year}` : pad(year, 4)}-${pad(month)}-${pad(day)}`;
  const time = `${pad(hour)}:${pad(minute)}:${pad(second ?? '')}`;
  return `${date}T${time}${fraction === undefined ? '' : `.${fraction}`}`;
}
