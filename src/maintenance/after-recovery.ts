import type { Recovered } from '../core/ports/base-backups.ts';
import type { Tx } from '../core/ports/records.ts';
import type { SealWitness } from '../core/ports/seal-witness.ts';
import type { Stores } from '../core/ports/stores.ts';
import type { Locks, Transactions } from '../core/ports/transactions.ts';
import {
  type OpenServiceHoldsDeps,
  type OpenServiceHoldsTx,
  openServiceHolds,
} from '../stored/service-holds.ts';
import { findRollbacks, type StateTx, signsOf } from './rollback.ts';
import { type Verification, type VerifyDeps, type VerifyTx, verifyAll } from './verify.ts';

export interface AfterRecovery
  extends Pick<Verification, 'objects' | 'bytes' | 'missing' | 'corrupt' | 'locked' | 'unknown'> {
  /** Resumable uploads that were open at that time, and whose bytes are gone: their senders start again. */
  readonly endedUploads: number;
}

/**
 * Compares a database that was recovered to an earlier time with the objects of now. Nothing is removed from the store.
 * Resumable uploads that have ended since are ended in the database too.
 */
export async function checkRecovered(
  stores: Omit<VerifyDeps, 'records'> & {
    readonly records: Transactions<VerifyTx & Tx<'removeUpload'>> & Locks;
  },
  progress: (objects: number) => void = () => {},
): Promise<AfterRecovery> {
  const endedUploads = await endLostUploads(stores);
  const { objects, bytes, missing, corrupt, locked, unknown } = await verifyAll(stores, progress);
  return { objects, bytes, missing, corrupt, locked, unknown, endedUploads };
}

interface HoldAfterRecoveryDeps extends OpenServiceHoldsDeps {
  readonly records: Transactions<StateTx & OpenServiceHoldsTx & Tx<'newestOfService'>> & Locks;
  readonly witnesses: readonly SealWitness[];
}

/**
 * Holds what was scanned until now: what was said since the recovery point is unknown.
 * @returns the recovery point, ISO 8601
 */
export async function holdAfterRecovery(
  deps: HoldAfterRecoveryDeps,
  { lastTransactionAt, baseEndedAt, timeline }: Recovered,
): Promise<string> {
  const since = lastTransactionAt ?? baseEndedAt;
  const point = since.toISOString();
  // the start of the service finds the same rollback
  const found = await signsOf(deps, await findRollbacks(deps));
  await openServiceHolds(deps, {
    cause: 'recovery',
    reason: `The database was recovered to ${point}`,
    since,
    signs: [`timeline ${timeline} ${point}`, ...found],
  });
  return point;
}

const PAGE = 500;

async function endLostUploads({
  objects,
  records,
}: Stores<Tx<'openUploads' | 'chunksOf' | 'removeUpload'>>): Promise<number> {
  let ended = 0;
  for (let after = ''; ; ) {
    const uploads = await records.transaction((tx) => tx.openUploads(after, PAGE));
    for (const { id } of uploads) {
      if (await hasChunks({ objects, records }, id)) continue;
      await records.transaction((tx) => tx.removeUpload(id));
      ended += 1;
    }
    const last = uploads.at(-1);
    if (last === undefined) return ended;
    after = last.id;
  }
}

async function hasChunks({ objects, records }: Stores<Tx<'chunksOf'>>, id: string): Promise<boolean> {
  for (const { key, bytes } of await records.transaction((tx) => tx.chunksOf(id)))
    if ((await objects.head(key))?.bytes !== bytes) return false;
  return true;
}
