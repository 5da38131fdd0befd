import { randomBytes } from 'node:crypto';
import { type Command, earlierAnswer, keepAnswer } from '../../commands/command.ts';
import { type Actor, ANY_SITE, isUsable, mayAdminister, type Role } from '../../core/access.ts';
import { defined } from '../../core/defined.ts';
import { NiiError } from '../../core/errors.ts';
import {
  type ConflictWords,
  linked,
  merged,
  namedForAllSites,
  newPerson,
  setSite,
  withConflict,
  withConflictSettled,
  withEnded,
  withIdentities,
} from '../../core/person/changes.ts';
import { type Move, moveOf } from '../../core/person/move.ts';
import { type Identity, madeBy, type Person } from '../../core/person/person.ts';
import type { ObjectWrites } from '../../core/ports/objects.ts';
import type { Clock } from '../../core/ports/process.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { TimedRecords } from '../../core/ports/stores.ts';
import type { Locks, Transactions } from '../../core/ports/transactions.ts';
import { isSame } from '../../core/sign-in/session.ts';
import { OBJECTS_LOCK } from '../../stored/object-row.ts';
import { type StorePersonTx, storePerson } from '../../stored/person-store.ts';

/**
 * Who holds which keys, and what a person does not read. Each call is one transaction: the new version, its object, the
 * audit entry and the answer kept for a repeated request are all there, or none is.
 */

export type ChangePersonTx = StorePersonTx & Tx<'audit' | 'answered' | 'putAnswer' | 'forgetAnswers'>;

export interface ChangePersonDeps<Taken = ChangePersonTx> {
  readonly records: Transactions<Taken> & Locks;
  readonly objects: ObjectWrites;
}

interface Timed {
  readonly clock: Clock;
}

export interface TimedChangePersonDeps extends ChangePersonDeps<ChangePersonTx & Tx<'lockPerson'>>, Timed {}

/** 64 random bits, as 16 hexadecimal digits. */
export function newPersonId(): string {
  return randomBytes(8).toString('hex');
}

/**
 * A person whom an administrator knows, without a key yet. Of an administrator of all sites the person is of no site until
 * the first key or sign-in.
 */
export function createPerson(
  deps: ChangePersonDeps & Timed,
  command: Command,
  name: string,
): Promise<Person> {
  const { administration, site } = command.actor;
  return changing(deps, command, async (tx) => {
    const created = newPerson(newPersonId(), administration, name, 'linked');
    const at = deps.clock.now().toISOString();
    const person = {
      ...madeBy(created, command.actor.person?.id, at),
      ...defined({ site: site === ANY_SITE ? undefined : site }),
    };
    await storePerson(deps, tx, person);
    await note(tx, command.actor, 'create', person);
    return person;
  });
}

export type LinkTx = ChangePersonTx & Tx<'key' | 'putKey' | 'personOf' | 'moveSessions' | 'lockPerson'>;
export type LinkDeps = ChangePersonDeps<LinkTx> & Timed;

export interface LinkWords {
  readonly name: string;
  /** Keys that turned out to be this person's, besides those it has. */
  readonly keys?: readonly string[];
  /** Those by which it signs in from now on; those of unlinked persons turn out to be this one's. Undefined: unchanged. */
  readonly identities?: readonly Identity[];
  /** Whether their access has ended; undefined: unchanged. */
  readonly ended?: boolean;
  /** At which they are administered, or ANY_SITE; undefined: unchanged. */
  readonly site?: string;
}

/**
 * Says who a person is, and which keys of unlinked persons are its own: those persons turn out to be this one.
 * @throws NII_NOT_FOUND; NII_FORBIDDEN unless the actor may administer this person, those persons and the site;
 *   NII_STATE_CONFLICT where a key is another linked person's, or no person's;
 *   NII_PRECONDITION_REQUIRED, NII_PRECONDITION_FAILED
 */
export function linkPerson(
  deps: LinkDeps,
  command: Command,
  id: string,
  { name, keys = [], identities, ended, site }: LinkWords,
): Promise<Person> {
  return changing(deps, command, async (tx) => {
    const { actor } = command;
    const found = await administeredPerson(tx, actor, id);
    requireVersion(command, found);
    let person = linked(found, name);
    // a new name alone says nothing of who somebody is
    const isMade =
      found.status === 'unlinked' || keys.length > 0 || identities !== undefined || ended === false;
    if (isMade) person = madeBy(person, actor.person?.id, deps.clock.now().toISOString());
    for (const keyId of keys) person = await withKeyOf(deps, tx, actor, person, keyId);
    if (identities !== undefined) person = await withIdentitiesOf(deps, tx, actor, person, identities);
    if (ended !== undefined) person = withEnded(person, ended);
    // a new name or key says nothing of who signs in
    const saysWho = identities !== undefined || ended === true;
    if (actor.site === ANY_SITE && saysWho) person = namedForAllSites(person);
    if (site !== undefined) person = setSite(person, site);
    requireAdministered(actor, person);
    // One change, one version, however many keys came with it.
    const value = { ...person, version: found.version + 1 };
    await storePerson(deps, tx, value);
    await note(tx, command.actor, ended === true ? 'end' : 'link', value);
    return value;
  });
}

