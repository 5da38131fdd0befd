import { type RawBuilder, sql } from 'kysely';
import type { Scope } from '../../../core/access.ts';

/** Of a scan that the sender of the scope sent to; every scan where the scope names none. */
export function ofSender({ sender }: Scope, scanId: RawBuilder<unknown>): RawBuilder<boolean> {
  if (sender === undefined) return sql<boolean>`true`;
  return sql<boolean>`exists (select 1 from scans as sent where sent.id = ${scanId} and ${sender} = any(sent.senders))`;
}
