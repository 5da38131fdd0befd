import type { Warning } from '../core/scan/scan.ts';
import type { Converted } from '../sdk/sdk.ts';
import { warningOf } from './tools/toolbox.ts';

/** What people read, search and compare. `vendor` stays as the file has it. */
const readFields = [
  'source',
  'acquired',
  'units',
  'views',
  'history',
  'reports',
  'radiation',
  'consignments',
  'control',
] as const;

/** Control characters but blanks and line ends, and halves of surrogate pairs. */
const unreadable = /[^\P{Cc}\s]|\p{Cs}/gu;

/**
 * The same with U+FFFD for each character that is none of a text, and a warning for each field that had one. A database
 * rejects some of them, a terminal acts on others. The original keeps the bytes.
 */
export function withReadableText(converted: Converted): Converted {
  const warnings: Warning[] = [];
  const readable = Object.fromEntries(
    readFields.flatMap((field) => {
      const value = converted[field];
      const kept = readableValue(value, field, warnings);
      return kept === value ? [] : [[field, kept]];
    }),
  );
  if (warnings.length === 0) return converted;
  return { ...converted, ...readable, warnings: [...(converted.warnings ?? []), ...warnings] };
}

/** The very same value where there is nothing to replace. */
function readableValue(value: unknown, field: string, warnings: Warning[]): unknown {
  if (typeof value === 'string') return readableString(value, field, warnings);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const kept = entries.map(([name, inner]) => {
    const own = readableValue(inner, `${field}.${name}`, warnings);
    return [name, own] as const;
  });
  if (kept.every(([, inner], i) => inner === entries[i]?.[1])) return value;
  return Array.isArray(value) ? kept.map(([, inner]) => inner) : Object.fromEntries(kept);
}

function readableString(text: string, field: string, warnings: Warning[]): string {
  const readable = text.replace(unreadable, '\ufffd');
  if (readable === text) return text;
  const message = 'Characters that are none of a text; U+FFFD stands for each';
  warnings.push(warningOf('NII_W_FIELD_MALFORMED', { field, value: readable, message }));
  return readable;
}
