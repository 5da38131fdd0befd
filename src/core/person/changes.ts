import { ANY_SITE } from '../access.ts';
import { normaliseContainer } from '../check-digits.ts';
import { defined } from '../defined.ts';
import { NiiError } from '../errors.ts';
import { isSame } from '../sign-in/session.ts';
import { isOther, type Move } from './move.ts';
import {
  type Conflict,
  type ConflictAbout,
  type Identity,
  MOST_CONFLICTS,
  MOST_IDENTITIES,
  MOST_KEYS,
  type Person,
  type PersonalIdentity,
  type PersonStatus,
} from './person.ts';

/** Changes of a person, as pure functions: the person in, the next version out. */

export function newPerson(id: string, administration: string, name: string, status: PersonStatus): Person {
  return { id, administration, name, status, keys: [], formerIds: [], conflicts: [], version: 1 };
}

/** An administrator says who it is, and by which name. @throws NII_STATE_CONFLICT of one that is another */
export function linked(person: Person, name: string): Person {
  rejectMerged(person);
  return next({ ...person, name, status: 'linked' });
}

/**
 * The person also works at this site. A person who works at two sites is administered at neither, but by an administrator
 * of all sites.
 */
export function withSite(person: Person, site: string): Person {
  const joined = joinSites(siteOf(person), site);
  return joined === person.site ? person : next({ ...person, site: joined });
}

/** An administrator says at which site the person is administered. */
export function setSite(person: Person, site: string): Person {
  return site === person.site ? person : next({ ...person, site });
}

/** Version 0.2.0 stored no site: a person who could already act may have acted at any. */
function siteOf({ site, keys, identities = [] }: Person): string | undefined {
  return site ?? (keys.length + identities.length > 0 ? ANY_SITE : undefined);
}

function joinSites<Other extends string | undefined>(one: string | undefined, other: Other): string | Other {
  if (one === undefined) return other;
  return other === undefined || other === one ? one : ANY_SITE;
}

/** @throws NII_BAD_REQUEST where it has as many keys as a person may have, NII_STATE_CONFLICT of one that is another */
export function withKey(person: Person, { keyId, site }: { keyId: string; site: string }): Person {
  rejectMerged(person);
  if (person.keys.includes(keyId)) return person;
  if (person.keys.length >= MOST_KEYS)
    throw new NiiError('NII_BAD_REQUEST', {
      detail: `Too many keys: a person can have at most ${MOST_KEYS}`,
      field: 'keys',
    });
  return next({ ...person, site: joinSites(siteOf(person), site), keys: [...person.keys, keyId] });
}

/**
 * The person signs in by exactly these identities.
 * @throws NII_STATE_CONFLICT of one that is another, NII_BAD_REQUEST where there are too many
 */
export function withIdentities(
  { identities: _, ...person }: Person,
  wanted: readonly PersonalIdentity[],
): Person {
  rejectMerged(person);
  if (wanted.length > MOST_IDENTITIES)
    throw new NiiError('NII_BAD_REQUEST', {
      detail: `Too many identities: a person can have at most ${MOST_IDENTITIES}`,
      field: 'identities',
    });
  return next({ ...person, ...defined({ identities: wanted.length === 0 ? undefined : [...wanted] }) });
}

/** Whether the access of the person has ended; if so, none of their keys and sessions is valid. */
export function withEnded({ ended: _, ...person }: Person, isEnded: boolean): Person {
  rejectMerged(person);
  return next({ ...person, ...defined({ ended: isEnded || undefined }) });
}

/**
 * The person at the first sign-in with one of their identities. Undefined where an administrator of another site named
 * the identity: they cannot say who signs in here.
 */
export function atFirstSignIn(person: Person, identity: Identity, site: string): Person | undefined {
  const { identities = [] } = person;
  const { namedAt } = identities.find((one) => isSame(one, identity)) ?? {};
  if (namedAt === undefined) return person;
  if (namedAt !== ANY_SITE && namedAt !== site) return undefined;
  const { issuer, subject } = identity;
  return withIdentities(
    person,
    identities.map((one) => (isSame(one, identity) ? { issuer, subject } : one)),
  );
}

/** The person as an administrator of all sites leaves them: identities that they keep are this person's wherever the first sign-in is. */
export function namedForAllSites(person: Person): Person {
  const { identities = [] } = person;
  if (identities.every(({ namedAt }) => namedAt === undefined || namedAt === ANY_SITE)) return person;
  return withIdentities(
    person,
    identities.map((one) => (one.namedAt === undefined ? one : { ...one, namedAt: ANY_SITE })),
  );
}

/** The person without an identity that turned out to be somebody else's. */
export function withoutIdentity(person: Person, identity: Identity): Person {
  return withIdentities(
    person,
    (person.identities ?? []).filter((one) => !isSame(one, identity)),
  );
}

