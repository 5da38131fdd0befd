import { timingSafeEqual } from 'node:crypto';
import { type AccessKey, type Actor, isUsable, type Role } from '../core/access.ts';
import { defined } from '../core/defined.ts';
import { NiiError } from '../core/errors.ts';
import type { Person } from '../core/person/person.ts';
import type { KeyIdentity } from '../core/ports/records/persons.ts';
import type { Tx } from '../core/ports/records.ts';
import type { TimedRecords } from '../core/ports/stores.ts';
import type { Transactions } from '../core/ports/transactions.ts';
import {
  defaultSessionTerms,
  isOpen,
  isStillOf,
  NOTE_SESSION_USE_MS,
  type Session,
  type SessionTerms,
} from '../core/sign-in/session.ts';
import { sha256Hex } from '../stored/identity.ts';

/** A token is `nii_<key id>_<secret>`: the id finds the row, the secret (256 random bits) proves it. */
const tokenForm = /^nii_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/;
/** A revoked key may be honoured for this long, and one that was tried before it was made rejected. */
const REMEMBER_MS = 5_000;
const REMEMBERED = 10_000;
/** Look-ups of keys that nobody has proved to have: this many at once, then this many a second, each for all that wait. */
const LOOK_UPS_AT_ONCE = 50;
const LOOK_UPS_PER_SECOND = 20;
const KEYS_OF_ONE_LOOK_UP = 1_000;

/** A key is noted as used at most so often. */
const NOTE_USE_MS = 300_000;

/** Who a key says that its holder is; under which of its roles a request acts is for the request. */
export interface Caller extends Omit<Actor, 'role' | 'address'> {
  readonly roles: readonly Role[];
  /** Through which it acts; undefined: by a key. */
  readonly session?: Session;
}

/** The credentials of a request. */
export interface Sent {
  readonly token: string | undefined;
  /** A key is no session and a session no key, whatever is sent. */
  readonly as: 'key' | 'session';
  /** The page asks by itself: the person does nothing, and the session counts as idle. */
  readonly isBackground?: boolean;
}

export type Authenticate = (sent: Sent) => Promise<Caller>;

/** A key that is not what it says, with whose it would be where its id is known. */
export class RejectedKey extends NiiError {
  readonly key: AccessKey | undefined;

  constructor(key: AccessKey | undefined, as: Sent['as']) {
    super(
      'NII_UNAUTHENTICATED',
      as === 'key'
        ? 'The key is missing, unknown, expired or revoked'
        : 'The session has ended or is unknown; sign in at /sign-in',
    );
    this.key = key;
  }
}

export type AuthenticateTx = Tx<'identitiesOf' | 'keyUsed' | 'sessionUsed'>;

/**
 * Checks tokens against the records. What is found, and that nothing was, is remembered for a few seconds. Keys that
 * were found are looked up again at once; others wait their turn once many were, and are looked up together. So keys
 * that do not exist, however many, cost the database 20 transactions a second, and one that exists waits for a twentieth
 * of a second among them.
 * @throws RejectedKey, which is NII_UNAUTHENTICATED
 */
export function authenticator(
  { records, clock }: TimedRecords<AuthenticateTx>,
  terms: Pick<SessionTerms, 'source' | 'idleMinutes'> = defaultSessionTerms,
): Authenticate {
  const find = findRemembered({ records, clock });
  const uses = new KeptUses(records);
  return async ({ token, as, isBackground = false }) => {
    const [, keyId, secret] = tokenForm.exec(token ?? '') ?? [];
    const found = keyId === undefined ? undefined : await find(keyId);
    const now = clock.now();
    const isAsSent = (found?.session === undefined) === (as === 'key');
    const isProven = found !== undefined && secret !== undefined && isAsSent && proves(secret, found.key);
    if (!isProven || !isInForce(found, terms, uses.lastOf(found), now)) throw new RejectedKey(found?.key, as);
    if (!isBackground) await uses.note(found, now);
    return callerOf(found);
  };
}

/** Looks keys up, and remembers for some seconds what it found. */
function findRemembered({ records, clock }: TimedRecords<Tx<'identitiesOf'>>): LookUp {
  const remembered = new Map<string, { readonly found: KeyIdentity | undefined; readonly until: number }>();
  const lookUpFound = lookUpOneByOne(records);
  const lookUpStranger = lookUpInBatches(records);
  return async (keyId) => {
    const now = clock.now().getTime();
    const known = remembered.get(keyId);
    if (known !== undefined && known.until > now) return known.found;
    const found = await (known?.found === undefined ? lookUpStranger(keyId) : lookUpFound(keyId));
    if (!waitsToBeLinked(found)) remember(remembered, keyId, { found, until: now + REMEMBER_MS });
    return found;
  };
}

/** When keys and sessions were used last. Not every use is written. */
class KeptUses {
  readonly #records: Transactions<Tx<'keyUsed' | 'sessionUsed'>>;
  readonly #last = new Map<string, number>();

  constructor(records: Transactions<Tx<'keyUsed' | 'sessionUsed'>>) {
    this.#records = records;
  }

