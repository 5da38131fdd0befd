import type { Reason, Vehicle } from '../api/client.ts';
import { reasonInWords } from '../reasons/reasons.ts';
import { time, words, wordsOr } from '../words/words.ts';

type Entry = Vehicle['entries'][number];

/** Codes separated by commas, each in words. */
const each = (codes: string, prefix: string) =>
  codes
    .split(', ')
    .map((code) => wordsOr(`${prefix}.${code}`, code))
    .join(', ');

/** What `kind` is a kind of. */
const kinds: Readonly<Partial<Record<Entry['about'], string>>> = {
  alarm: 'radiation.ending',
};

function kindOf({ about, event }: Entry, code: string): string {
  const prefix = event === 'outcome' ? 'outcome' : (kinds[about] ?? 'verdict');
  return wordsOr(`${prefix}.${code}`, code);
}

function reasonOf({ about }: Entry, code: string, reasons: readonly Reason[]): string {
  if (about === 'passage') return wordsOr(`vehicle.fault.${code}`, code);
  return about === 'case' ? reasonInWords(reasons, code) : code;
}

/** How each detail is said, in the order in which they stand; what is not here is not shown. */
const sayings: Readonly<Record<string, (value: string, entry: Entry, reasons: readonly Reason[]) => string>> =
  {
    lane: (value) => words('vehicle.says.lane', { value }),
    kind: (code, entry) => kindOf(entry, code),
    reason: (code, entry, reasons) => reasonOf(entry, code, reasons),
    decision: (code) => wordsOr(`adjudication.${code}`, code),
    basis: (code) => wordsOr(`adjudication.basis.${code}`, code),
    authority: (text) => text,
    alarms: (codes) => each(codes, 'radiation.alarm'),
    notMeasured: (text) => `${words('radiation.notMeasured')}: ${text}`,
    outcome: (code) => wordsOr(`vehicle.settled.${code}`, code),
    method: (code) => wordsOr(`outcome.method.${code}`, code),
    extent: (code) => wordsOr(`outcome.extent.${code}`, code),
    what: (text) => text,
    where: (text) => text,
    note: (text) => text,
    why: (text) => text,
    words: (text) => text,
    acquiredAt: (at) => words('vehicle.says.taken', { value: time(at) }),
    containers: (value) => words('vehicle.says.containers', { value }),
    before: (value) => words('vehicle.says.before', { value }),
    plates: (value) => words('vehicle.says.plates', { value }),
    visit: (value) => words('vehicle.says.visit', { value }),
    instruction: (code) => words('vehicle.says.instruction', { value: wordsOr(`outlook.${code}`, code) }),
    fallback: (value) => words('vehicle.says.fallback', { value }),
    until: (at) => words('vehicle.says.until', { value: time(at) }),
    reference: (value) => words('vehicle.says.reference', { value }),
  };

/** What is known of an entry beside what it is, in words. */
export function saidOf(entry: Entry, reasons: readonly Reason[]): readonly string[] {
  const { detail } = entry;
  const said = Object.entries(sayings).flatMap(([name, say]) => {
    const value = detail[name];
    return value === undefined ? [] : [say(value, entry, reasons)];
  });
  const isQuiet = entry.about === 'radiation-record' && detail.alarms === undefined;
  return isQuiet ? [words('vehicle.says.noAlarm'), ...said] : said;
}