async function withKeyOf(
  deps: { readonly objects: ObjectWrites },
  tx: MergeTx & Tx<'lockPerson'>,
  actor: Actor,
  person: Person,
  keyId: string,
): Promise<Person> {
  if (person.keys.includes(keyId)) return person;
  const { administration } = actor;
  const key = await tx.key(keyId);
  if (key === undefined || key.administration !== administration)
    throw new NiiError('NII_NOT_FOUND', `Unknown key "${keyId}"`);
  const owner = key.person === undefined ? undefined : await tx.lockPerson(administration, key.person);
  if (owner === undefined)
    throw new NiiError(
      'NII_STATE_CONFLICT',
      `Invalid key "${keyId}": it belongs to a machine; use a key of a person`,
    );
  return withAllOf(deps, tx, actor, person, owner);
}

type MergeTx = StorePersonTx & Tx<'key' | 'putKey' | 'moveSessions'>;

/** The other person turned out to be this one: its keys, identities and sessions are this one's. */
async function withAllOf(
  deps: { readonly objects: ObjectWrites },
  tx: MergeTx,
  actor: Actor,
  person: Person,
  owner: Person,
): Promise<Person> {
  requireAdministered(actor, owner);
  const both = merged(person, owner);
  await storePerson(deps, tx, both.other);
  for (const moved of owner.keys) {
    const its = await tx.key(moved);
    if (its !== undefined) await tx.putKey({ ...its, person: person.id });
  }
  await tx.moveSessions(owner.id, person.id);
  return both.person;
}

/**
 * The person with these identities and no other that it had. One that nobody has signed in with yet is known from its
 * first sign-in on, at the site of the administrator who named it.
 */
async function withIdentitiesOf(
  deps: { readonly objects: ObjectWrites },
  tx: MergeTx & Tx<'personOf'>,
  actor: Actor,
  person: Person,
  wanted: readonly Identity[],
): Promise<Person> {
  const { administration, identities: before = [] } = person;
  const isIn = (some: readonly Identity[]) => (one: Identity) => some.some((other) => isSame(one, other));
  let whole = withIdentities(person, before.filter(isIn(wanted)));
  for (const identity of wanted) {
    const owner = await tx.personOf(administration, identity);
    if (owner !== undefined && owner.id !== person.id) whole = await withAllOf(deps, tx, actor, whole, owner);
  }
  const known = whole.identities ?? [];
  const added = wanted.filter((one) => !isIn(known)(one)).map((one) => ({ ...one, namedAt: actor.site }));
  return withIdentities(whole, [...known, ...added]);
}

/** What the caller has an interest in; it counts once a supervisor has seen it. */
export function declareConflict(
  deps: TimedChangePersonDeps,
  command: Command,
  words: ConflictWords,
): Promise<Person> {
  const { person } = command.actor;
  if (person === undefined)
    throw new NiiError('NII_FORBIDDEN', "This key does not belong to a person: use a person's key");
  const own = { id: person.id, find: lockedPerson };
  return changeConflicts(deps, command, own, 'declare conflict', (value, move) =>
    withConflict(value, words, move),
  );
}

/** The word of a supervisor on somebody else's interests; it counts at once. */
export function setConflict(
  deps: TimedChangePersonDeps,
  command: Command,
  id: string,
  words: ConflictWords,
): Promise<Person> {
  const whose = { id, find: lockedPerson };
  return changeConflicts(deps, command, whose, 'set conflict', (value, move) => {
    if ([value.id, ...value.formerIds].includes(move.actor))
      throw new NiiError(
        'NII_STATE_CONFLICT',
        'This is your own conflict: declare it with POST /v1/conflicts',
      );
    return withConflict(value, words, move);
  });
}

export function settleConflict(
  deps: TimedChangePersonDeps,
  command: Command,
  id: string,
  number: number,
  state: 'in-force' | 'ended',
): Promise<Person> {
  return changeConflicts(
    deps,
    command,
    // what restricts a person is no administration: every supervisor may put it in force
    { id, find: state === 'ended' ? administeredPerson : lockedPerson },
    state === 'ended' ? 'end conflict' : 'see conflict',
    (value, move) => withConflictSettled(value, number, state, move),
  );
}