  /** Milliseconds since 1970; undefined: no use was noted here. */
  lastOf({ key, session }: KeyIdentity): number | undefined {
    return this.#last.get(session?.id ?? key.keyId);
  }

  async note({ key: { keyId }, session }: KeyIdentity, now: Date): Promise<void> {
    const every = session === undefined ? NOTE_USE_MS : NOTE_SESSION_USE_MS;
    if ((this.#last.get(keyId) ?? Number.NEGATIVE_INFINITY) > now.getTime() - every) return;
    remember(this.#last, keyId, now.getTime());
    const at = now.toISOString();
    await this.#records.transaction((tx) =>
      session === undefined ? tx.keyUsed(keyId, at) : tx.sessionUsed(keyId, at),
    );
  }
}

/** Whether the key, its person and its session have not ended. */
function isInForce(
  { key, person, session }: KeyIdentity,
  terms: Pick<SessionTerms, 'source' | 'idleMinutes'>,
  lastUse: number | undefined,
  now: Date,
): boolean {
  if (person?.ended === true || !isUsable(key, now)) return false;
  if (session === undefined) return true;
  const usedAt = new Date(Math.max(Date.parse(session.usedAt), lastUse ?? 0)).toISOString();
  return person !== undefined && isStillOf(session, person) && isOpen({ ...session, usedAt }, terms, now);
}

/** The page of an unlinked person opens as soon as an administrator has linked them. */
function waitsToBeLinked(found: KeyIdentity | undefined): boolean {
  return found?.session !== undefined && found.person?.status === 'unlinked';
}

function callerOf({ key, person, rolesOfPerson, session }: KeyIdentity): Caller {
  const { keyId, roles, administration, site, sender } = key;
  const acting = person && actingPersonOf(person, rolesOfPerson);
  return { keyId, roles, administration, site, ...defined({ sender, person: acting, session }) };
}

function actingPersonOf({ id, formerIds, status, madeBy }: Person, roles: readonly Role[]) {
  return { id, formerIds, isLinked: status === 'linked', roles, ...defined({ madeBy }) };
}

/** The oldest entries make room: there are never more than this many. */
function remember<V>(entries: Map<string, V>, id: string, entry: V): void {
  entries.delete(id);
  entries.set(id, entry);
  for (const oldest of entries.keys()) {
    if (entries.size <= REMEMBERED) return;
    entries.delete(oldest);
  }
}

interface Asked {
  readonly keyId: string;
  readonly answer: (found: KeyIdentity | undefined) => void;
  readonly fail: (error: unknown) => void;
}

type LookUp = (keyId: string) => Promise<KeyIdentity | undefined>;

/** Requests of the same key share a look-up. */
function lookUpOneByOne(records: Transactions<Tx<'identitiesOf'>>): LookUp {
  const running = new Map<string, Promise<KeyIdentity | undefined>>();
  return (keyId) => {
    const known = running.get(keyId);
    if (known !== undefined) return known;
    const found = records
      .transaction((tx) => tx.identitiesOf([keyId]))
      .then(([one]) => one)
      .finally(() => running.delete(keyId));
    running.set(keyId, found);
    return found;
  };
}

/** Keys that are asked for at the same time share a transaction. */
function lookUpInBatches(records: Transactions<Tx<'identitiesOf'>>): LookUp {
  let asked: Asked[] = [];
  let isRunning = false;
  const mayStart = credit(LOOK_UPS_AT_ONCE, LOOK_UPS_PER_SECOND);
  const run = async (): Promise<void> => {
    isRunning = true;
    while (asked.length > 0) {
      await mayStart();
      const some = asked.slice(0, KEYS_OF_ONE_LOOK_UP);
      asked = asked.slice(KEYS_OF_ONE_LOOK_UP);
      await answer(records, some);
    }
    isRunning = false;
  };
  return (keyId) =>
    new Promise((resolve, reject) => {
      asked.push({ keyId, answer: resolve, fail: reject });
      if (!isRunning) void run();
    });
}

/** Returns at once this many times, then so often in a second; one caller at a time. */
function credit(most: number, perSecond: number): () => Promise<void> {
  let left = most;
  let at = performance.now();
  return async () => {
    const now = performance.now();
    left = Math.min(most, left + ((now - at) / 1000) * perSecond);
    at = now;
    left -= 1;
    if (left < 0) await new Promise((resolve) => setTimeout(resolve, (-left / perSecond) * 1000));
  };
}

async function answer(records: Transactions<Tx<'identitiesOf'>>, asked: readonly Asked[]): Promise<void> {
  try {
    const ids = [...new Set(asked.map(({ keyId }) => keyId))];
    const found = await records.transaction((tx) => tx.identitiesOf(ids));
    const byId = new Map(found.map((one) => [one.key.keyId, one]));
    for (const one of asked) one.answer(byId.get(one.keyId));
  } catch (error) {
    for (const one of asked) one.fail(error);
  }
}

function proves(secret: string, key: AccessKey): boolean {
  return timingSafeEqual(Buffer.from(sha256Hex(secret), 'hex'), Buffer.from(key.secretSha256, 'hex'));
}
