import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isNiiError } from '../core/errors.ts';
import type { CopyCipher, ObjectReads, ObjectWrites } from '../core/ports/objects.ts';
import type { ObjectFault, ObjectRow } from '../core/ports/records/object-rows.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Stores } from '../core/ports/stores.ts';
import type { Locks, Reachable, Transactions } from '../core/ports/transactions.ts';
import { OBJECTS_LOCK } from '../stored/object-row.ts';
import { makeStagingFolder } from '../stored/staging.ts';
import { draftOfCopy } from './draft-of-copy.ts';

export interface CheckDeps {
  readonly objects: ObjectReads & ObjectWrites & Reachable;
  readonly records: Transactions<Tx<'object'>> & Locks;
  readonly encryption: CopyCipher;
  readonly stagingDir: string;
  /** Folder of a backup, from which faulty objects are repaired; undefined: they stay as they are. */
  readonly replica: string | undefined;
}

/** What comparing an object with its hash has found. */
export interface Check {
  /** What is still wrong. */
  readonly fault: ObjectFault | undefined;
  /** What was wrong, and is not any more. */
  readonly repaired: ObjectFault | undefined;
  /** Why the replica could not be used, if it was tried in vain. */
  readonly obstacle?: unknown;
}

/** A step may replace the object and its row meanwhile; then the new row counts. */
const TRIES = 3;

/**
 * Reads an object and compares it with its size and SHA-256. If it is missing or damaged and the replica has its bytes, they are
 * put back.
 * @throws NII_STORE_UNREACHABLE and NII_DATABASE_UNREACHABLE
 */
export async function checkObject(deps: CheckDeps, first: ObjectRow): Promise<Check> {
  const { objects, replica } = deps;
  const { row, fault } = await judge(deps, first);
  if (replica === undefined || (fault !== 'missing' && fault !== 'corrupt'))
    return { fault, repaired: undefined };
  try {
    await putBack(deps, replica, row);
  } catch (obstacle) {
    if (isNiiError(obstacle, 'NII_DATABASE_UNREACHABLE')) throw obstacle;
    return { fault, repaired: undefined, obstacle };
  }
  const left = await faultOf(objects, row);
  return { fault: left, repaired: left === undefined ? fault : undefined };
}

async function judge(
  { objects, records }: Stores<Tx<'object'>, ObjectReads & Reachable>,
  first: ObjectRow,
): Promise<{ readonly row: ObjectRow; readonly fault: ObjectFault | undefined }> {
  let row = first;
  for (let tries = 1; ; tries += 1) {
    const fault = await faultOf(objects, row);
    if (fault === undefined || tries === TRIES) return { row, fault };
    const now = await records.transaction((tx) => tx.object(first.key));
    if (now === undefined) return { row, fault: undefined };
    if (now.sha256 === row.sha256) return { row, fault };
    row = now;
  }
}

type Hashed = Pick<ObjectRow, 'key' | 'bytes' | 'sha256'>;

/** An object that no read gets through, as on a bad sector of a store that answers, counts as damaged. */
async function faultOf(
  objects: ObjectReads & Reachable,
  { key, bytes, sha256 }: Hashed,
): Promise<ObjectFault | undefined> {
  try {
    const found = await objects.head(key);
    if (found === undefined) return 'missing';
    // also of one with another size: it may be encrypted
    const isSame = (await hashOf(await objects.stream(key))) === sha256;
    return isSame && found.bytes === bytes ? undefined : 'corrupt';
  } catch (error) {
    if (isNiiError(error, 'NII_OBJECT_LOST') || isNiiError(error, 'NII_NOT_FOUND')) return 'missing';
    if (isNiiError(error, 'NII_CORRUPT')) return 'corrupt';
    if (isNiiError(error, 'NII_ENCRYPTED')) return 'locked';
    if (!isNiiError(error, 'NII_STORE_UNREACHABLE')) throw error;
    await objects.ready();
    return 'corrupt';
  }
}

async function hashOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of stream) hash.update(chunk);
  return hash.digest('hex');
}

interface PutBackDeps extends Omit<CheckDeps, 'objects' | 'replica'> {
  readonly objects: ObjectWrites;
}

/**
 * Puts the bytes that the replica has into the store. Steps wait only while the finished copy is put: no other bytes are right while
 * the record still has its hash.
 */
async function putBack(
  { objects, records, encryption, stagingDir }: PutBackDeps,
  replica: string,
  row: ObjectRow,
): Promise<void> {
  const folder = await makeStagingFolder(stagingDir, 'repair');
  try {
    const body = await draftOfCopy(encryption, replica, join(folder, 'object'), row);
    await records.exclusively(OBJECTS_LOCK, async () => {
      const now = await records.transaction((tx) => tx.object(row.key));
      if (now?.sha256 === row.sha256) await objects.put(row.key, body, row.contentType);
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
