import { defined } from '../core/defined.ts';
import type { Tx } from '../core/ports/records.ts';
import {
  isPlate,
  marksAfter,
  marksWritten,
  type StoredScanMarks,
  visitOf,
  type Written,
  withMarks,
} from '../core/rules/scan-marks.ts';
import type { SiteTerms } from '../core/rules/site.ts';
import type { NiiScan } from '../core/scan/scan.ts';
import type { ScanRow } from '../core/scan/stored-scan.ts';
import { termsOf } from '../core/trade/terms.ts';

/** What scans are found by. */

/**
 * The newest record of each revision that has one, the oldest first; of a scan without an image the newest one alone, as a portal's
 * log contains every earlier one.
 */
export async function recordsOf(
  tx: Tx<'newestConverted' | 'revisions'>,
  scanId: string,
): Promise<readonly NiiScan[]> {
  const newest = await tx.newestConverted(scanId);
  if (newest?.scan === undefined) return [];
  if (newest.revision === 1 || newest.scan.views.length === 0) return [newest.scan];
  return (await tx.revisions(scanId)).flatMap(({ scan }) => scan ?? []);
}

/**
 * What the files state. A sidecar that replaces another one takes no mark off: whoever sends it could free the vehicle of what is open
 * against that mark. People take it off.
 * @param records - of every revision, the oldest first
 */
export function writtenIn(records: readonly NiiScan[]): Written {
  const newest = records.at(-1);
  const all = newest === undefined || newest.views.length > 0 ? records : [newest];
  const containers = all.flatMap(({ units }) =>
    units.flatMap((unit) => unit.containers.map(({ value }) => value)),
  );
  const terms = all.map(termsOf);
  const plates = terms.flat().filter(isPlate);
  return {
    containers: [...new Set(containers)],
    terms: [...new Set([...(terms.at(-1) ?? []), ...plates])],
    visits: all.flatMap(({ source }) => source.visit ?? []),
  };
}

/**
 * The scan with what its records state, and what people have decided of its marks.
 * @param records - of every revision, the oldest first
 * @param decided - the version in force
 */
export function indexed(
  scan: ScanRow,
  records: readonly NiiScan[],
  decided: StoredScanMarks | undefined,
  site: Pick<SiteTerms, 'noMarks'>,
): ScanRow {
  const newest = records.at(-1);
  if (newest === undefined) return scan;
  const { acquiredAt: _, ...undated } = scan;
  const { purpose, completeness, acquired } = newest;
  const { visits, ...written } = writtenIn(records);
  const stated = defined({ acquiredAt: acquired.utc, visit: visitOf(site, visits) });
  const row = { ...undated, purpose, completeness, ...written, ...stated };
  if (decided === undefined) return row;
  return withMarks(row, marksAfter(marksWritten({ ...written, visits }), decided), site);
}
