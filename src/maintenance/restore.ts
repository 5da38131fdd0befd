import { createReadStream } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import Type, { type Static } from 'typebox';
import Value from 'typebox/value';
import { type AccessKey, isRoleOfPeople, Role } from '../core/access.ts';
import { defined } from '../core/defined.ts';
import { documentFolders } from '../core/documents.ts';
import { NiiError } from '../core/errors.ts';
import { OWN_PREFIXES } from '../core/keys.ts';
import { newPerson } from '../core/person/changes.ts';
import { PersonId } from '../core/person/person.ts';
import type { ObjectReads, ObjectWrites } from '../core/ports/objects.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Stores } from '../core/ports/stores.ts';
import type { Erasable, Locks, Transactions } from '../core/ports/transactions.ts';
import { Sha256 } from '../core/scan/scan.ts';
import {
  type OpenServiceHoldsDeps,
  type OpenServiceHoldsTx,
  openServiceHolds,
} from '../stored/service-holds.ts';
import { makeStagingFolder } from '../stored/staging.ts';
import { BACKUP_VERSION, backupLists, type CopyDeps, hashOfFile } from './backup.ts';
import { draftOfCopy } from './draft-of-copy.ts';
import { objectRows } from './object-rows.ts';
import { type Reindexed, type ReindexTx, reindex } from './reindex/reindex.ts';

const Count = Type.Integer({ minimum: 0 });
const Manifest = Type.Object({
  backup: Type.Literal(BACKUP_VERSION),
  createdAt: Type.String(),
  objects: Count,
  keys: Count,
  audit: Count,
  // backups of before the seals have none
  seals: Type.Optional(Count),
  sha256: Type.Object({
    'objects.jsonl': Sha256,
    'keys.jsonl': Sha256,
    'audit.jsonl': Sha256,
    'audit-seals.jsonl': Type.Optional(Sha256),
  }),
});

const StoredObject = Type.Object({
  key: Type.String({
    pattern: `^(${OWN_PREFIXES.join('|')})([a-z0-9_-][a-z0-9._-]*/)*[a-z0-9_-][a-z0-9._-]*$`,
  }),
  bytes: Count,
  sha256: Sha256,
  contentType: Type.String(),
});

const StoredKey = Type.Object({
  keyId: Type.String({ pattern: '^[0-9a-f]{16}$' }),
  roles: Type.Optional(Type.Array(Role, { minItems: 1 })),
  // of backups of before there were persons, in place of roles
  role: Type.Optional(Role),
  person: Type.Optional(PersonId),
  administration: Type.String(),
  site: Type.String(),
  sender: Type.Optional(Type.String()),
  name: Type.String(),
  secretSha256: Sha256,
  createdAt: Type.String(),
  endsAt: Type.Optional(Type.String()),
  revokedAt: Type.Optional(Type.String()),
});

export interface Restored extends Reindexed {
  readonly objects: number;
  readonly keys: number;
  /** What was said later is unknown: what was scanned until the restore is held until two persons of the site end it. */
  readonly recoveryPoint: string;
}

export interface RestoreDeps
  extends Stores<RestoreTx, ObjectReads & ObjectWrites>,
    CopyDeps,
    Pick<OpenServiceHoldsDeps, 'clock' | 'log'> {
  readonly records: Transactions<RestoreTx> & Erasable & Locks;
  readonly stagingDir: string;
}

export type RestoreTx = ReindexTx & OpenServiceHoldsTx & Tx<'allObjects' | 'keys' | 'person'>;

/**
 * Fills an empty installation from a backup: objects, each checked against its hash, then the records from the
 * objects, then the keys. Cut off, it may be run again. The audit of before and its seals stay in the backup: rows of
 * an append-only table have the time at which they were written.
 * @throws NII_CONFLICT when the installation holds anything that is not of this backup, NII_NOT_FOUND without
 *   backup.json, NII_CORRUPT when a file of the backup has a wrong hash
 */
