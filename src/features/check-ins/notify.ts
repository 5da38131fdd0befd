import type { Tx } from '../../core/ports/records.ts';
import { nameOf, type StoredCheckIn } from '../../core/rules/check-in.ts';
import { VEHICLE_DAYS } from '../../core/rules/policy.ts';
import { unsetSite } from '../../core/rules/site.ts';
import { jobs } from '../../stored/job-ids.ts';
import { policyOf, siteInForce, sitesOfVehicle } from '../../stored/rules.ts';
import { isWithinDays } from '../../triage/check-ins.ts';
import type { CheckInDeps, SiteTx } from './next.ts';
import { type MarkScansTx, marksInTime, scansOfMarks } from './scans.ts';

export type NotifyTx = MarkScansTx & Tx<'enqueue'>;

/** The lane is told of the scans of these vehicles: their marks or their controls have changed. All are of one site. */
export async function notifyLaneOfCheckIns(
  { policy }: CheckInDeps,
  tx: NotifyTx & SiteTx,
  checkIns: readonly StoredCheckIn[],
): Promise<void> {
  const [first] = checkIns;
  if (first === undefined) return;
  const { administration } = first;
  const sites = await sitesOfVehicle(tx, first);
  const rules = (await siteInForce(tx, first))?.terms ?? unsetSite;
  const { vehicleDays: days = VEHICLE_DAYS } = await policyOf(tx, administration, policy);
  const found = await scansOfMarks(tx, { administration, sites }, marksInTime(checkIns, rules, days));
  for (const { id, version, counting } of checkIns) {
    const named = counting.marks.flatMap((mark) => found.get(nameOf(mark)) ?? []);
    for (const scan of new Map(named.map((one) => [one.id, one])).values())
      if (isWithinDays(scan, counting, days))
        await tx.enqueue(jobs.notifyLaneOfMark(scan.id, `check-in ${id}`, version));
  }
}
