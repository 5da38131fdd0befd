import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isNiiError } from '../core/errors.ts';
import type { CopyCipher, ObjectReads, ObjectWrites } from '../core/ports/objects.ts';
import type { ObjectFault, ObjectRow } from '../core/ports/records/object-rows.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Stores } from '../core/ports/stores.ts';
import type { Locks, Transactions } from '../core/ports/transactions.ts';
import { OBJECTS_LOCK } from '../stored/object-row.ts';
import { makeStagingFolder } from '../stored/staging.ts';
import { putCopy } from './put-copy.ts';

export interface CheckDeps {
  readonly objects: ObjectReads & ObjectWrites;
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
}

const good: Check = { fault: undefined, repaired: undefined };

/**
 * Reads an object and compares it with its size and SHA-256. One that is missing or damaged is put back from the replica, if
 * that has the same bytes; meanwhile no step replaces it.
 */
export async function checkObject(deps: CheckDeps, row: ObjectRow): Promise<Check> {
  const { objects, records } = deps;
  if ((await faultOf(objects, row)) === undefined) return good;
  const again = await checkAgain(deps, row.key);
  // what is locked lacks its key, and not its bytes; steps need not wait where nothing is put back
  if (again === undefined || again.fault === 'locked' || deps.replica === undefined)
    return { fault: again?.fault, repaired: undefined };
  return records.exclusively(OBJECTS_LOCK, async () => {
    const faulty = await checkAgain(deps, row.key);
    if (faulty === undefined) return good;
    if (!(await isPutBack(deps, faulty.row))) return { fault: faulty.fault, repaired: undefined };
    const left = await faultOf(objects, faulty.row);
    return { fault: left, repaired: left === undefined ? faulty.fault : undefined };
  });
}

/** A step may have replaced the object, or its row, since the row was read. @returns undefined for a good one */
async function checkAgain(
  { objects, records }: Stores<Tx<'object'>, ObjectReads>,
  key: string,
): Promise<{ readonly row: ObjectRow; readonly fault: ObjectFault } | undefined> {
  const row = await records.transaction((tx) => tx.object(key));
  const fault = row === undefined ? undefined : await faultOf(objects, row);
  return row === undefined || fault === undefined ? undefined : { row, fault };
}

type Hashed = Pick<ObjectRow, 'key' | 'bytes' | 'sha256'>;

async function faultOf(
  objects: ObjectReads,
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
    throw error;
  }
}

async function hashOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of stream) hash.update(chunk);
  return hash.digest('hex');
}

/** Whether the replica had the same bytes. */
async function isPutBack(deps: CheckDeps, row: ObjectRow): Promise<boolean> {
  if (deps.replica === undefined) return false;
  const folder = await makeStagingFolder(deps.stagingDir, 'repair');
  try {
    await putCopy(deps, deps.replica, join(folder, 'object'), row);
    return true;
  } catch (error) {
    // the replica lacks it, has other bytes, or cannot be read
    if (!isNiiError(error) || error.code === 'NII_CORRUPT' || error.code === 'NII_ENCRYPTED') return false;
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
