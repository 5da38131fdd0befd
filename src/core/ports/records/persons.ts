import type { AccessKey, Role } from '../../access.ts';
import type { Page } from '../../page.ts';
import type { Person } from '../../person/person.ts';

export interface Persons {
  person(administration: string, id: string): Promise<Person | undefined>;
  /** In rising order of id. */
  persons(administration: string, limit: number, cursor?: string): Promise<Page<Person>>;
}

export interface PersonWrites {
  /** The person as it is now, and nobody else may save it until this transaction ends. */
  lockPerson(administration: string, id: string): Promise<Person | undefined>;
  /** Inserts or replaces. @throws NII_CONFLICT where the stored version is not the one before */
  savePerson(value: Person): Promise<void>;
}

/** A key with whose it is. */
export interface KeyIdentity {
  readonly key: AccessKey;
  readonly person?: Person;
  /** Of every key of the person that is not revoked, in no order. */
  readonly rolesOfPerson: readonly Role[];
}

export interface Identities {
  /** Those of them that there are. */
  identitiesOf(keyIds: readonly string[]): Promise<readonly KeyIdentity[]>;
}

export interface KeyUses {
  /** Notes that a key was used, if it was not in the five minutes before. */
  keyUsed(keyId: string, at: string): Promise<void>;
}
