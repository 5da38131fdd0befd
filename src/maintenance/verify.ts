import { createHash } from 'node:crypto';
import { isNiiError } from '../core/errors.ts';
import { OWN_PREFIXES } from '../core/keys.ts';
import type { ObjectReads, ObjectWrites } from '../core/ports/objects.ts';
import type { ObjectRow } from '../core/ports/records/object-rows.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Stores } from '../core/ports/stores.ts';
import type { Locks, Transactions } from '../core/ports/transactions.ts';
import { chunksLeftOver } from '../receive/resumable/chunks.ts';
import { OBJECTS_LOCK } from '../stored/object-row.ts';

/** What re-hashing the store against the records found. */
export interface Verification {
  readonly objects: number;
  readonly bytes: number;
  readonly missing: readonly string[];
  readonly corrupt: readonly string[];
  /** In the store, but named by no record; `nii sweep` removes them. */
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
  const named = new Set<string>();
  const missing: string[] = [];
  const corrupt: string[] = [];
  let bytes = 0;
  for await (const row of objectRows(records)) {
    named.add(row.key);
    const state = await stateOf(objects, row);
    if (state === 'missing') missing.push(row.key);
    if (state === 'corrupt') corrupt.push(row.key);
    bytes += row.bytes;
    progress(named.size);
  }
  for await (const fault of faultyChunks({ objects, records })) missing.push(fault);
  const candidates: string[] = [];
  for (const prefix of OWN_PREFIXES) {
    for await (const { key } of objects.list(prefix)) if (!named.has(key)) candidates.push(key);
  }
  const unnamed: string[] = [];
  for (const batch of batchesOf(candidates))
    unnamed.push(...(await records.exclusively(OBJECTS_LOCK, () => withoutRow(records, batch))));
  for await (const key of chunksLeftOver({ objects, records })) unnamed.push(key);
  return { objects: named.size, bytes, missing, corrupt, unnamed };
}

/** Every object row, page by page. */
export async function* objectRows(records: Transactions<Tx<'allObjects'>>): AsyncGenerator<ObjectRow> {
  for (let after = ''; ; ) {
    const rows = await records.transaction((tx) => tx.allObjects(after, PAGE));
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.key;
  }
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
    if (isNiiError(error, 'NII_NOT_FOUND')) return 'missing';
    if (isNiiError(error, 'NII_CORRUPT')) return 'corrupt';
    throw error;
  }
  return hash.digest('hex') === row.sha256 ? 'good' : 'corrupt';
}

const BATCH = 100;

/**
 * Removes objects that no record names, and chunks of uploads that are over: what a crash left between an object and
 * its record. Steps under way wait for the moment in which a batch is looked up again and removed.
 */
export async function sweep(
  stores: Stores<Tx<'object' | 'allObjects' | 'upload'>, ObjectReads & ObjectWrites> & {
    readonly records: Locks;
  },
): Promise<readonly string[]> {
  const candidates = await unnamedObjects(stores);
  const removed: string[] = [];
  for (const batch of batchesOf(candidates))
    removed.push(...(await stores.records.exclusively(OBJECTS_LOCK, () => removeUnnamed(stores, batch))));
  for await (const key of chunksLeftOver(stores)) {
    await stores.objects.remove(key);
    removed.push(key);
  }
  return removed;
}

async function removeUnnamed(
  { objects, records }: Stores<Tx<'object'>, ObjectWrites>,
  batch: readonly string[],
): Promise<readonly string[]> {
  const removed = await withoutRow(records, batch);
  for (const key of removed) await objects.remove(key);
  return removed;
}

/** Those that no record names now. A step writes its objects first, so ask while none is under way: under OBJECTS_LOCK. */
async function withoutRow(
  records: Transactions<Tx<'object'>>,
  batch: readonly string[],
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const key of batch) {
    const row = await records.transaction((tx) => tx.object(key));
    if (row === undefined) found.push(key);
  }
  return found;
}

function* batchesOf(all: readonly string[]): Generator<readonly string[]> {
  for (let from = 0; from < all.length; from += BATCH) yield all.slice(from, from + BATCH);
}

async function unnamedObjects({ objects, records }: Stores<Tx<'allObjects'>>): Promise<readonly string[]> {
  const listed: string[] = [];
  for (const prefix of OWN_PREFIXES) for await (const { key } of objects.list(prefix)) listed.push(key);
  const named = new Set<string>();
  for await (const row of objectRows(records)) named.add(row.key);
  return listed.filter((key) => !named.has(key));
}
