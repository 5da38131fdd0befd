import type { LaneAnswer, LaneInstruction } from '../core/case/case.ts';
import type { Cases } from '../core/ports/records/cases.ts';
import type { Holds } from '../core/ports/records/holds.ts';

import { scanStates } from '../core/scan/scan-states.ts';
import type { ScanRow } from '../core/scan/stored-scan.ts';
import { laneAnswer, withHolds } from '../triage/lane.ts';

/** What the lane may do with the vehicle now: what the image says, unless a radiation alarm holds it. */
export async function answerFor(tx: Cases & Holds, scan: ScanRow): Promise<LaneAnswer> {
  return withHolds(await imageAnswer(tx, scan), await tx.holdsOn(scan.id));
}

/** A newer revision is on its way to the analysts: nothing said before is final, and no vehicle may go. */
const whileUnderWay: Readonly<Record<LaneInstruction, LaneInstruction>> = {
  go: 'hold',
  hold: 'hold',
  'scan-again': 'scan-again',
};

/** A scan that could not be converted is scanned again. */
async function imageAnswer(tx: Cases, scan: ScanRow): Promise<LaneAnswer> {
  const cases = await tx.casesOfScan(scan.id);
  const { hasFailed, isUnderWay } = scanStates[scan.state];
  if (cases.length === 0 && hasFailed)
    return { scanId: scan.id, units: [], answer: 'scan-again', final: true };
  const answer = laneAnswer(scan.id, cases);
  if (!isUnderWay) return answer;
  return { ...answer, answer: whileUnderWay[answer.answer], final: false };
}
