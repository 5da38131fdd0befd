/**
 * JSON as text that is the same for the same value: keys sorted by UTF-16 code units, no blanks, numbers as
 * ECMAScript writes them (RFC 8785). Entries that are undefined are left out; an unpaired surrogate, which a vendor's
 * text may hold, is written as its escape.
 * @throws TypeError for what JSON cannot say: functions, NaN, infinities
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'string') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object') return objectText(value);
  throw new TypeError(`JSON cannot represent a ${typeof value}`);
}

function numberText(value: number): string {
  if (!Number.isFinite(value)) throw new TypeError(`JSON cannot represent ${value}`);
  return JSON.stringify(value);
}

function objectText(value: object): string {
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
  const sorted = entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${sorted.map(([key, entry]) => `${JSON.stringify(key)}:${canonicalJson(entry)}`).join(',')}}`;
}
