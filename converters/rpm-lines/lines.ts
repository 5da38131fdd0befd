import type { Sdk } from '../../src/sdk/sdk.ts';

/** Busier than any lane in a day at five lines a second and detector kind. */
const LINES_CEILING = 1_000_000;
/** Each is named; of those behind only the number. */
const NAMED_OFF_LINES = 100;

/** Counts of the detectors on a line of gamma (G) or neutron (N) detectors. */
export interface CountLine {
  readonly kind: 'background' | 'alarm' | 'scan' | 'high-fault' | 'low-fault';
  readonly radiation: 'gamma' | 'neutron';
  readonly counts: readonly number[];
  readonly time: string | undefined;
}

export type Line =
  | CountLine
  | {
      readonly kind: 'end';
      readonly number: number;
      readonly neutronBackground: number | undefined;
      readonly time: string | undefined;
    }
  | { readonly kind: 'tamper' | 'tamper-cleared'; readonly time: string | undefined }
  | { readonly kind: 'speed'; readonly metresPerSecond: number; readonly time: string | undefined }
  | { readonly kind: 'set-up'; readonly code: string; readonly fields: readonly string[] }
  /** Bytes that are no text stand where a line was. What it said, an alarm perhaps, is not known. */
  | { readonly kind: 'damaged'; readonly number: number };

/** Every line that can be read or is damaged, in order; each that cannot be read is a warning. @throws NII_LIMIT_BYTES */
export function linesOf({ text, encoding }: ReturnType<Sdk['text']>, sdk: Sdk): readonly Line[] {
  const lines: Line[] = [];
  let number = 0;
  let off = 0;
  for (const [written] of text.matchAll(/[^\r\n]+/g)) {
    if (++number > LINES_CEILING) {
      throw sdk.error('NII_LIMIT_BYTES', `more than ${LINES_CEILING} lines; send the file in parts`);
    }
    if (written.trim() === '') continue;
    const line = lineOf(written.trim());
    if (line !== undefined) lines.push(line);
    else if (isDamaged(written, encoding)) lines.push({ kind: 'damaged', number });
    if ((line === undefined || isBareAlarm(line)) && ++off <= NAMED_OFF_LINES) {
      sdk.warn('NII_W_LINE_UNREAD', { field: `line ${number}`, value: written.slice(0, 80) });
    }
  }
  if (off > NAMED_OFF_LINES) {
    const message = `${off - NAMED_OFF_LINES} further lines that are not of the format`;
    sdk.warn('NII_W_LINE_UNREAD', { message });
  }
  return lines;
}

/**
 * What a portal sends is ASCII. Other characters show that a disk, a cable or a power cut has spoilt the line, unless they
 * are words in another language, as a recorder may add: those are no controls, do not begin as a message does, and in a
 * file that is no UTF-8 they are fewer than half.
 */
function isDamaged(written: string, encoding: string): boolean {
  const foreign = written.replaceAll(/[\t -~]/g, '');
  if (foreign === '') return false;
  if (/[\p{Cc}\p{Cn}\p{Co}\u{fffd}]/u.test(foreign) || /^.{0,3},[ \d]/u.test(written)) return true;
  return encoding !== 'utf-8' && 2 * foreign.length > written.length;
}

/** The portal is occupied while it writes these. */
export function isInOccupancy(line: Line): line is CountLine {
  return line.kind === 'alarm' || line.kind === 'scan';
}

const countKinds = new Map<string, CountLine['kind']>(
  Object.entries({
    B: 'background',
    A: 'alarm',
    S: 'scan',
    H: 'high-fault',
    L: 'low-fault',
  }),
);

function lineOf(written: string): Line | undefined {
  const [code = '', ...rest] = written.split(',').map((field) => field.trim());
  if (/^S(?:G[1-3]|N[12])$/.test(code)) return { kind: 'set-up', code, fields: rest };
  const { fields, time } = withoutTime(rest);
  if (/^(?:G[ABHLS]|N[ABHS])$/.test(code)) return countLine(code, fields, time);
  if (code === 'GX') return endLine(fields, time);
  if (code === 'SP') return speedLine(fields, time);
  if (code === 'TT') return { kind: 'tamper', time };
  return code === 'TC' ? { kind: 'tamper-cleared', time } : undefined;
}

/** A date and time behind the fields, where whoever recorded the lines put one. */
function withoutTime(fields: readonly string[]): {
  readonly fields: readonly string[];
  readonly time: string | undefined;
} {
  const last = fields.at(-1) ?? '';
  return /^\d{4}[-/]\d{2}[-/]\d{2}[T ]\d{2}:\d{2}:\d{2}/.test(last)
    ? { fields: fields.slice(0, -1), time: last }
    : { fields, time: undefined };
}

/** An alarm whose counts cannot be read. */
function isBareAlarm(line: Line): boolean {
  return line.kind === 'alarm' && line.counts.length === 0;
}

/** Four detectors on alarm and scan lines; one to four on the others. An alarm stays one without its counts. */
function countLine(code: string, fields: readonly string[], time: string | undefined): Line | undefined {
  const kind = countKinds.get(code.charAt(1));
  const radiation = code.startsWith('G') ? 'gamma' : 'neutron';
  const counts = fields.map(wholeNumber);
  const inOccupancy = kind === 'alarm' || kind === 'scan';
  if (kind === undefined) return undefined;
  const known = counts.filter((value) => value !== undefined);
  const fits = counts.length <= 4 && known.length === counts.length && known.length >= (inOccupancy ? 4 : 1);
  if (fits) return { kind, radiation, counts: known, time };
  return kind === 'alarm' ? { kind, radiation, counts: [], time } : undefined;
}

/** Number of the occupancy; the neutron background is written times 1000. */
function endLine([first = '', second]: readonly string[], time: string | undefined): Line | undefined {
  const number = wholeNumber(first);
  const thousandfold = second === undefined ? undefined : wholeNumber(second);
  if (number === undefined || (second !== undefined && thousandfold === undefined)) return undefined;
  return {
    kind: 'end',
    number,
    neutronBackground: thousandfold === undefined ? undefined : thousandfold / 1000,
    time,
  };
}

/** Seconds, miles an hour, kilometres an hour. */
function speedLine([, , kph = '']: readonly string[], time: string | undefined): Line | undefined {
  if (!/^\d{1,4}(?:\.\d{1,6})?$/.test(kph)) return undefined;
  return { kind: 'speed', metresPerSecond: Number(kph) / 3.6, time };
}

function wholeNumber(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
