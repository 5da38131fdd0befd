import { defined } from '../../core/defined.ts';
import { keys } from '../../core/keys.ts';
import type { ObjectRow } from '../../core/ports/records/object-rows.ts';
import type { RevisionRow, ScanRow } from '../../core/scan/stored-scan.ts';
import { receivedManifest } from '../manifest.ts';
import { objectRow } from '../object-row.ts';

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
