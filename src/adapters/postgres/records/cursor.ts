import type { Scope } from '../../../core/access.ts';
import { ANY_SITE } from '../../../core/access.ts';
import { defined } from '../../../core/defined.ts';
import { NiiError } from '../../../core/errors.ts';
import type { Page } from '../../../core/page.ts';

/** Where a page ended: the sort key of its last row, opaque to the reader. */
export type Position = readonly (string | number)[];

function toCursor(position: Position): string {
  return Buffer.from(JSON.stringify(position), 'utf8').toString('base64url');
}

/** @param shape - the types that the sort key of this list has. @throws NII_BAD_REQUEST */
export function fromCursor(cursor: string, shape: readonly ('string' | 'number')[]): Position {
  const position = parse(cursor);
  const fits =
    Array.isArray(position) &&
    position.length === shape.length &&
    shape.every((type, index) => typeof position[index] === type);
  if (!fits) throw badCursor();
  return position as Position; // checked above
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    throw badCursor();
  }
}

export function badCursor(): NiiError {
  return new NiiError('NII_BAD_REQUEST', { detail: 'Invalid cursor for this list', field: 'cursor' });
}

/** A page of rows of which one more than the limit was asked for. */
export function pageOf<Row, Out>(
  rows: readonly Row[],
  limit: number,
  out: (row: Row) => Out,
  position: (row: Row) => Position,
): Page<Out> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { rows: shown.map(out), ...defined({ next: more ? toCursor(position(last)) : undefined }) };
}

/** The site to ask for, or undefined for every site. */
export function siteOf(scope: Scope): string | undefined {
  return scope.site === ANY_SITE ? undefined : scope.site;
}

/**
 * An ISO 8601 time as PostgreSQL is to compare it; without a zone it is taken as UTC, whatever the zone of this
 * machine. @throws NII_BAD_REQUEST
 */
export function instant(time: string): string {
  const zoned = /(?:Z|[+-]\d\d:?\d\d)$/i.test(time) || !time.includes('T') ? time : `${time}Z`;
  const date = new Date(zoned);
  if (Number.isNaN(date.getTime())) {
    throw new NiiError('NII_BAD_REQUEST', 'Invalid time: use a time such as 2026-01-02T03:04:05.678Z');
  }
  return withinYears(date).toISOString();
}

/** Of four digits: a day after the last of them, say, is written in a way that PostgreSQL does not read. */
function withinYears(date: Date): Date {
  return new Date(Math.min(Math.max(date.getTime(), FIRST_TIME), LAST_TIME));
}

const FIRST_TIME = Date.parse('0001-01-01T00:00:00.000Z');
const LAST_TIME = Date.parse('9999-12-31T23:59:59.999Z');
