import type { Tx } from '../core/ports/records.ts';
import type { ScannerRow } from '../core/scanner/scanner.ts';

/** Tells the feed of changes that something about a scanner is different. */
export function announceScanner(
  tx: Tx<'appendChange'>,
  { administration, site, id }: ScannerRow,
): Promise<void> {
  return tx.appendChange({ administration, site, kind: 'scanner.changed', subject: `${site}/${id}` });
}
