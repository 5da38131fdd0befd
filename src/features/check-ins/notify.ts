import type { Tx } from '../../core/ports/records.ts';
import type { StoredCheckIn } from '../../core/rules/check-in.ts';
import { EVER } from '../../core/rules/clock.ts';
import { VEHICLE_DAYS } from '../../core/rules/policy.ts';
import type { ScanRow } from '../../core/scan/stored-scan.ts';
import { jobs } from '../../stored/job-ids.ts';
import { policyOf, sitesOfVehicle } from '../../stored/rules.ts';
import { isWithinDays } from '../../triage/check-ins.ts';
import type { CheckInDeps, SiteTx } from './next.ts';

export type NotifyTx = Tx<'enqueue' | 'scansByContainerOfEach' | 'scansOfVisitOfEach'>;

/** The lane is told of every scan of these vehicles: their marks or their controls have changed. All are of one site. */
export async function notifyLaneOfCheckIns(
  { policy }: CheckInDeps,
  tx: NotifyTx & SiteTx,
  checkIns: readonly StoredCheckIn[],
): Promise<void> {
  const [first] = checkIns;
  if (first === undefined) return;
  const sites = await sitesOfVehicle(tx, first);
  const { vehicleDays: days = VEHICLE_DAYS } = await policyOf(tx, first.administration, policy);
  const found = await scansOfEach(tx, sites, checkIns);
  for (const [i, { id, version, counting }] of checkIns.entries())
    for (const scan of new Map(found[i]?.map((one) => [one.id, one])).values())
      if (sites.includes(scan.site) && isWithinDays(scan, counting, days))
        await tx.enqueue(jobs.notifyLaneOfMark(scan.id, `check-in ${id}`, version));
}

async function scansOfEach(
  tx: Omit<NotifyTx, 'enqueue'>,
  sites: readonly string[],
  checkIns: readonly StoredCheckIn[],
): Promise<readonly (readonly ScanRow[])[]> {
  const [from, to] = EVER;
  const ofContainers = await tx.scansByContainerOfEach(
    checkIns.map(({ administration, counting }) => {
      const containers = counting.marks.filter(({ kind }) => kind === 'container');
      return { administration, containers: containers.map(({ value }) => value), from, to };
    }),
  );
  const visits = checkIns.flatMap(({ administration, counting }, i) =>
    counting.marks
      .filter(({ kind }) => kind === 'visit')
      .flatMap(({ value: visit }) => sites.map((site) => ({ scope: { administration, site }, visit, i }))),
  );
  const ofVisits = await tx.scansOfVisitOfEach(visits.map(({ i: _, ...one }) => ({ ...one, from, to })));
  return checkIns.map((_, i) => [
    ...(ofContainers[i] ?? []),
    ...visits.flatMap((visit, at) => (visit.i === i ? (ofVisits[at] ?? []) : [])),
  ]);
}
