import { type RawBuilder, sql } from 'kysely';

/** The keys of `wildcard_keys` in PostgreSQL: three characters that follow one another in a value with its marks. */
const KEY_LENGTH = 3;
const BEFORE = '\u0001'.repeat(KEY_LENGTH - 1);
const AFTER = '\u0002'.repeat(KEY_LENGTH - 1);
/** What a key has where a value goes on, and where it ends. */
const letters = [...'abcdefghijklmnopqrstuvwxyz0123456789_'];

/** A pattern of DICOM, with * and ?, as `like` takes it. */
export function likePattern(pattern: string): string {
  return pattern
    .replace(/[\\%_]/g, (char) => `\\${char}`)
    .replaceAll('*', '%')
    .replaceAll('?', '_');
}

/**
 * That the keys of a value are among those that a match of the pattern has: true of every value that matches, and of few
 * others. Undefined where the pattern names no character at all, as ??? does.
 * @param keys - SQL of the keys, as the index has them
 */
export function mayMatch(keys: RawBuilder<unknown>, pattern: string): RawBuilder<boolean> | undefined {
  const parts = partsOf(pattern);
  const whole = [...new Set(parts.flatMap(keysIn))];
  if (whole.length > 0) return sql<boolean>`${keys} @> ${whole}::text[]`;
  const longest = parts.reduce((one, other) => (other.length > one.length ? other : one), '');
  if (longest === '') return undefined;
  return sql<boolean>`${keys} && ${[...keysThatBegin(longest)]}::text[]`;
}

/** The pieces between wildcards, as keys have them; those at the ends with the marks of a value. */
function partsOf(pattern: string): readonly string[] {
  const written = pattern.replace(/[A-Z]/g, (letter) => letter.toLowerCase()).replace(/[^a-z0-9*?]/gu, '_');
  return `${BEFORE}${written}${AFTER}`.split(/[*?]+/).filter((part) => part !== BEFORE && part !== AFTER);
}

function keysIn(part: string): readonly string[] {
  return Array.from({ length: Math.max(0, part.length - KEY_LENGTH + 1) }, (_, at) =>
    part.slice(at, at + KEY_LENGTH),
  );
}

/** A value with one or two characters somewhere in it has one of these keys: they go on, or the value ends there. */
function keysThatBegin(part: string): ReadonlySet<string> {
  if (part.length === KEY_LENGTH) return new Set([part]);
  const end = AFTER.slice(0, KEY_LENGTH - part.length);
  return new Set([`${part}${end}`, ...letters.flatMap((letter) => [...keysThatBegin(part + letter)])]);
}
