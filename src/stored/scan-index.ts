import { defined } from '../core/defined.ts';
import { marksAfter, marksOfScan, type StoredScanMarks, withMarks } from '../core/rules/scan-marks.ts';
import type { NiiScan } from '../core/scan/scan.ts';
import type { ScanRow } from '../core/scan/stored-scan.ts';
import { termsOf } from '../core/trade/terms.ts';

/** What scans are found by. */

/** What the files state. */
export function writtenIn(record: NiiScan): Pick<ScanRow, 'containers' | 'terms' | 'visit'> {
  const containers = record.units.flatMap((unit) => unit.containers.map((container) => container.value));
  return {
    containers: [...new Set(containers)],
    terms: termsOf(record),
    ...defined({ visit: record.source.visit }),
  };
}

/**
 * The scan with what its record states, and what people have decided of its marks.
 * @param decided - the version in force
 */
export function indexed(
  scan: ScanRow,
  record: NiiScan | undefined,
  decided: StoredScanMarks | undefined,
): ScanRow {
  if (record === undefined) return scan;
  const { acquiredAt: _, ...undated } = scan;
  const { purpose, completeness, acquired } = record;
  const written = writtenIn(record);
  const row = { ...undated, purpose, completeness, ...written, ...defined({ acquiredAt: acquired.utc }) };
  return decided === undefined ? row : withMarks(row, marksAfter(marksOfScan(written), decided));
}
