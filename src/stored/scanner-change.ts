import type { ChangeWrites } from '../core/ports/records/changes.ts';
import type { ScannerRow } from '../core/scanner/scanner.ts';

/** Tells the feed of changes that something about a scanner is different. */
export function announceScanner(tx: ChangeWrites, { administration, site, id }: ScannerRow): Promise<void> {
  return tx.appendChange({ administration, site, kind: 'scanner.changed', subject: `${site}/${id}` });
}
