import type { AccessKey, Role } from '../../access.ts';
import type { Page } from '../../page.ts';
import type { Identity, Person } from '../../person/person.ts';
import type { Session } from '../../sign-in/session.ts';

/** A key, or a session as the key that it acts as, with whose it is. */
export interface KeyIdentity {
  readonly key: AccessKey;
  readonly person?: Person;
  /** Of a session; undefined of a key. */
  readonly session?: Session;
  /** Of every key of the person that is not revoked and every session that has not ended, in no order. */
  readonly rolesOfPerson: readonly Role[];
}

export interface Persons {
  person(administration: string, id: string): Promise<Person | undefined>;
  /** In rising order of id. */
  persons(administration: string, limit: number, cursor?: string): Promise<Page<Person>>;

  /** The person of the administration that has it. */
  personOf(administration: string, identity: Identity): Promise<Person | undefined>;

  /** The person as it is now, and nobody else may save it until this transaction ends. */
  lockPerson(administration: string, id: string): Promise<Person | undefined>;
  /** Inserts or replaces. @throws NII_CONFLICT where the stored version is not the one before */
  savePerson(value: Person): Promise<void>;

  /** Those of these keys and sessions that there are. */
  identitiesOf(keyIds: readonly string[]): Promise<readonly KeyIdentity[]>;

  /** Notes that a key was used, if it was not in the five minutes before. */
  keyUsed(keyId: string, at: string): Promise<void>;
}
