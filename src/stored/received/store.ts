import type { ObjectWrites } from '../../core/ports/objects.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { RevisionRow, ScanRow } from '../../core/scan/stored-scan.ts';
import { settleAll } from '../../core/settle-all.ts';
import { jobs } from '../job-ids.ts';
import { receivedManifest } from '../manifest.ts';
import { receivedObjects } from './objects.ts';

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
    await tx.enqueue(jobs.convert(scan.id, revision.revision));
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
