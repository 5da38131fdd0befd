import { randomBytes, timingSafeEqual } from 'node:crypto';
import { type AccessKey, type Actor, ANY_SITE, type Role } from '../core/access.ts';
import { NiiError } from '../core/errors.ts';
import { siteName } from '../core/keys.ts';
import type { Audit, AuditEntry } from '../core/ports/records/audit.ts';
import type { Keys, KeyWrites } from '../core/ports/records/keys.ts';
import type { TimedRecords } from '../core/ports/stores.ts';
import type { Transactions } from '../core/ports/transactions.ts';
import { sha256Hex } from '../stored/identity.ts';

/** A token is `nii_<key id>_<secret>`: the id finds the row, the secret (256 random bits) proves it. */
const tokenForm = /^nii_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/;
/** A revoked key may be honoured for this long. */
const CACHE_MS = 5_000;
const CACHE_ENTRIES = 10_000;

export interface NewKey {
  readonly role: Role;
  readonly administration: string;
  readonly site: string;
  readonly name: string;
}

/** The token is shown once and is not stored. */
export interface IssuedKey {
  readonly key: AccessKey;
  readonly token: string;
}

/** @throws NII_BAD_REQUEST for an administration or site that cannot stand in an address */
export async function issueKey(
  { records, clock }: TimedRecords<Audit & KeyWrites>,
  wanted: NewKey,
): Promise<IssuedKey> {
  for (const [field, value] of Object.entries({ administration: wanted.administration, site: wanted.site })) {
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
function auditOf({ keyId, administration, role, site }: AccessKey, what: 'create' | 'revoke'): AuditEntry {
  const actor: Actor = { keyId: 'command-line', role: 'administrator', administration, site: ANY_SITE };
  return { actor, action: `change key: ${what}`, subject: keyId, detail: { role, site } };
}

export async function listKeys({
  records,
}: {
  readonly records: Transactions<Keys>;
}): Promise<readonly AccessKey[]> {
  return records.transaction((tx) => tx.keys());
}

export type Authenticate = (token: string | undefined) => Promise<Actor>;

/** Checks tokens against the records; an answer is kept for a few seconds, so a revoked key ends as soon. */
export function authenticator({ records, clock }: TimedRecords<Keys>): Authenticate {
  const cache = new Map<string, { readonly key: AccessKey; readonly until: number }>();
  const find = async (keyId: string): Promise<AccessKey | undefined> => {
    const now = clock.now().getTime();
    const cached = cache.get(keyId);
    if (cached !== undefined && cached.until > now) return cached.key;
    const key = await records.transaction((tx) => tx.key(keyId));
    if (cache.size >= CACHE_ENTRIES) cache.clear();
    if (key !== undefined) cache.set(keyId, { key, until: now + CACHE_MS });
    return key;
  };
  return async (token) => {
    const [, keyId, secret] = tokenForm.exec(token ?? '') ?? [];
    const key = keyId === undefined ? undefined : await find(keyId);
    if (key === undefined || secret === undefined || key.revokedAt !== undefined || !proves(secret, key)) {
      throw new NiiError('NII_UNAUTHENTICATED', 'The key is missing, unknown or revoked');
    }
    return { keyId: key.keyId, role: key.role, administration: key.administration, site: key.site };
  };
}

function proves(secret: string, key: AccessKey): boolean {
  return timingSafeEqual(Buffer.from(sha256Hex(secret), 'hex'), Buffer.from(key.secretSha256, 'hex'));
}
