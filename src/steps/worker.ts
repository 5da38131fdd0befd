import { escalateOverdue, takeBackLapsed } from '../commands/claims.ts';
import { type EscalateHoldsDeps, escalateDangers, escalateOverdueHolds } from '../commands/past-time.ts';
import { type FinalizeExpiredDeps, finalizeExpired } from '../commands/undo-window.ts';
import { isTransient, problemOf } from '../core/errors.ts';
import { unreachable } from '../core/never.ts';
import type { JobLeases } from '../core/ports/jobs.ts';
import { secondsSince, type WorkOutcome } from '../core/ports/metrics.ts';
import type { Clock, Log } from '../core/ports/process.ts';
import type { Tx } from '../core/ports/records.ts';
import type { TimedRecords } from '../core/ports/stores.ts';
import type { Locks, Transactions } from '../core/ports/transactions.ts';
import { type ClaimedJob, type JobKind, jobKinds } from '../core/rows/job.ts';
import { SIGN_IN_SECONDS } from '../core/sign-in/session.ts';
import { OBJECTS_LOCK } from '../stored/object-row.ts';
import { type AnalyseRevisionDeps, analyseRevision } from './analyse.ts';
import { ModelResultCache } from './analysis/model-result-cache.ts';
import {
  type ConvertRevisionDeps,
  convertRevision,
  type GiveUpConversionDeps,
  giveUpConversion,
} from './convert.ts';
import { type JoinRadiationDeps, joinRadiation } from './join-radiation.ts';
import { type NotifyLaneDeps, notifyLane } from './notify-lane.ts';
import { type ShadowDeps, shadowRevision } from './shadow.ts';
import { PlaneCache } from './stored-planes.ts';
import { type RejoinDeps, rejoinDeclaration, type TriageScanDeps, triageScan } from './triage.ts';
import { type WatchPassagesDeps, watchPassages } from './watch-passages.ts';

const LEASE_SECONDS = 15;
const HEARTBEAT_MS = 5_000;
const IDLE_MS = 1_000;
const LAPSED_EVERY_MS = 10_000;
/** A lane that waits for a verdict to stand is told within a second. */
const SECOND_THOUGHTS_MS = 500;
/** A repeated request is answered as the first one for this long. */
const ANSWERS_SECONDS = 7 * 24 * 3600;
/** A conversion that failed so often without a known cause is given up; every other job is tried for ever. */
const UNKNOWN_ATTEMPTS = 5;
/** A step is tried again soon after what it needs is back; an unreachable lane is not hammered. */
const longestWaitSeconds: Readonly<Record<JobKind, number>> = {
  convert: 10,
  'read-radiation': 10,
  analyse: 10,
  shadow: 300,
  triage: 10,
  'rejoin-declaration': 10,
  'join-radiation': 10,
  'notify-lane': 300,
  'watch-passages': 10,
};

type PerformDeps = ConvertRevisionDeps &
  AnalyseRevisionDeps &
  Omit<ShadowDeps, keyof Own> &
  TriageScanDeps &
  JoinRadiationDeps &
  NotifyLaneDeps &
  WatchPassagesDeps &
  RejoinDeps & { readonly records: Locks };

/** What one worker keeps from step to step. */
interface Own {
  readonly atHand: PlaneCache;
  readonly said: ModelResultCache;
}

const ownOf = (): Own => ({ atHand: new PlaneCache(), said: new ModelResultCache() });

/** What all steps take together. */
export type WorkDeps = PerformDeps & FailedDeps;

/** And what is done by the clock. */
export type WorkerDeps = WorkDeps &
  Parameters<typeof takeBackLapsed>[0] &
  Parameters<typeof escalateOverdue>[0] &
  Parameters<typeof escalateDangers>[0] &
  EscalateHoldsDeps &
  FinalizeExpiredDeps &
  ForgetDeps;

type ForgetDeps = TimedRecords<Tx<'forgetAnswers' | 'forgetSessions'>>;

/** What is done by the clock, not by a job. */
const sweeps: readonly ((deps: WorkerDeps) => Promise<unknown>)[] = [
  takeBackLapsed,
  escalateOverdue,
  escalateOverdueHolds,
  escalateDangers,
  forgetAnswers,
  forgetSessions,
];

function forgetAnswers({
  records,
}: {
  readonly records: Transactions<Tx<'forgetAnswers'>>;
}): Promise<unknown> {
  return records.transaction((tx) => tx.forgetAnswers(ANSWERS_SECONDS));
}

/** A session stays as long as the sign-in that began it could be repeated: no other takes its id. */
function forgetSessions({ records, clock }: TimedRecords<Tx<'forgetSessions'>>): Promise<unknown> {
  const before = new Date(clock.now().getTime() - SIGN_IN_SECONDS * 1000).toISOString();
  return records.transaction((tx) => tx.forgetSessions(before));
}

/** Works until the signal; then finishes the job in hand. `name` tells workers apart in the records. */
export async function runWorker(deps: WorkerDeps, name: string, signal: AbortSignal): Promise<void> {
  const idle = new Idle();
  const own = { ...deps, ...ownOf() };
  const unwatch = await watch(deps, idle);
  signal.addEventListener('abort', () => idle.wake(), { once: true });
  await survive(deps, () => deps.jobs.takeUp());
  const verdicts = letVerdictsStand(deps, signal);
  let lapsedAt = 0;
  while (!signal.aborted) {
    if (Date.now() - lapsedAt > LAPSED_EVERY_MS) {
      lapsedAt = Date.now();
      // each may wait for a database that does not answer
      for (const sweep of sweeps) if (!signal.aborted) await survive(deps, () => sweep(deps));
    }
    if (signal.aborted) break;
    const job = await survive(deps, () => deps.jobs.claim(jobKinds, name, LEASE_SECONDS));
    if (job === undefined) await idle.sleep(IDLE_MS);
    else await survive(deps, () => work(own, job));
  }
  await verdicts;
  await unwatch();
}