/** Whose conflicts, and how the person is found. */
interface Whose {
  readonly id: string;
  readonly find: (tx: Tx<'lockPerson'>, actor: Actor, id: string) => Promise<Person>;
}

type ConflictChange = (person: Person, move: Move) => Person;

function changeConflicts(
  deps: TimedChangePersonDeps,
  command: Command,
  { id, find }: Whose,
  what: string,
  change: ConflictChange,
): Promise<Person> {
  return changing(deps, command, async (tx) => {
    const found = await find(tx, command.actor, id);
    const value = change(found, moveOf(command.actor, deps.clock.now()));
    await storePerson(deps, tx, value);
    await note(tx, command.actor, what, value);
    return value;
  });
}

const rolesOfTwo: ReadonlySet<Role> = new Set([
  'analyst',
  'supervisor',
  'administrator',
  'radiation-officer',
]);

/**
 * How many unlinked persons of each administration have a key that works, and with it a role of which two persons have to
 * say the same: none of them is the second, so a second reading waits for ever where there are no others.
 */
export async function unlinkedByAdministration({
  records,
  clock,
}: TimedRecords<Tx<'keys' | 'identitiesOf'>>): Promise<Readonly<Record<string, number>>> {
  const now = clock.now();
  return records.transaction(async (tx) => {
    const keys = (await tx.keys()).filter(
      (key) => isUsable(key, now) && key.roles.some((role) => rolesOfTwo.has(role)),
    );
    const found = await tx.identitiesOf(keys.map(({ keyId }) => keyId));
    const unlinked = found.flatMap(({ person }) => (person?.status === 'unlinked' ? [person] : []));
    const counts = new Map<string, Set<string>>();
    for (const { administration, id } of unlinked)
      counts.set(administration, (counts.get(administration) ?? new Set()).add(id));
    return Object.fromEntries([...counts].map(([administration, ids]) => [administration, ids.size]));
  });
}

/** Alone among all who change persons of the administration: a merge changes two. */
export function alonePersons<Taken, T>(
  { records }: { readonly records: Transactions<Taken> & Locks },
  administration: string,
  work: (tx: Taken) => Promise<T>,
): Promise<T> {
  return records.exclusively(`persons:${administration}`, () => records.transaction(work), OBJECTS_LOCK);
}

function changing<Taken extends Tx<'answered' | 'putAnswer' | 'forgetAnswers'>>(
  deps: { readonly records: Transactions<Taken> & Locks },
  command: Command,
  change: (tx: Taken) => Promise<Person>,
): Promise<Person> {
  return alonePersons(deps, command.actor.administration, async (tx) => {
    const earlier = await earlierAnswer(tx, command);
    // What was kept is an answer that this service wrote; it is read back as it is.
    if (earlier !== undefined) return earlier as Person;
    const person = await change(tx);
    await keepAnswer(tx, command, person);
    return person;
  });
}

/** @throws NII_NOT_FOUND, NII_FORBIDDEN */
async function administeredPerson(tx: Tx<'lockPerson'>, actor: Actor, id: string): Promise<Person> {
  const found = await lockedPerson(tx, actor, id);
  requireAdministered(actor, found);
  return found;
}

function requireAdministered(actor: Actor, person: Person): void {
  if (mayAdminister(actor, person)) return;
  const { id, site = ANY_SITE } = person;
  const detail = `The person ${id} is administered at site "${site}", and your site is "${actor.site}": ask an administrator for all sites`;
  throw new NiiError('NII_FORBIDDEN', detail);
}

async function lockedPerson(tx: Tx<'lockPerson'>, { administration }: Actor, id: string): Promise<Person> {
  const found = await tx.lockPerson(administration, id);
  if (found === undefined) throw new NiiError('NII_NOT_FOUND', `Unknown person "${id}"`);
  return found;
}

function requireVersion({ ifMatch }: Command, { version }: Person): void {
  if (ifMatch === undefined)
    throw new NiiError('NII_PRECONDITION_REQUIRED', 'Missing If-Match: send the ETag of the person');
  if (ifMatch !== String(version))
    throw new NiiError('NII_PRECONDITION_FAILED', 'The person has changed; reload and retry');
}

function note(tx: Tx<'audit'>, actor: Actor, what: string, person: Person): Promise<void> {
  const { id, version, status, keys, identities, ended } = person;
  return tx.audit({
    actor,
    action: `change person: ${what}`,
    subject: id,
    detail: { version, status, keys, ...defined({ identities: identities?.length, ended }) },
  });
}
