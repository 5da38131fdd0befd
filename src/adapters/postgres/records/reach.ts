import { type RawBuilder, sql } from 'kysely';
import type { Scope } from '../../../core/access.ts';

/**
 * Of a scan that the scope reaches: that its sender sent to; of the case in hand of its reader, of the same
 * container, or offered for comparison; every scan where the scope names neither.
 */
export function reached({ sender, reader }: Scope, scanId: RawBuilder<unknown>): RawBuilder<boolean> {
  if (sender !== undefined)
    return sql<boolean>`exists (select 1 from scans as sent where sent.id = ${scanId} and ${sender} = any(sent.senders))`;
  if (reader === undefined) return sql<boolean>`true`;
  return sql<boolean>`${scanId} in (select seen.id from cases as held
    join scans as seen on seen.id = held.scan_id or seen.containers @> array[held.container]
    where ${heldBy(reader)} and seen.administration = held.administration
    union all select offered.scan_id from cases as held join offered_scans as offered on offered.case_id = held.id
    where ${heldBy(reader)})`;
}

/** Of the case in hand of one of these, under the name `held`. */
export function heldBy(reader: readonly string[]): RawBuilder<boolean> {
  return sql<boolean>`held.state = 'claimed' and held.claimant = any(${[...reader]}::text[])`;
}
