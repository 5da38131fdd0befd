import { createHmac } from 'node:crypto';
import type { LaneAnswer } from '../core/case.ts';
import { NiiError } from '../core/errors.ts';
import type { ClaimedJob, RecordsTx, ScanRow } from '../core/ports.ts';
import { laneAnswer, withHolds } from '../triage/lane.ts';
import type { Deps } from './deps.ts';

const TIMEOUT_MS = 10_000;

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

/** Signature of an announcement: HMAC-SHA-256 over the body, hex, as `sha256=…` in NII-Signature. */
export function signatureOf(body: string, secret: string): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}

/** Announces the answer as it is now; a lane that does not acknowledge (2xx) is told again. */
export async function notifyLane(deps: Deps, job: ClaimedJob, scanId: string): Promise<void> {
  const { lane } = deps;
  if (lane === undefined) return deps.jobs.complete(job, async () => {});
  const answer = await deps.records.transaction(async (tx) => {
    const scan = await tx.scanById(scanId);
    return scan === undefined ? undefined : answerFor(tx, scan);
  });
  if (answer !== undefined) await announce(lane, job.id, JSON.stringify(answer));
  await deps.jobs.complete(job, async () => {});
}

async function announce(lane: NonNullable<Deps['lane']>, id: string, body: string): Promise<void> {
  const response = await fetch(lane.url, {
    method: 'POST',
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
    headers: {
      'content-type': 'application/json',
      'nii-delivery': id,
      'nii-signature': signatureOf(body, lane.secret),
    },
    body,
  }).catch((cause: unknown) => {
    throw new NiiError('NII_LANE_AWAY', { detail: 'The lane does not answer', cause });
  });
  await response.body?.cancel();
  if (!response.ok) throw new NiiError('NII_LANE_AWAY', `The lane answered ${response.status}`);
}
