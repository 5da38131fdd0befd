import type { IssuedLaneInstruction } from '../core/case/lane.ts';
import { NiiError } from '../core/errors.ts';
import type { JobEnds } from '../core/ports/jobs.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Transactions } from '../core/ports/transactions.ts';
import type { ClaimedJob } from '../core/rows/job.ts';
import type { ScanRow } from '../core/scan/stored-scan.ts';
import { issueInstructionFor, type LaneInstructionDeps } from '../stored/lane-instruction.ts';
import { isInParallel, rulesAt } from '../stored/rules.ts';
import { oneQuestion, type QuestionTx } from '../stored/side-by-side.ts';
import { scansAlong } from '../stored/vehicle-scans.ts';
import type { LaneTarget } from '../triage/lane.ts';
import { type Attempt, signedHeaders } from './lane-signature.ts';

const TIMEOUT_MS = 10_000;

export interface NotifyLaneDeps extends LaneInstructionDeps {
  readonly records: Transactions<Tx<'scanById'> & QuestionTx>;
  readonly jobs: JobEnds<Tx<'keepInstructed'>>;
  readonly lane: LaneTarget | undefined;
}

/**
 * Announces the instruction as it is now, also for the other scans of the vehicle, unless the site is in parallel mode; if the
 * lane does not acknowledge it (2xx), the job is retried.
 */
export async function notifyLane(deps: NotifyLaneDeps, job: ClaimedJob, scanId: string): Promise<void> {
  const { lane } = deps;
  if (lane === undefined) return deps.jobs.complete(job, async () => {});
  const instructions = await deps.records.transaction(async (tx) => {
    const scan = await tx.scanById(scanId);
    return scan === undefined ? [] : issueInstructionsFor(deps, tx, scan);
  });
  for (const instruction of instructions) {
    const id = instruction.scanId === scanId ? job.id : `${job.id}:${instruction.scanId}`;
    await announce(lane, { id, at: deps.clock.now(), body: JSON.stringify(instruction) });
  }
  const at = deps.clock.now().toISOString();
  await deps.jobs.complete(job, async (tx) => {
    for (const { scanId: told } of instructions) await tx.keepInstructed(told, at);
  });
}

async function issueInstructionsFor(
  deps: LaneInstructionDeps,
  tx: QuestionTx,
  scan: ScanRow,
): Promise<readonly IssuedLaneInstruction[]> {
  const known = await oneQuestion(tx);
  if (await isInParallel(known, scan)) return [];
  const along = await scansAlong(known, scan, await rulesAt(known, scan, deps.policy));
  const issued: IssuedLaneInstruction[] = [];
  // one by one: a train has 128, and side by side they would keep all others from this process for half a second
  for (const one of along) issued.push(await issueInstructionFor(deps, known, one));
  return issued;
}

async function announce({ url, secrets }: LaneTarget, attempt: Attempt): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
    headers: { 'content-type': 'application/json', ...signedHeaders(secrets, attempt) },
    body: attempt.body,
  }).catch((cause: unknown) => {
    throw new NiiError('NII_LANE_UNREACHABLE', { detail: 'The lane does not respond', cause });
  });
  await response.body?.cancel();
  if (!response.ok)
    throw new NiiError('NII_LANE_UNREACHABLE', `The lane responded with status ${response.status}`);
}
