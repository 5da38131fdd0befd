import { randomBytes } from 'node:crypto';
import { type AccessKey, type Actor, ANY_SITE, isRoleOfPeople, type Role } from '../../core/access.ts';
import { defined } from '../../core/defined.ts';
import { NiiError } from '../../core/errors.ts';
import { siteName } from '../../core/keys.ts';
import { newPerson, withKey } from '../../core/person/changes.ts';
import type { Person } from '../../core/person/person.ts';
import type { ObjectWrites } from '../../core/ports/objects.ts';
import type { AuditEntry } from '../../core/ports/records/audit.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { TimedRecords } from '../../core/ports/stores.ts';
import type { Locks, Transactions } from '../../core/ports/transactions.ts';
import { sha256Hex } from '../../stored/identity.ts';
import { type StorePersonTx, storePerson } from '../../stored/person-store.ts';
import { alonePersons, newPersonId } from './decide.ts';

export interface NewKey {
  /** At least one; all of people, or all of machines. */
  readonly roles: readonly Role[];
  readonly administration: string;
  readonly site: string;
  readonly name: string;
  /** Whose uploads it sends: the sender of an earlier key, or that key's id. */
  readonly sender?: string;
  /** ISO 8601; from this time on it opens nothing. */
  readonly endsAt?: string;
  /** Id of the person who gets it; without one a key of people belongs to a new, unlinked person. */
  readonly person?: string;
}

/** The token is shown once and is not stored. */
export interface IssuedKey {
  readonly key: AccessKey;
  /** Whose it is. */
  readonly person?: Person;
  readonly token: string;
}

export type IssueKeyTx = StorePersonTx & Tx<'audit' | 'putKey' | 'lockPerson'>;

export interface IssueKeyDeps extends TimedRecords<IssueKeyTx> {
  readonly records: Transactions<IssueKeyTx> & Locks;
  readonly objects: ObjectWrites;
}

/**
 * @throws NII_BAD_REQUEST for an administration, site or sender that cannot stand in an address, for roles of people and
 *   machines in one key, for a person of a machine's key, for an end that is no time to come; NII_NOT_FOUND for a person
 *   who is not there
 */
export async function issueKey(deps: IssueKeyDeps, wanted: NewKey): Promise<IssuedKey> {
  const now = deps.clock.now();
  checkWanted(wanted, now);
  const { administration } = wanted;
  const keyId = randomBytes(8).toString('hex');
  const secret = randomBytes(32).toString('base64url');
  return alonePersons(deps, administration, async (tx: IssueKeyTx) => {
    const person = wanted.roles.some(isRoleOfPeople)
      ? withKey(await holderOf(tx, wanted), { keyId, site: wanted.site })
      : undefined;
    const key: AccessKey = {
      ...wanted,
      keyId,
      ...defined({ person: person?.id }),
      secretSha256: sha256Hex(secret),
      createdAt: now.toISOString(),
    };
    if (person !== undefined) await storePerson(deps, tx, person);
    await tx.putKey(key);
    await tx.audit(auditOf(key, 'create'));
    return { key, ...defined({ person }), token: `nii_${keyId}_${secret}` };
  });
}

/** The person who is named, or one whom nobody has linked yet. */
async function holderOf(tx: Tx<'lockPerson'>, { administration, person: id, name }: NewKey): Promise<Person> {
  // Version 0, so that the first that is stored is 1.
  if (id === undefined) return { ...newPerson(newPersonId(), administration, name, 'unlinked'), version: 0 };
  const found = await tx.lockPerson(administration, id);
  if (found === undefined) throw new NiiError('NII_NOT_FOUND', `Unknown person "${id}"`);
  return found;
}

function checkWanted({ administration, site, sender, roles, person, endsAt }: NewKey, now: Date): void {
  for (const [field, value] of Object.entries(defined({ administration, site, sender }))) {
    if (siteName.test(value) || (field === 'site' && value === ANY_SITE)) continue;
    throw wrong(field, `Invalid ${field} "${value}": use lower-case letters, digits and hyphens`);
  }
  const ofPeople = roles.filter(isRoleOfPeople).length;
  if (roles.length === 0 || (ofPeople > 0 && ofPeople < roles.length))
    throw wrong(
      'roles',
      `Invalid roles "${roles.join(', ')}": use roles of people or roles of machines, not both in one key`,
    );
  if (person !== undefined && ofPeople === 0)
    throw wrong(
      'person',
      `Invalid person "${person}": a key with the role ${roles.join(' or ')} belongs to a machine; omit the person`,
    );
  if (endsAt !== undefined && !(Date.parse(endsAt) > now.getTime()))
    throw wrong(
      'endsAt',
      `Invalid endsAt "${endsAt}": use a time in the future, such as 2027-01-31T00:00:00Z`,
    );
}

function wrong(field: string, detail: string): NiiError {
  return new NiiError('NII_BAD_REQUEST', { detail, field });
}

export async function revokeKey(
  { records, clock }: TimedRecords<Tx<'audit' | 'key' | 'putKey'>>,
  keyId: string,
): Promise<AccessKey> {
  return records.transaction(async (tx) => {
    const key = await tx.key(keyId);
    if (key === undefined) throw new NiiError('NII_NOT_FOUND', `Unknown key "${keyId}"`);
    const revoked: AccessKey = { ...key, revokedAt: key.revokedAt ?? clock.now().toISOString() };
    await tx.putKey(revoked);
    await tx.audit(auditOf(revoked, 'revoke'));
    return revoked;
  });
}

/** Whoever runs the service makes keys and persons at the command line. */
export function atCommandLine(administration: string): Actor {
  return { keyId: 'command-line', role: 'administrator', administration, site: ANY_SITE };
}

function auditOf(
  { keyId, administration, roles, site, sender, person, endsAt }: AccessKey,
  what: 'create' | 'revoke',
): AuditEntry {
  return {
    actor: atCommandLine(administration),
    action: `change key: ${what}`,
    subject: keyId,
    detail: { roles, site, ...defined({ sender, person, endsAt }) },
    site,
  };
}

export async function listKeys({
  records,
}: {
  readonly records: Transactions<Tx<'keys'>>;
}): Promise<readonly AccessKey[]> {
  return records.transaction((tx) => tx.keys());
}
