import type { Actor } from '../../../core/access.ts';
import type { Tx } from '../../../core/ports/records.ts';
import type { TimedRecords } from '../../../core/ports/stores.ts';
import { securityEvent } from '../../../core/security-event.ts';
import type { Session } from '../../../core/sign-in/session.ts';

/** The person signs out of this browser. Other processes know it within five seconds. */
export function endSession(
  { records, clock }: TimedRecords<Tx<'endSession' | 'audit'>>,
  actor: Actor,
  { id, person }: Session,
): Promise<void> {
  return records.transaction(async (tx) => {
    await tx.endSession(id, clock.now().toISOString());
    await tx.audit(securityEvent('signed out', person, { sessions: 1 }, actor));
  });
}

/** The person signs out everywhere, here too. @returns how many sessions that were */
export function endAllSessions(
  { records, clock }: TimedRecords<Tx<'endSession' | 'openSessions' | 'audit'>>,
  actor: Actor,
  { person }: Session,
): Promise<number> {
  const at = clock.now().toISOString();
  return records.transaction(async (tx) => {
    const open = await tx.openSessions({ person }, at);
    for (const { id } of open) await tx.endSession(id, at);
    await tx.audit(securityEvent('signed out', person, { sessions: open.length }, actor));
    return open.length;
  });
}
