import { NiiError } from '../core/errors.ts';
import type { JobEnds } from '../core/ports/jobs.ts';
import type { AllScans } from '../core/ports/records/scans.ts';
import type { Transactions } from '../core/ports/transactions.ts';
import type { ClaimedJob } from '../core/rows/job.ts';
import { answerFor, type LaneAnswerDeps, type LaneAnswerTx } from '../look/lane-answer.ts';
import { isInParallel } from '../stored/rules.ts';
import type { LaneTarget } from '../triage/lane.ts';
import { type Attempt, signedHeaders } from './lane-signature.ts';

const TIMEOUT_MS = 10_000;

export interface NotifyLaneDeps extends LaneAnswerDeps {
  readonly records: Transactions<AllScans & LaneAnswerTx>;
  readonly jobs: JobEnds<unknown>;
  readonly lane: LaneTarget | undefined;
}

/** Announces the answer as it is now, unless the site is in parallel mode; if the lane does not acknowledge it (2xx), the job is retried. */
export async function notifyLane(deps: NotifyLaneDeps, job: ClaimedJob, scanId: string): Promise<void> {
  const { lane } = deps;
  if (lane === undefined) return deps.jobs.complete(job, async () => {});
  const answer = await deps.records.transaction(async (tx) => {
    const scan = await tx.scanById(scanId);
    if (scan === undefined || (await isInParallel(tx, scan))) return undefined;
    return answerFor(deps, tx, scan);
  });
  if (answer !== undefined)
    await announce(lane, { id: job.id, at: deps.clock.now(), body: JSON.stringify(answer) });
  await deps.jobs.complete(job, async () => {});
}

async function announce({ url, secrets }: LaneTarget, attempt: Attempt): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
    headers: { 'content-type': 'application/json', ...signedHeaders(secrets, attempt) },
    body: attempt.body,
  }).catch((cause: unknown) => {
    throw new NiiError('NII_LANE_AWAY', { detail: 'The lane does not answer', cause });
  });
  await response.body?.cancel();
  if (!response.ok) throw new NiiError('NII_LANE_AWAY', `The lane answered ${response.status}`);
}