/** Beside the jobs, because the longest of them takes minutes. */
async function letVerdictsStand(
  deps: FinalizeExpiredDeps & { readonly log: Log },
  signal: AbortSignal,
): Promise<void> {
  const idle = new Idle();
  signal.addEventListener('abort', () => idle.wake(), { once: true });
  while (!signal.aborted) {
    await survive(deps, () => finalizeExpired(deps));
    if (!signal.aborted) await idle.sleep(SECOND_THOUGHTS_MS);
  }
}

/** Does every job there is, then returns; for commands and tests. */
export async function drainJobs(deps: WorkDeps, name: string): Promise<number> {
  const own = { ...deps, ...ownOf() };
  for (let done = 0; ; done += 1) {
    const job = await deps.jobs.claim(jobKinds, name, LEASE_SECONDS);
    if (job === undefined) return done;
    await work(own, job);
  }
}

async function watch(
  deps: { readonly jobs: JobLeases; readonly log: Log },
  idle: Idle,
): Promise<() => Promise<void>> {
  const unwatch = await survive(deps, () => deps.jobs.onWork(() => idle.wake()));
  return unwatch ?? (async () => {});
}

/** The worker survives an unreachable database or store: the lease ends and the job is retried. */
async function survive<T>({ log }: { readonly log: Log }, action: () => Promise<T>): Promise<T | undefined> {
  try {
    return await action();
  } catch (error) {
    log.warn({ code: problemOf(error).code, err: error }, 'worker step failed');
    await new Promise((resolve) => setTimeout(resolve, 500));
    return undefined;
  }
}

async function work(deps: WorkDeps & Own, job: ClaimedJob): Promise<void> {
  const heartbeat = setInterval(() => {
    deps.jobs
      .extend(job, LEASE_SECONDS)
      .catch((error: unknown) => deps.log.warn({ job: job.id, err: error }, 'lease not extended'));
  }, HEARTBEAT_MS);
  const started = performance.now();
  try {
    const outcome = await performed(deps, job);
    deps.metrics.worked(job.kind, outcome, secondsSince(started));
  } finally {
    clearInterval(heartbeat);
  }
}

async function performed(deps: WorkDeps & Own, job: ClaimedJob): Promise<WorkOutcome> {
  try {
    await perform(deps, job);
    return 'done';
  } catch (error) {
    deps.metrics.failed(job.kind, problemOf(error).code);
    return failed(deps, job, error);
  }
}

async function perform(deps: PerformDeps & Own, job: ClaimedJob): Promise<void> {
  const onScan = (scanId: string, step: () => Promise<void>) =>
    deps.records.exclusively(`scan:${scanId}`, step, OBJECTS_LOCK);
  switch (job.kind) {
    case 'convert':
    case 'read-radiation': {
      const { scanId, revision } = job.payload;
      return onScan(scanId, () => convertRevision(deps, job, scanId, revision, deps.atHand));
    }
    case 'analyse': {
      const { scanId, revision } = job.payload;
      return onScan(scanId, () => analyseRevision(deps, job, scanId, revision, deps));
    }
    case 'shadow': {
      const { scanId, revision } = job.payload;
      return shadowRevision(deps, job, scanId, revision);
    }
    case 'triage': {
      const { scanId, revision } = job.payload;
      return onScan(scanId, () => triageScan(deps, job, scanId, revision));
    }
    case 'notify-lane': {
      const { scanId } = job.payload;
      // One at a time, so that an older answer never overtakes a newer one
      return deps.records.exclusively(`lane:${scanId}`, () => notifyLane(deps, job, scanId));
    }
    case 'watch-passages':
      return watchPassages(deps, job, job.payload.scanId);
    case 'join-radiation': {
      const { scanId, administration, site } = job.payload;
      const step = () => joinRadiation(deps, job, scanId);
      return deps.records.exclusively(`radiation:${administration}:${site}`, step, OBJECTS_LOCK);
    }
    case 'rejoin-declaration':
      return rejoinDeclaration(deps, job);
    default:
      return unreachable(job);
  }
}

export interface FailedDeps extends GiveUpConversionDeps {
  readonly jobs: GiveUpConversionDeps['jobs'] & JobLeases;
  readonly clock: Clock;
  readonly log: Log;
}

/** Gives the job up, or puts it back for later. */
async function failed(deps: FailedDeps, job: ClaimedJob, error: unknown): Promise<WorkOutcome> {
  const { code } = problemOf(error);
  deps.log.warn({ job: job.id, attempts: job.attempts, code, err: error }, 'job failed');
  const isConversion = job.kind === 'convert' || job.kind === 'read-radiation';
  if (isConversion && !isTransient(error) && job.attempts >= UNKNOWN_ATTEMPTS) {
    await giveUpConversion(deps, job, code);
    return 'failed';
  }
  const seconds = Math.min(longestWaitSeconds[job.kind], 2 ** Math.min(job.attempts, 10) * 0.5);
  await deps.jobs.retry(job, code, new Date(deps.clock.now().getTime() + seconds * 1000).toISOString());
  return 'retried';
}

/** A sleep that work ends early. */
class Idle {
  #wake: (() => void) | undefined;

  wake(): void {
    this.#wake?.();
  }

  sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
