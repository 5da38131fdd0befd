import type { Acquired } from '../core/scan/scan.ts';
import type { LocalTime, Sdk } from '../sdk/sdk.ts';

const pad = (value: number, width = 2) => String(value).padStart(width, '0');

/** A time of day without zone is taken as UTC and says so; one that is no time keeps what was written. */
export function localTime(time: LocalTime, warn: Sdk['warn']): Acquired {
  const date = `${pad(time.year, 4)}-${pad(time.month)}-${pad(time.day)}`;
  const written = `${date} ${pad(time.hour)}:${pad(time.minute)}:${pad(time.second)}`;
  const utc = utcOf(`${date}T${written.slice(date.length + 1)}Z`);
  if (utc === undefined) return malformed(written, warn);
  warn('NII_W_TIME_ZONE', { value: written });
  return { written, utc, zone: 'assumed-utc' };
}

const timeForm =
  /^(\d{4})[-/.]?(\d{2})[-/.]?(\d{2})[T ]?\s*(\d{2}):?(\d{2}):?(\d{2})(?:[.,](\d{1,9}))?\s*(Z|[+-]\d{2}:?\d{2})?$/i;

/** ISO 8601 and its plain relatives (YYYYMMDDhhmmss, slashes for hyphens). */
export function timeText(written: string, warn: Sdk['warn']): Acquired {
  const text = written.trim().slice(0, 64);
  const match = timeForm.exec(text);
  if (match === null) return malformed(text, warn);
  const [, year, month, day, hour, minute, second, fraction, zone] = match;
  const local = `${year}-${month}-${day}T${hour}:${minute}:${second}.${(fraction ?? '').padEnd(3, '0').slice(0, 3)}`;
  const utc = utcOf(`${local}Z`) === undefined ? undefined : utcOf(`${local}${zoneOf(zone)}`);
  if (utc === undefined) return malformed(text, warn);
  if (zone !== undefined) return { written: text, utc, zone: 'stated' };
  warn('NII_W_TIME_ZONE', { value: text });
  return { written: text, utc, zone: 'assumed-utc' };
}

function zoneOf(zone: string | undefined): string {
  if (zone === undefined || zone.toUpperCase() === 'Z') return 'Z';
  return zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone;
}

function malformed(written: string, warn: Sdk['warn']): Acquired {
  warn('NII_W_TIME_MALFORMED', { value: written });
  return { written, zone: 'unknown' };
}

/** Undefined for what is no calendar time; 31 February would otherwise become March. */
function utcOf(iso: string): string | undefined {
  const time = Date.parse(iso);
  if (Number.isNaN(time)) return undefined;
  const utc = new Date(time).toISOString();
  if (iso.endsWith('Z') && utc.slice(0, 19) !== iso.slice(0, 19)) return undefined;
  return utc.replace('.000Z', 'Z');
}
