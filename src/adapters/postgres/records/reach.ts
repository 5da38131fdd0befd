import { type RawBuilder, sql } from 'kysely';
import type { Scope } from '../../../core/access.ts';

/**
 * Of a scan that the scope reaches: that its sender sent to; of the case in hand of its reader or at which the reader looks
 * along, of the same container, or offered for comparison; every scan where the scope names neither.
 */
export function reached({ sender, reader }: Scope, scanId: RawBuilder<unknown>): RawBuilder<boolean> {
  if (sender !== undefined)
    return sql<boolean>`exists (select 1 from scans as sent where sent.id = ${scanId} and ${sender} = any(sent.senders))`;
  if (reader === undefined) return sql<boolean>`true`;
  const parts = [heldBy(reader), lookedAtBy(reader)].flatMap((isOpen) => [
    sql`select seen.id from cases as held
      join scans as seen on seen.id = held.scan_id or seen.containers @> array[held.container]
      where ${isOpen} and seen.administration = held.administration`,
    sql`select offered.scan_id from cases as held join offered_scans as offered on offered.case_id = held.id
      where ${isOpen}`,
  ]);
  return sql<boolean>`${scanId} in (${sql.join(parts, sql` union all `)})`;
}

/** Condition for a case that one of these observes, under the name `held`. */
export function lookedAtBy(reader: readonly string[]): RawBuilder<boolean> {
  return sql<boolean>`held.advice_since is not null and held.advisers && ${[...reader]}::text[]`;
}

/** Of the case in hand of one of these, under the name `held`. */
export function heldBy(reader: readonly string[]): RawBuilder<boolean> {
  return sql<boolean>`held.state = 'claimed' and held.claimant = any(${[...reader]}::text[])`;
}
