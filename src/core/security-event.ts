import { type Actor, ANY_SITE } from './access.ts';
import type { AuditEntry } from './ports/records/audit.ts';

/** What the service finds by itself; `peer` is the role that may do nothing. */
const service: Actor = { keyId: 'none', role: 'peer', administration: '', site: ANY_SITE };

/** An entry of the audit for what an administration's security people want to hear of. */
export function securityEvent(
  what:
    | 'upload set aside'
    | 'object corrupt'
    | 'not contained'
    | 'verify found faults'
    | 'object lost'
    | 'object repaired'
    | 'rolled back'
    | 'rollback accepted'
    | 'service hold opened'
    | 'passage opened again'
    | 'model left out'
    | 'model changed'
    | 'model added'
    | 'signed in'
    | 'sign-in failed'
    | 'named at another site'
    | 'signed out',
  subject: string,
  detail: AuditEntry['detail'],
  actor: Actor = service,
): AuditEntry {
  return { actor, action: `security: ${what}`, subject, detail, site: actor.site };
}
