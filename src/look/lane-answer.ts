import type { LaneAnswer } from '../core/case/case.ts';
import type { RecordsTx } from '../core/ports/records.ts';
import type { ScanRow } from '../core/scan/stored-scan.ts';
import { laneAnswer, withHolds } from '../triage/lane.ts';

/** What the lane may do with the vehicle now: what the image says, unless a radiation alarm holds it. */
export async function answerFor(tx: RecordsTx, scan: ScanRow): Promise<LaneAnswer> {
  return withHolds(await imageAnswer(tx, scan), await tx.holdsOn(scan.id));
}

/** A scan that could not be converted is scanned again. */
async function imageAnswer(tx: RecordsTx, scan: ScanRow): Promise<LaneAnswer> {
  const cases = await tx.casesOfScan(scan.id);
  if (cases.length === 0 && scan.state === 'failed')
    return { scanId: scan.id, units: [], answer: 'scan-again', final: true };
  const answer = laneAnswer(scan.id, cases);
  const unseen = scan.state === 'received' || scan.state === 'converted';
  // A newer revision is on its way to the analysts: nothing said before is final, and nothing goes on the strength of it
  return unseen
    ? { ...answer, answer: answer.answer === 'go' ? 'hold' : answer.answer, final: false }
    : answer;
}
