import type { LaneAnswer } from '../core/case/lane.ts';
import { defined } from '../core/defined.ts';
import type { Clock } from '../core/ports/process.ts';
import type { Cases } from '../core/ports/records/cases.ts';
import type { Holds } from '../core/ports/records/holds.ts';
import type { ScanRow } from '../core/scan/stored-scan.ts';
import { laneAnswer } from '../triage/lane.ts';
import type { TriagePolicy } from '../triage/policy.ts';

export interface LaneAnswerDeps {
  readonly clock: Clock;
  readonly policy: TriagePolicy;
}

/** What the lane may do with the vehicle now. */
export async function answerFor(
  { clock, policy }: LaneAnswerDeps,
  tx: Cases & Holds,
  scan: ScanRow,
): Promise<LaneAnswer> {
  const asked = {
    scanId: scan.id,
    scan: { state: scan.state, ...defined({ completeness: scan.completeness }) },
    cases: await tx.casesOfScan(scan.id),
    holds: await tx.holdsOn(scan.id),
  };
  return laneAnswer(asked, { at: clock.now(), minutes: policy.instructionMinutes });
}
