import { setTimeout as delay } from 'node:timers/promises';
import type { CopyCipher, KeyIds } from '../core/ports/objects.ts';
import type { ObjectFault, ObjectRow } from '../core/ports/records/object-rows.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Stores } from '../core/ports/stores.ts';
import type { Locks, Transactions } from '../core/ports/transactions.ts';
import { securityEvent } from '../core/security-event.ts';
import { chunksLeftOver } from '../receive/resumable/chunks.ts';
import { type Check, type CheckDeps, checkObject } from './check-object.ts';
import { objectRows } from './object-rows.ts';
import { findUnrecorded } from './unrecorded.ts';

/** What re-hashing the store against the records found. */
export interface Verification {
  readonly objects: number;
  readonly bytes: number;
  readonly missing: readonly string[];
  readonly corrupt: readonly string[];
  /** Encrypted with a key that the key file lacks, so not compared with their hash. */
  readonly locked: readonly string[];
  /** Missing or damaged, and put back from the replica. */
  readonly repaired: readonly string[];
  /** Readable objects by the id of the key that encrypts them. */
  readonly encrypted: Readonly<Record<string, number>>;
  /** Readable objects that are not encrypted. */
  readonly plain: number;
  /** Acknowledged data in the store that the database does not know: it is older than the store. */
  readonly unknown: readonly string[];
  /** In the store without a row, but named by other objects; `nii sweep` keeps them. */
  readonly kept: readonly string[];
  /** In the store, and named by nothing; `nii sweep` removes them. */
  readonly unnamed: readonly string[];
}

const PAGE = 500;

interface ChecksDeps extends Omit<CheckDeps, 'records'> {
  readonly records: Transactions<Tx<'object' | 'allObjects'>> & Locks;
}

interface RowDeps extends Omit<CheckDeps, 'records'> {
  readonly records: Transactions<Tx<'object' | 'allObjects' | 'audit'>> & Locks;
  readonly encryption: KeyIds & CopyCipher;
}

export type VerifyTx = Tx<'object' | 'allObjects' | 'audit' | 'upload' | 'openUploads' | 'chunksOf'>;

export interface VerifyDeps extends RowDeps {
  readonly records: Transactions<VerifyTx> & Locks;
}

/**
 * Reads every object that a record names and compares size and SHA-256; of the chunks of open uploads, which have no
 * hash of their own, the size. The service may run: what it stores meanwhile is not reported as unnamed. `progress`
 * hears the count so far.
 */
export async function verifyAll(
  deps: VerifyDeps,
  progress: (done: number) => void = () => {},
): Promise<Verification> {
  const checked = await checkRows(deps, progress);
  const { unknown, kept, unnamed } = await findUnrecorded(deps);
  const faulty: string[] = [];
  for await (const fault of faultyChunks(deps)) faulty.push(fault);
  const leftOver: string[] = [];
  for await (const { key } of chunksLeftOver(deps)) leftOver.push(key);
  return {
    ...checked,
    missing: [...checked.missing, ...faulty],
    unknown,
    kept,
    unnamed: [...unnamed.map(({ key }) => key), ...leftOver],
  };
}

/** A step that has written an object writes its row within this time. */
const STEP_MS = 1_000;

/** Every object; those that seem faulty come last, looked at again. */
async function* checks(deps: ChecksDeps): AsyncGenerator<readonly [ObjectRow, Check]> {
  const doubtful: ObjectRow[] = [];
  for await (const row of objectRows(deps.records)) {
    const check = await checkObject({ ...deps, replica: undefined }, row);
    if (check.fault === undefined) yield [row, check];
    else doubtful.push(row);
  }
  if (doubtful.length > 0) await delay(STEP_MS);
  for (const row of doubtful) yield [row, await checkObject(deps, row)];
}

type CheckedRows = Omit<Verification, 'unknown' | 'kept' | 'unnamed'>;

async function checkRows(deps: RowDeps, progress: (done: number) => void): Promise<CheckedRows> {
  const { records, encryption } = deps;
  const found: Record<ObjectFault | 'repaired', string[]> = {
    missing: [],
    corrupt: [],
    locked: [],
    repaired: [],
  };
  const encrypted: Record<string, number> = {};
  let [checked, bytes, plain] = [0, 0, 0];
  for await (const [row, { fault, repaired }] of checks(deps)) {
    checked += 1;
    bytes += row.bytes;
    if (repaired !== undefined) {
      found.repaired.push(row.key);
      await records.transaction((tx) =>
        tx.audit(securityEvent('object repaired', row.key, { fault: repaired })),
      );
    }
    if (fault !== undefined) found[fault].push(row.key);
    else {
      const keyId = await encryption.keyIdOf(row.key);
      if (keyId === undefined) plain += 1;
      else encrypted[keyId] = (encrypted[keyId] ?? 0) + 1;
    }
    progress(checked);
  }
  return { objects: checked, bytes, ...found, encrypted, plain };
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
