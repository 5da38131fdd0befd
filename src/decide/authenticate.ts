import { timingSafeEqual } from 'node:crypto';
import type { AccessKey, Actor } from '../core/access.ts';
import { defined } from '../core/defined.ts';
import { NiiError } from '../core/errors.ts';
import type { Keys } from '../core/ports/records/keys.ts';
import type { TimedRecords } from '../core/ports/stores.ts';
import type { Transactions } from '../core/ports/transactions.ts';
import { sha256Hex } from '../stored/identity.ts';

/** A token is `nii_<key id>_<secret>`: the id finds the row, the secret (256 random bits) proves it. */
const tokenForm = /^nii_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/;
/** A revoked key may be honoured for this long, and one that was tried before it was made refused. */
const REMEMBER_MS = 5_000;
const REMEMBERED = 10_000;
/** Look-ups of keys that nobody has proved to have: so many at once, then so many a second, each for all that wait. */
const LOOK_UPS_AT_ONCE = 50;
const LOOK_UPS_PER_SECOND = 20;
const KEYS_OF_ONE_LOOK_UP = 1_000;

export type Authenticate = (token: string | undefined) => Promise<Actor>;

/** A key that is not what it says, with whose it would be where its id is known. */
export class RejectedKey extends NiiError {
  readonly key: AccessKey | undefined;

  constructor(key: AccessKey | undefined) {
    super('NII_UNAUTHENTICATED', 'The key is missing, unknown or revoked');
    this.key = key;
  }
}

/**
 * Checks tokens against the records. What is found, and that nothing was, is remembered for a few seconds. Keys that
 * were found are looked up again at once; others wait their turn once many were, and are looked up together. So keys
 * that do not exist, however many, cost the database 20 transactions a second, and one that exists waits for a twentieth
 * of a second among them.
 * @throws RejectedKey, which is NII_UNAUTHENTICATED
 */
export function authenticator({ records, clock }: TimedRecords<Keys>): Authenticate {
  const remembered = new Map<string, { readonly key: AccessKey | undefined; readonly until: number }>();
  const lookUpFound = oneByOne(records);
  const lookUpStranger = together(records);
  const find = async (keyId: string): Promise<AccessKey | undefined> => {
    const now = clock.now().getTime();
    const known = remembered.get(keyId);
    if (known !== undefined && known.until > now) return known.key;
    const key = await (known?.key === undefined ? lookUpStranger(keyId) : lookUpFound(keyId));
    remember(remembered, keyId, { key, until: now + REMEMBER_MS });
    return key;
  };
  return async (token) => {
    const [, keyId, secret] = tokenForm.exec(token ?? '') ?? [];
    const key = keyId === undefined ? undefined : await find(keyId);
    if (key === undefined || secret === undefined || key.revokedAt !== undefined || !proves(secret, key))
      throw new RejectedKey(key);
    return actorOf(key);
  };
}

function actorOf({ keyId, role, administration, site, sender }: AccessKey): Actor {
  return { keyId, role, administration, site, ...defined({ sender }) };
}

/** The oldest entries make room: there are never more than so many. */
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
  readonly answer: (key: AccessKey | undefined) => void;
  readonly fail: (error: unknown) => void;
}

type LookUp = (keyId: string) => Promise<AccessKey | undefined>;

/** Requests of the same key share a look-up. */
function oneByOne(records: Transactions<Keys>): LookUp {
  const running = new Map<string, Promise<AccessKey | undefined>>();
  return (keyId) => {
    const known = running.get(keyId);
    if (known !== undefined) return known;
    const found = records.transaction((tx) => tx.key(keyId)).finally(() => running.delete(keyId));
    running.set(keyId, found);
    return found;
  };
}

function together(records: Transactions<Keys>): LookUp {
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

/** Returns at once so many times, then so often in a second; one caller at a time. */
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

async function answer(records: Transactions<Keys>, asked: readonly Asked[]): Promise<void> {
  try {
    const ids = [...new Set(asked.map(({ keyId }) => keyId))];
    const found = await records.transaction((tx) => tx.keysOf(ids));
    const byId = new Map(found.map((key) => [key.keyId, key]));
    for (const one of asked) one.answer(byId.get(one.keyId));
  } catch (error) {
    for (const one of asked) one.fail(error);
  }
}

function proves(secret: string, key: AccessKey): boolean {
  return timingSafeEqual(Buffer.from(sha256Hex(secret), 'hex'), Buffer.from(key.secretSha256, 'hex'));
}
