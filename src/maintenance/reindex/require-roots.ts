import { isNiiError, NiiError } from '../../core/errors.ts';
import { OWN_PREFIXES } from '../../core/keys.ts';
import type { ObjectEncryption, ObjectReads } from '../../core/ports/objects.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { Stores } from '../../core/ports/stores.ts';
import { objectRows } from '../object-rows.ts';
import { isRoot } from '../unrecorded.ts';

/**
 * Rejects a reindex that would forget something: the database names an object that a reindex begins with, and the store
 * does not have it.
 * @throws NII_OBJECT_LOST
 */
export async function requireRoots(stores: Stores<Tx<'allObjects'>>): Promise<void> {
  const { lost, first } = await lostRoots(stores);
  if (lost === 0) return;
  throw new NiiError(
    'NII_OBJECT_LOST',
    `A reindex would forget ${lost} scans, cases or documents, such as ${first}. Restore their objects from a backup, ` +
      'or add --forget-missing',
  );
}

/** How many objects the database names and the store lacks, of those that a reindex begins with; one of them by name. */
export async function lostRoots({ objects, records }: Stores<Tx<'allObjects'>>) {
  const stored = new Set<string>();
  for await (const key of rootsIn(objects)) stored.add(key);
  let lost = 0;
  let first = '';
  for await (const { key } of objectRows(records)) {
    if (!isRoot(key) || stored.has(key)) continue;
    first ||= key;
    lost += 1;
  }
  return { lost, first };
}

/** The objects that a reindex begins with. */
async function* rootsIn(objects: Pick<ObjectReads, 'list'>): AsyncGenerator<string> {
  for (const prefix of OWN_PREFIXES)
    for await (const { key } of objects.list(prefix)) if (isRoot(key)) yield key;
}

/**
 * Rejects a reindex that could not read objects that it begins with, because the key file lacks their key. Without a key file
 * the store would not have been opened.
 * @throws NII_ENCRYPTED
 */
export async function requireKeys({
  objects,
  encryption,
}: {
  readonly objects: ObjectReads;
  readonly encryption: Pick<ObjectEncryption, 'keyId' | 'keyIdOf'>;
}): Promise<void> {
  if (encryption.keyId === undefined) return;
  const found = new Set<string | undefined>([encryption.keyId, undefined]);
  for await (const key of rootsIn(objects)) {
    const keyId = await encryption.keyIdOf(key).catch(leaveDamaged);
    if (found.has(keyId)) continue;
    found.add(keyId);
    await objects.get(key).catch(leaveDamaged);
  }
}

/** Damage is for the reindex to name. */
function leaveDamaged(error: unknown): undefined {
  if (isNiiError(error) && error.status !== 503) return undefined;
  throw error;
}