/** Each identity once. */
function joinIdentities(
  some: readonly PersonalIdentity[],
  more: readonly PersonalIdentity[],
): readonly PersonalIdentity[] {
  return [...some, ...more.filter((one) => !some.some((known) => isSame(known, one)))];
}

/**
 * The unlinked person turned out to be this one: its keys and its conflicts are this person's, and what was done under
 * its id was done by this person.
 * @throws NII_STATE_CONFLICT where the other is linked: two persons with names of their own are two
 */
export function merged(person: Person, other: Person): { readonly person: Person; readonly other: Person } {
  rejectMerged(person);
  rejectMerged(other);
  if (other.status === 'linked' || other.id === person.id)
    throw new NiiError('NII_STATE_CONFLICT', 'The key or the identity belongs to another linked person');
  const keys = [...new Set([...person.keys, ...other.keys])];
  const formerIds = [...new Set([...person.formerIds, other.id, ...other.formerIds])];
  const conflicts = [...person.conflicts, ...other.conflicts].map((one, at) => ({ ...one, number: at + 1 }));
  const identities = joinIdentities(person.identities ?? [], other.identities ?? []);
  const site = defined({ site: joinSites(siteOf(person), siteOf(other)) });
  if (keys.length > MOST_KEYS || formerIds.length > MOST_KEYS || conflicts.length > MOST_CONFLICTS)
    throw new NiiError('NII_BAD_REQUEST', {
      detail: `Too many keys: a person can have at most ${MOST_KEYS}`,
      field: 'keys',
    });
  return {
    person: withIdentities({ ...person, ...site, keys, formerIds, conflicts }, identities),
    other: { ...withIdentities({ ...other, keys: [] }, []), is: person.id },
  };
}

export interface ConflictWords {
  readonly about: ConflictAbout;
  readonly value: string;
  readonly why: string;
}

/**
 * Of the person itself: declared, and in force once a supervisor has seen it. Of a supervisor: in force.
 * @throws NII_STATE_CONFLICT where it stands already, NII_BAD_REQUEST where there are too many, or the container number is none
 */
export function withConflict(
  person: Person,
  words: ConflictWords,
  { actor: by, at }: Pick<Move, 'actor' | 'at'>,
): Person {
  const value = words.about === 'container' ? normaliseContainer(words.value) : words.value;
  if (value === '')
    throw new NiiError('NII_BAD_REQUEST', {
      detail: 'Invalid container number: it has no letter and no digit',
      field: 'value',
    });
  const isOpen = ({ state }: Conflict) => state !== 'ended';
  const isSame = (one: Conflict) => one.about === words.about && one.value === value;
  if (person.conflicts.some((one) => isOpen(one) && isSame(one)))
    throw new NiiError(
      'NII_STATE_CONFLICT',
      `This person already has a conflict about ${words.about} ${value}`,
    );
  if (person.conflicts.length >= MOST_CONFLICTS)
    throw new NiiError('NII_BAD_REQUEST', `Too many conflicts: a person can have at most ${MOST_CONFLICTS}`);
  const state = isPerson(person, by) ? 'declared' : 'in-force';
  const conflict: Conflict = { ...words, by, at, value, state, number: person.conflicts.length + 1 };
  return next({ ...person, conflicts: [...person.conflicts, conflict] });
}

/**
 * Of a supervisor who is somebody else: seen, and so in force, or over. Whoever ends a conflict lets the person read the case, so that it
 * takes somebody who is surely not that person.
 */
export function withConflictSettled(
  person: Person,
  number: number,
  state: 'in-force' | 'ended',
  move: Pick<Move, 'actor' | 'formerIds' | 'isLinked' | 'madeBy' | 'at'>,
): Person {
  const { actor: by, at } = move;
  const ids = [person.id, ...person.formerIds];
  const isAllowed = state === 'ended' ? ids.every((id) => isOther(move, id)) : !isPerson(person, by);
  if (!isAllowed && state === 'ended')
    throw new NiiError('NII_STATE_CONFLICT', 'Another linked person must end this conflict');
  if (!isAllowed) throw new NiiError('NII_STATE_CONFLICT', 'Another person must settle this conflict');
  const found = person.conflicts.find((one) => one.number === number);
  if (found === undefined)
    throw new NiiError('NII_NOT_FOUND', 'This person has no conflict with this number');
  if (found.state === 'ended' || found.state === state)
    throw new NiiError('NII_STATE_CONFLICT', `The conflict is already ${found.state}`);
  const settled: Conflict = { ...found, state, settledBy: by, settledAt: at };
  return next({ ...person, conflicts: person.conflicts.map((one) => (one === found ? settled : one)) });
}

function isPerson({ id, formerIds }: Person, name: string): boolean {
  return name === id || formerIds.includes(name);
}

function rejectMerged({ id, is }: Person): void {
  if (is !== undefined)
    throw new NiiError(
      'NII_STATE_CONFLICT',
      `The person ${id} was merged into ${is}; change that person instead`,
    );
}

function next(person: Person): Person {
  return { ...person, version: person.version + 1 };
}
