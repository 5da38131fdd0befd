import { randomBytes } from 'node:crypto';
import { type AccessKey, type Actor, ANY_SITE, type Role } from '../core/access.ts';
import { defined } from '../core/defined.ts';
import { NiiError } from '../core/errors.ts';
import { siteName } from '../core/keys.ts';
import type { Audit, AuditEntry } from '../core/ports/records/audit.ts';
import type { Keys, KeyWrites } from '../core/ports/records/keys.ts';
import type { TimedRecords } from '../core/ports/stores.ts';
import type { Transactions } from '../core/ports/transactions.ts';
import { sha256Hex } from '../stored/identity.ts';

export interface NewKey {
  readonly role: Role;
  readonly administration: string;
  readonly site: string;
  readonly name: string;
  /** Whose uploads it sends: the sender of an earlier key, or that key's id. */
  readonly sender?: string;
}

/** The token is shown once and is not stored. */
export interface IssuedKey {
  readonly key: AccessKey;
  readonly token: string;
}

/** @throws NII_BAD_REQUEST for an administration, site or sender that cannot stand in an address */
export async function issueKey(
  { records, clock }: TimedRecords<Audit & KeyWrites>,
  wanted: NewKey,
): Promise<IssuedKey> {
  const { administration, site, sender } = wanted;
  for (const [field, value] of Object.entries(defined({ administration, site, sender }))) {
    if (siteName.test(value) || (field === 'site' && value === ANY_SITE)) continue;
    throw new NiiError('NII_BAD_REQUEST', {
      detail: `The ${field} is lower case letters, digits and hyphens`,
      field,
    });
  }
  const keyId = randomBytes(8).toString('hex');
  const secret = randomBytes(32).toString('base64url');
  const key: AccessKey = {
    ...wanted,
    keyId,
    secretSha256: sha256Hex(secret),
    createdAt: clock.now().toISOString(),
  };
  await records.transaction(async (tx) => {
    await tx.putKey(key);
    await tx.audit(auditOf(key, 'create'));
  });
  return { key, token: `nii_${keyId}_${secret}` };
}

export async function revokeKey(
  { records, clock }: TimedRecords<Audit & Keys & KeyWrites>,
  keyId: string,
): Promise<AccessKey> {
  return records.transaction(async (tx) => {
    const key = await tx.key(keyId);
    if (key === undefined) throw new NiiError('NII_NOT_FOUND', 'There is no such key');
    const revoked: AccessKey = { ...key, revokedAt: key.revokedAt ?? clock.now().toISOString() };
    await tx.putKey(revoked);
    await tx.audit(auditOf(revoked, 'revoke'));
    return revoked;
  });
}

/** Keys are made at the command line, by whoever runs the service. */
function auditOf(
  { keyId, administration, role, site, sender }: AccessKey,
  what: 'create' | 'revoke',
): AuditEntry {
  const actor: Actor = { keyId: 'command-line', role: 'administrator', administration, site: ANY_SITE };
  return {
    actor,
    action: `change key: ${what}`,
    subject: keyId,
    detail: { role, site, ...defined({ sender }) },
    site,
  };
}

export async function listKeys({
  records,
}: {
  readonly records: Transactions<Keys>;
}): Promise<readonly AccessKey[]> {
  return records.transaction((tx) => tx.keys());
}
