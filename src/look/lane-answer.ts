import type { LaneAnswer } from '../core/case/lane.ts';
import { defined } from '../core/defined.ts';
import type { Clock } from '../core/ports/process.ts';
import type { Cases } from '../core/ports/records/cases.ts';
import type { Holds } from '../core/ports/records/holds.ts';
import type { Revisions } from '../core/ports/records/revisions.ts';
import type { Hold } from '../core/radiation/hold.ts';
import type { ScanRow } from '../core/scan/stored-scan.ts';
import { isNear } from '../triage/alarm-near.ts';
import { laneAnswer } from '../triage/lane.ts';
import type { TriagePolicy } from '../triage/policy.ts';

export interface LaneAnswerDeps {
  readonly clock: Clock;
  readonly policy: TriagePolicy;
}

export type LaneAnswerTx = Cases & Holds & Revisions;

/** What the lane may do with the vehicle now. */
export async function answerFor(
  { clock, policy }: LaneAnswerDeps,
  tx: LaneAnswerTx,
  scan: ScanRow,
): Promise<LaneAnswer> {
  const holds = await tx.holdsOn(scan.id);
  const asked = {
    scanId: scan.id,
    scan: { state: scan.state, ...defined({ completeness: scan.completeness }) },
    cases: await tx.casesOfScan(scan.id),
    holds,
    near: (await holdsNear(tx, scan, policy)).filter(({ id }) => holds.every((own) => own.id !== id)),
  };
  return laneAnswer(asked, { at: clock.now(), minutes: policy.instructionMinutes });
}

/** Alarms that are surely of no scan yet and may be of this one. */
async function holdsNear(
  tx: Holds & Revisions,
  scan: ScanRow,
  { alarmWindowMinutes }: TriagePolicy,
): Promise<readonly Hold[]> {
  const unjoined = await tx.unjoinedHolds(scan);
  if (unjoined.length === 0) return [];
  const record = (await tx.newestConverted(scan.id))?.scan;
  const moment = {
    isZoneStated: record?.acquired.zone === 'stated',
    receivedAt: scan.receivedAt,
    ...defined({ acquiredAt: scan.acquiredAt, lane: record?.source.lane }),
  };
  return unjoined.filter(({ passage, openedAt }) =>
    isNear(passage ?? { isZoneStated: false, receivedAt: openedAt }, moment, alarmWindowMinutes),
  );
}
