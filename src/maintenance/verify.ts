import { createHash } from 'node:crypto';
import { isNiiError } from '../core/errors.ts';
import type { ObjectReads } from '../core/ports/objects.ts';
import type { ObjectRow } from '../core/ports/records/object-rows.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Stores } from '../core/ports/stores.ts';
import type { Locks } from '../core/ports/transactions.ts';
import { chunksLeftOver } from '../receive/resumable/chunks.ts';
import { objectRows } from './object-rows.ts';
import { findUnrecorded } from './unrecorded.ts';

/** What re-hashing the store against the records found. */
export interface Verification {
  readonly objects: number;
  readonly bytes: number;
  readonly missing: readonly string[];
  readonly corrupt: readonly string[];
  /** Acknowledged data in the store that the database does not know: it is older than the store. */
  readonly unknown: readonly string[];
  /** In the store without a row, but named by other objects; `nii sweep` keeps them. */
  readonly kept: readonly string[];
  /** In the store, and named by nothing; `nii sweep` removes them. */
  readonly unnamed: readonly string[];
}

const PAGE = 500;

/**
 * Reads every object that a record names and compares size and SHA-256; of the chunks of open uploads, which have no
 * hash of their own, the size. The service may run: what it stores meanwhile is not reported as unnamed. `progress`
 * hears the count so far.
 */
export async function verifyAll(
  {
    objects,
    records,
  }: Stores<Tx<'object' | 'allObjects' | 'upload' | 'openUploads' | 'chunksOf'>> & {
    readonly records: Locks;
  },
  progress: (done: number) => void = () => {},
): Promise<Verification> {
  let checked = 0;
  const missing: string[] = [];
  const corrupt: string[] = [];
  let bytes = 0;
  for await (const row of objectRows(records)) {
    checked += 1;
    const state = await stateOf(objects, row);
    if (state === 'missing') missing.push(row.key);
    if (state === 'corrupt') corrupt.push(row.key);
    bytes += row.bytes;
    progress(checked);
  }
  for await (const fault of faultyChunks({ objects, records })) missing.push(fault);
  const { unknown, kept, unnamed } = await findUnrecorded({ objects, records });
  const leftOver: string[] = [];
  for await (const { key } of chunksLeftOver({ objects, records })) leftOver.push(key);
  return {
    objects: checked,
    bytes,
    missing,
    corrupt,
    unknown,
    kept,
    unnamed: [...unnamed.map(({ key }) => key), ...leftOver],
  };
}

/** Chunks of open uploads that are not there in their size. */
async function* faultyChunks({
  objects,
  records,
}: Stores<Tx<'openUploads' | 'chunksOf'>>): AsyncGenerator<string> {
  for (let after = ''; ; ) {
    const uploads = await records.transaction((tx) => tx.openUploads(after, PAGE));
    for (const { id } of uploads) {
      for (const { key, bytes } of await records.transaction((tx) => tx.chunksOf(id))) {
        if ((await objects.head(key))?.bytes === bytes) continue;
        // An upload that has ended in the meantime has no chunks
        const now = await records.transaction((tx) => tx.chunksOf(id));
        if (now.some((chunk) => chunk.key === key)) yield key;
      }
    }
    const last = uploads.at(-1);
    if (last === undefined) return;
    after = last.id;
  }
}

async function stateOf(objects: ObjectReads, row: ObjectRow): Promise<'good' | 'missing' | 'corrupt'> {
  const hash = createHash('sha256');
  try {
    const found = await objects.head(row.key);
    if (found === undefined) return 'missing';
    if (found.bytes !== row.bytes) return 'corrupt';
    for await (const chunk of await objects.stream(row.key)) hash.update(chunk);
  } catch (error) {
    if (isNiiError(error, 'NII_OBJECT_LOST')) return 'missing';
    if (isNiiError(error, 'NII_CORRUPT')) return 'corrupt';
    throw error;
  }
  return hash.digest('hex') === row.sha256 ? 'good' : 'corrupt';
}
