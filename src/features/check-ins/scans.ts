import type { Tx } from '../../core/ports/records.ts';
import { nameOf, type StoredCheckIn } from '../../core/rules/check-in.ts';
import { isNoMark, type SiteTerms } from '../../core/rules/site.ts';
import type { Mark } from '../../core/rules/vehicle-hold.ts';
import type { Purpose } from '../../core/scan/circumstances.ts';
import type { ScanRow } from '../../core/scan/stored-scan.ts';
import type { Places } from '../../stored/check-ins.ts';
import { MOST_OF_CONTAINER, MOST_OF_VISIT } from '../../stored/vehicle-scans.ts';
import { daysAround, type ScanOfCheckIn } from '../../triage/check-ins.ts';

/** Scans of many vehicles, in few statements. */

export type MarkScansTx = Tx<'newestScansOfEachMark'>;
export type ScansTx = MarkScansTx & Tx<'newestConvertedOf'>;

/** A mark, and when its scans were made or received; milliseconds since 1970. */
type MarkInTime = Mark & { readonly first: number; readonly last: number };

/** No more of a mark than one vehicle has; a plate finds none. */
const most = { container: MOST_OF_CONTAINER, visit: MOST_OF_VISIT } as const;

/** Each mark by which a vehicle is known, once, with the days of all check-ins that name it. */
export function marksInTime(
  checkIns: readonly StoredCheckIn[],
  site: Pick<SiteTerms, 'noMarks'>,
  days: number,
): readonly MarkInTime[] {
  const found = new Map<string, MarkInTime>();
  for (const { counting } of checkIns) {
    const [first, last] = daysAround(counting, days);
    for (const mark of counting.marks.filter(({ value }) => !isNoMark(site, value))) {
      const before = found.get(nameOf(mark)) ?? { first, last };
      const span = { first: Math.min(first, before.first), last: Math.max(last, before.last) };
      found.set(nameOf(mark), { ...mark, ...span });
    }
  }
  return [...found.values()];
}

/** The newest scans at these sites with each of the marks, by the name of the mark. */
export async function scansOfMarks(
  tx: MarkScansTx,
  { administration, sites }: Places,
  marks: readonly MarkInTime[],
): Promise<ReadonlyMap<string, readonly ScanRow[]>> {
  const found = new Map<string, ScanRow[]>();
  for (const kind of ['container', 'visit'] as const) {
    const asked = marks
      .filter((mark) => mark.kind === kind)
      .flatMap(({ value: mark, first, last }) => {
        const [from, to] = [new Date(first).toISOString(), new Date(last).toISOString()];
        return sites.map((site) => ({ scope: { administration, site }, mark, from, to }));
      });
    const scans = await tx.newestScansOfEachMark(kind, asked, most[kind]);
    for (const [i, { mark }] of asked.entries()) {
      const name = nameOf({ kind, value: mark });
      found.set(name, [...(found.get(name) ?? []), ...(scans[i] ?? [])]);
    }
  }
  return found;
}

/** Those with these purposes, each once and with its record. */
export async function withRecords(
  tx: Tx<'newestConvertedOf'>,
  scans: readonly ScanRow[],
  purposes: readonly Purpose[],
): Promise<Omit<ScanOfCheckIn, 'radiation'>[]> {
  const wanted = scans.filter(({ purpose }) => purposes.includes(purpose));
  const own = new Map(wanted.map((scan) => [scan.id, scan]));
  const rows = new Map((await tx.newestConvertedOf([...own.keys()])).map((row) => [row.scanId, row]));
  return [...own.values()].map((scan) => ({ scan, record: rows.get(scan.id)?.scan }));
}
