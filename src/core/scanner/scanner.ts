import Type, { type Static } from 'typebox';
import { defined } from '../defined.ts';
import type { ErrorCode } from '../errors.ts';
import type { NiiScan } from '../scan/scan.ts';
import type { RevisionRow } from '../scan/stored-scan.ts';
import type { ScannerRegister } from './register.ts';
import type { KnownStructure, StructureChange } from './structure.ts';

/** What one scan tells of the scanner that made it; the newest revision counts. */
export interface Observation {
  readonly scanId: string;
  readonly revision: number;
  readonly administration: string;
  readonly site: string;
  /** See `scannerIdOf`. */
  readonly scanner: string;
  /** RFC 3339; its day is the day of the observation. */
  readonly receivedAt: string;
  readonly containers: number;
  /** Numbers that are not as ISO 6346 has them. */
  readonly badContainers: number;
  /** A channel that scans of this kind usually have did not come. */
  readonly channelMissing: boolean;
  /** A file was shorter than its header says. */
  readonly incomplete: boolean;
  /** Why it could not be converted. */
  readonly failed?: ErrorCode;
  /** Receipt minus acquisition, see `lagOf`; absent where the file says no time. */
  readonly clockSeconds?: number;
}

/** A change of structure that nobody has acknowledged yet. */
export interface ScannerAlarm extends StructureChange {
  readonly since: string;
  readonly scanId: string;
}

/** One scanner of a site, by what it calls itself or is called in its uploads. */
export interface ScannerRow {
  readonly administration: string;
  readonly site: string;
  readonly id: string;
  readonly converter: string;
  readonly firstSeenAt: string;
  readonly lastSeenAt: string;
  /** As of the newest scan. */
  readonly software?: string;
  readonly structure: KnownStructure;
  readonly alarm?: ScannerAlarm;
  readonly register: ScannerRegister;
}

/** The scans of one scanner that were received on one day (UTC). */
export interface ScannerDay {
  readonly day: string;
  readonly scans: number;
  readonly containers: number;
  readonly badContainers: number;
  readonly channelMissing: number;
  readonly incomplete: number;
  readonly failed: number;
  readonly failures: Readonly<Partial<Record<ErrorCode, number>>>;
  /** Median of receipt minus acquisition. */
  readonly clockSeconds?: number;
}

/** Converter and scanner in the form of an address; one that gives no name for itself is `unnamed`. */
export function scannerIdOf(converter: string, scan: NiiScan | undefined, named: string | undefined): string {
  const name = scan?.source.scannerId ?? named ?? scan?.source.serial ?? 'unnamed';
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 64);
  return `${converter}.${plain === '' ? 'unnamed' : plain}`;
}

/** Which scanner, or portal, made a revision. */
export function scannerOf({
  converter,
  scan,
  meta,
}: Pick<RevisionRow, 'converter' | 'scan' | 'meta'>): string {
  return scannerIdOf(converter.id, scan, meta.scanner);
}

/** A clock that is ahead by less than this is not said to be. */
const AHEAD_SECONDS = -60;

const incompleteCodes: ReadonlySet<string> = new Set(['NII_W_CHANNEL_INCOMPLETE']);

/** What the record says of the health of its scanner. */
export function healthOf(
  scan: NiiScan,
  receivedAt: string,
): Pick<Observation, 'containers' | 'badContainers' | 'channelMissing' | 'incomplete' | 'clockSeconds'> {
  const containers = scan.units.flatMap((unit) => unit.containers);
  const clockSeconds = lagOf(scan.acquired, receivedAt);
  return {
    containers: containers.length,
    badContainers: containers.filter(({ state }) => state !== 'valid').length,
    channelMissing: scan.warnings.some(({ code }) => code === 'NII_W_CHANNEL_MISSING'),
    incomplete:
      scan.originals.some(({ complete }) => !complete) ||
      scan.warnings.some(({ code }) => incompleteCodes.has(code)),
    ...defined({ clockSeconds }),
  };
}

/** Zones and summer time differ from UTC by whole quarters of an hour. */
const QUARTER_SECONDS = 15 * 60;

/**
 * Seconds of receipt minus acquisition. Where the file states no zone the hours may be the place's and not the clock's,
 * so only what is left of whole quarters of an hour is told, from a minute ahead on: that still shows a drift.
 */
function lagOf({ utc, zone }: NiiScan['acquired'], receivedAt: string): number | undefined {
  if (utc === undefined) return undefined;
  const seconds = (Date.parse(receivedAt) - Date.parse(utc)) / 1000;
  if (zone === 'stated') return seconds;
  const fromAhead = (seconds - AHEAD_SECONDS) % QUARTER_SECONDS;
  return AHEAD_SECONDS + (fromAhead < 0 ? fromAhead + QUARTER_SECONDS : fromAhead);
}

/** A clock that moved against ours by more than this from one day to the next drifts. */
export const DRIFT_SECONDS = 120;

export const ClockState = Type.Enum(['unknown', 'steady', 'drifting', 'ahead']);
export type ClockState = Static<typeof ClockState>;

/**
 * How the scanner's clock goes, from days in rising order. Transfer takes its time, so only the change counts: the
 * newest day's median against the median of up to 14 days before. A scan taken after it was received is ahead.
 */
export function clockOf(days: readonly Pick<ScannerDay, 'clockSeconds'>[]): ClockState {
  const medians = days.flatMap(({ clockSeconds }) => clockSeconds ?? []);
  const newest = medians.at(-1);
  if (newest === undefined) return 'unknown';
  if (newest < AHEAD_SECONDS) return 'ahead';
  const before = medians.slice(-15, -1);
  if (before.length === 0) return 'steady';
  return Math.abs(newest - median(before)) > DRIFT_SECONDS ? 'drifting' : 'steady';
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = 0, high = 0] = [sorted[middle - 1], sorted[middle]];
  return sorted.length % 2 === 1 ? high : (low + high) / 2;
}
