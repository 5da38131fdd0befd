import type { Actor } from '../core/access.ts';
import { defined } from '../core/defined.ts';
import { NiiError } from '../core/errors.ts';
import { keys } from '../core/keys.ts';
import type { ObjectWrites } from '../core/ports/objects.ts';
import type { Log } from '../core/ports/process.ts';
import type { InstanceRow } from '../core/ports/records/instances.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Transactions } from '../core/ports/transactions.ts';
import type { ScanRow } from '../core/scan/stored-scan.ts';
import type { GroupedFile } from '../recognise/files.ts';
import { indexInstances, indexNewScan, instanceRow } from '../stored/instances.ts';
import { receivedObjects, type StoreReceivedTx, storeReceived } from '../stored/received.ts';
import type { Plan } from './plan.ts';

/** Stores what a plan says: the originals first, then its rows, objects, job and audit entry in one transaction. */

export type CommitPlanTx = StoreReceivedTx &
  Tx<
    | 'insertScan'
    | 'lockScan'
    | 'updateScan'
    | 'insertRevision'
    | 'revision'
    | 'putInstances'
    | 'instancesOfScan'
    | 'listInstances'
    | 'audit'
  >;

interface CommitPlanDeps {
  readonly records: Transactions<CommitPlanTx>;
  readonly objects: ObjectWrites;
  readonly log: Log;
}

/**
 * @param files - all staged files that the plan may name
 * @throws NII_CONFLICT when the scan has changed since it was planned
 */
export async function commitPlan(
  { records, objects, log }: CommitPlanDeps,
  actor: Actor,
  plan: Plan,
  files: readonly GroupedFile[],
): Promise<void> {
  const { result, scan, revision, placeholder } = plan;
  if (result !== 'already-here') await storeOriginals(objects, plan, files);
  await records.transaction(async (tx) => {
    if (result !== 'already-here') {
      if (result === 'new-scan') await tx.insertScan(scan);
      else await moveToRevision(tx, scan, placeholder);
      await tx.insertRevision(revision);
      await storeReceived(objects, tx, scan, revision);
      const index = result === 'new-scan' ? indexNewScan : indexInstances;
      await index(tx, scan.id, instancesReceived(plan, files));
    }
    const detail = { revision: revision.revision, result };
    await tx.audit({ actor, action: 'change upload', subject: scan.id, detail });
  });
  if (result === 'already-here') return;
  const { converter } = revision;
  log.info({ scanId: scan.id, revision: revision.revision, converter: converter.id }, 'scan received');
}

/**
 * Moves the scan to its next revision with these senders, converter and group key, and the visit where it had none. Nothing else changes.
 * @param placeholder - a visit that the new one replaces
 * @throws NII_CONFLICT when it has moved since the revision was planned
 */
export async function moveToRevision(
  tx: Tx<'lockScan' | 'updateScan'>,
  { id, revision, senders, converter, groupKey, visit }: ScanRow,
  placeholder?: string,
): Promise<void> {
  const scan = await tx.lockScan(id);
  if (scan?.revision !== revision - 1)
    throw new NiiError('NII_CONFLICT', 'The scan has a newer revision; reload and retry');
  const known = defined({ visit: scan.visit === placeholder ? visit : (scan.visit ?? visit) });
  await tx.updateScan({ ...scan, state: 'received', revision, senders, converter, groupKey, ...known });
}

/** Files that are stored at the same time. */
const STORED_AT_ONCE = 4;

async function storeOriginals(
  objects: ObjectWrites,
  { scan, revision }: Plan,
  files: readonly GroupedFile[],
): Promise<void> {
  const staged = new Map(files.map((file) => [file.sha256, file]));
  const arrived = revision.originals.flatMap(({ sha256, key }) => {
    const file = staged.get(sha256);
    const isNew = key === keys.original(scan.id, revision.revision, sha256);
    return file !== undefined && isNew ? [{ key, file }] : [];
  });
  const put = ({ key, file: { path, bytes, archive } }: (typeof arrived)[number]) => {
    // the process that unpacked a member may still have it open for writing: the object is a copy of it
    const given = archive === undefined ? ({ isGiven: true } as const) : {};
    return objects.put(key, { path, bytes, ...given }, 'application/octet-stream');
  };
  // a disk that is asked for several at once writes them in one go
  for (let from = 0; from < arrived.length; from += STORED_AT_ONCE)
    await Promise.all(arrived.slice(from, from + STORED_AT_ONCE).map(put));
}

/** The index rows of the DICOM files among the originals. */
function instancesReceived({ scan, revision }: Plan, files: readonly GroupedFile[]): readonly InstanceRow[] {
  const read = new Map(files.map((file) => [file.sha256, file.read?.instance]));
  return receivedObjects(scan, revision).flatMap((object) => {
    const facts = object.kind === 'original' ? read.get(object.sha256) : undefined;
    return facts === undefined ? [] : (instanceRow(scan, object, facts) ?? []);
  });
}
