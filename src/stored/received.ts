import { defined } from '../core/defined.ts';
import { keys } from '../core/keys.ts';
import type { ObjectWrites } from '../core/ports/objects.ts';
import type { ObjectRow } from '../core/ports/records/object-rows.ts';
import type { Tx } from '../core/ports/records.ts';
import type { RevisionRow, ScanRow } from '../core/scan/stored-scan.ts';
import { settleAll } from '../core/settle-all.ts';
import { jobs } from './job-ids.ts';
import { receivedManifest } from './manifest.ts';
import { objectRow } from './object-row.ts';

/**
 * The object rows of a revision as it was received: its own originals and its manifest.
 * @param manifest as it is stored, where an earlier version may have written it
 */
export function receivedObjects(
  scan: ScanRow,
  revision: RevisionRow,
  manifest: Uint8Array = receivedManifest(scan, revision).body,
): readonly ObjectRow[] {
  const manifestRow = objectRow(revision, {
    key: keys.received(scan.id, revision.revision),
    kind: 'manifest',
    step: 'received',
    body: manifest,
    contentType: 'application/json',
    producer: 'receive',
  });
  const own = revision.originals.filter(
    (file) => file.key === keys.original(scan.id, revision.revision, file.sha256),
  );
  const originals = new Map(own.map((file) => [file.key, file]));
  return [
    ...[...originals.values()].map((file) => ({
      key: file.key,
      scanId: scan.id,
      revision: revision.revision,
      kind: 'original' as const,
      bytes: file.bytes,
      sha256: file.sha256,
      ...defined({ blocks: file.blocks }),
      contentType: 'application/octet-stream',
      producer: 'receive',
    })),
    manifestRow,
  ];
}

export type StoreReceivedTx = Tx<'putObjects' | 'enqueue' | 'appendChange'>;

/**
 * What comes with a new revision, once the caller's transaction holds its rows: its manifest, its objects, its first job
 * and the news of it. Whoever lost the race for the revision has failed by then, so none replaces a manifest that a
 * record names.
 */
export async function storeReceived(
  objects: ObjectWrites,
  tx: StoreReceivedTx,
  scan: ScanRow,
  revision: RevisionRow,
): Promise<void> {
  const { key, body } = receivedManifest(scan, revision);
  const writeRows = async () => {
    await tx.putObjects(receivedObjects(scan, revision));
    await tx.enqueue(jobs.convert(revision));
    const { administration, site } = scan;
    await tx.appendChange({
      administration,
      site,
      kind: 'scan.received',
      subject: scan.id,
      revision: revision.revision,
    });
  };
  await settleAll([objects.put(key, body, 'application/json'), writeRows()]);
}