export async function restore(
  stores: RestoreDeps,
  dir: string,
  progress: (objects: number) => void = () => {},
): Promise<Restored> {
  const { createdAt, sha256 } = await readBackup(dir);
  await rejectOccupied(stores, dir);
  let objects = 0;
  const folder = await makeStagingFolder(stores.stagingDir, 'upload');
  try {
    for await (const row of backupObjects(dir)) {
      const path = join(folder, 'object');
      const body = await draftOfCopy(stores.encryption, dir, path, row);
      await stores.objects.put(row.key, body, row.contentType);
      await rm(path);
      objects += 1;
      progress(objects);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const rebuilt = await reindex(stores);
  await openServiceHolds(stores, {
    cause: 'recovery',
    reason: `Restored from a backup that was begun at ${createdAt}`,
    since: new Date(createdAt),
    signs: [`backup ${createdAt} ${sha256['objects.jsonl']}`],
    administrations: await administrationsOf(dir),
  });
  // last: nobody asks for an instruction before the gap is open
  const keys = await restoreKeys(stores.records, dir);
  return { ...rebuilt, objects, keys, recoveryPoint: createdAt };
}

async function administrationsOf(dir: string): Promise<readonly string[]> {
  const found = new Set<string>();
  for await (const { administration } of linesOf(dir, 'keys.jsonl', StoredKey)) found.add(administration);
  return [...found];
}

/** What `backup.json` says, once the lists have their hashes. @throws as `restore` */
export async function readBackup(dir: string): Promise<Static<typeof Manifest>> {
  const text = await readFile(join(dir, 'backup.json'), 'utf8').catch((cause: unknown) => {
    throw new NiiError('NII_NOT_FOUND', {
      detail: `The folder "${dir}" contains no backup.json: name the folder of one complete backup`,
      cause,
    });
  });
  const value: unknown = JSON.parse(text);
  if (!Value.Check(Manifest, value))
    throw new NiiError('NII_CORRUPT', 'this version cannot read backup.json');
  for (const name of backupLists) {
    const sha256 = value.sha256[name];
    if (sha256 === undefined || (await hashOfFile(join(dir, name))) === sha256) continue;
    throw new NiiError('NII_CORRUPT', { detail: `${name} has a wrong hash`, field: name });
  }
  return value;
}

/** What a backup holds, object by object. */
export function backupObjects(dir: string): AsyncGenerator<Static<typeof StoredObject>> {
  return linesOf(dir, 'objects.jsonl', StoredObject);
}

/** An earlier restore of the same backup that was cut off is no obstacle. */
async function rejectOccupied(
  { objects, records }: Stores<Tx<'allObjects' | 'keys'>>,
  dir: string,
): Promise<void> {
  const own = new Set<string>();
  for await (const { key } of backupObjects(dir)) own.add(key);
  // what an earlier restore that was cut off has opened
  const isOwn = (key: string) => own.has(key) || key.startsWith(`${documentFolders['service-hold']}/`);
  const occupied = (what: string) =>
    new NiiError('NII_CONFLICT', `Restore a backup into an empty installation; this one has ${what}`);
  if ((await records.transaction((tx) => tx.keys())).length > 0) throw occupied('keys');
  for await (const { key } of objectRows(records)) if (!isOwn(key)) throw occupied('records');
  for (const prefix of OWN_PREFIXES) {
    for await (const { key } of objects.list(prefix)) if (!isOwn(key)) throw occupied('objects');
  }
}

async function restoreKeys(
  records: Transactions<Tx<'putKey' | 'person' | 'savePerson'>>,
  dir: string,
): Promise<number> {
  let keys = 0;
  for await (const line of linesOf(dir, 'keys.jsonl', StoredKey)) {
    const key = keyOf(line);
    await records.transaction(async (tx) => {
      await tx.putKey(key);
      await restoreHolder(tx, key);
    });
    keys += 1;
  }
  return keys;
}

/** A key of people of before there were persons is of an unlinked one with the id of the key, as migration 0010 has it. */
function keyOf({
  role,
  roles = role === undefined ? [] : [role],
  ...key
}: Static<typeof StoredKey>): AccessKey {
  const person = key.person ?? (roles.some(isRoleOfPeople) ? key.keyId : undefined);
  const { sender, endsAt, revokedAt, person: _, ...rest } = key;
  return { ...rest, roles, ...defined({ person, sender, endsAt, revokedAt }) };
}

/** Persons came back with their objects; those of version 0 have none. */
async function restoreHolder(tx: Tx<'person' | 'savePerson'>, key: AccessKey): Promise<void> {
  const { administration, site, person: id, name, keyId } = key;
  if (id === undefined || (await tx.person(administration, id)) !== undefined) return;
  await tx.savePerson({
    ...newPerson(id, administration, name, 'unlinked'),
    site,
    keys: [keyId],
    version: 0,
  });
}

/** Each line checked before it is believed: a backup may have been anywhere. */
async function* linesOf<S extends typeof StoredObject | typeof StoredKey>(
  dir: string,
  name: string,
  schema: S,
): AsyncGenerator<Static<S>> {
  const lines = createInterface({
    input: createReadStream(join(dir, name)),
    crlfDelay: Number.POSITIVE_INFINITY,
  });
  for await (const line of lines) {
    const value: unknown = JSON.parse(line);
    if (!Value.Check(schema, value))
      throw new NiiError('NII_CORRUPT', {
        detail: `${name} has an invalid line`,
        field: name,
      });
    yield value;
  }
}
