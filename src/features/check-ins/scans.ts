import type { MarksAsked } from '../../core/ports/records/check-ins.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { Mark, MarkKind } from '../../core/rules/vehicle-hold.ts';
import type { Purpose } from '../../core/scan/circumstances.ts';
import type { ScanRow } from '../../core/scan/stored-scan.ts';
import type { ScanOfCheckIn } from '../../triage/check-ins.ts';

/** Scans of many vehicles, in few statements. */

export type ScansTx = Tx<'scansByContainer' | 'scansOfVisitOfEach' | 'newestConvertedOf'>;

/** Scans with these purposes at these sites that name one of the marks, each with its record. */
export async function scansOfMarks(
  tx: ScansTx,
  asked: MarksAsked,
  purposes: readonly Purpose[],
): Promise<Omit<ScanOfCheckIn, 'radiation'>[]> {
  const { administration, sites, marks, from, to } = asked;
  const ofContainers = await tx.scansByContainer(administration, valuesOf(marks, 'container'), from, to);
  const visits = valuesOf(marks, 'visit').flatMap((visit) =>
    sites.map((site) => ({ scope: { administration, site }, visit, from, to })),
  );
  const ofVisits = (await tx.scansOfVisitOfEach(visits)).flat();
  const isAsked = ({ site, purpose }: ScanRow) => sites.includes(site) && purposes.includes(purpose);
  const own = new Map([...ofContainers, ...ofVisits].filter(isAsked).map((scan) => [scan.id, scan]));
  const rows = new Map((await tx.newestConvertedOf([...own.keys()])).map((row) => [row.scanId, row]));
  return [...own.values()].map((scan) => ({ scan, record: rows.get(scan.id)?.scan }));
}

function valuesOf(marks: readonly Mark[], wanted: MarkKind): readonly string[] {
  return marks.filter(({ kind }) => kind === wanted).map(({ value }) => value);
}
