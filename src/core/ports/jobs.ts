import type { Scope } from '../access.ts';
import type { ClaimedJob, Job, JobKind, UploadQueue } from '../rows/job.ts';
import type { Purpose } from '../scan/circumstances.ts';

/** Where a transaction leaves the work that comes after it. */
export interface JobQueue {
  /** A job that is waiting or running stays as it is; one that is done runs again. */
  enqueue(job: Job, runAfter?: string): Promise<void>;
  /** Conversions and analyses that wait; an unreachable lane is no reason to reject scans. */
  waitingJobs(): Promise<number>;
  /** Jobs that wait in a queue, and whose they are. */
  waitingShares(administration: string, queue: UploadQueue): Promise<WaitingShares>;
  /**
   * Whether radiation records of exactly this site that were sent for one of these purposes are still to be read or joined.
   * Those that were given up are not.
   */
  hasUnreadRadiation(scope: Scope, purposes: readonly Purpose[]): Promise<boolean>;
  /** Scans that the scope reaches and whose passages are still to be watched, the one that waits longest first. */
  scansToWatch(scope: Scope, limit: number): Promise<readonly string[]>;
}

export interface WaitingShares {
  readonly all: number;
  /** Of the administration that asks. */
  readonly own: number;
  /** Administrations that have any, the one that asks always counted. */
  readonly administrations: number;
}

/** A job that this version does not know, as the log tells it. */
export interface SetAsideJob {
  readonly job: string;
  readonly kind: string;
  readonly code: 'NII_JOB_UNKNOWN';
}

/** A claim is a lease: unless extended it ends and the job runs again elsewhere. */
export interface JobLeases {
  /**
   * Of the administrations that have a job of one of these kinds, the one that was served longest ago is next; of its
   * senders likewise, those with three timeouts in a row last; of a sender's jobs, the one that has been ready longest.
   * A job that this version does not know is set aside on
   * the way: given up under NII_JOB_UNKNOWN, and kept.
   */
  claim(kinds: readonly JobKind[], worker: string, leaseSeconds: number): Promise<ClaimedJob | undefined>;
  /** Queues the jobs that were set aside and whose kind this version knows. Returns how many. */
  takeUp(): Promise<number>;
  extend(job: ClaimedJob, leaseSeconds: number): Promise<boolean>;
  /** Ends the leases of a worker that is known to be dead, so that nobody waits for them. Returns how many. */
  freeLeases(worker: string): Promise<number>;
  /** Puts the job back, to start not before the time. */
  retry(job: ClaimedJob, error: string, runAfter: string): Promise<void>;
  /** Calls back when a job may be ready, from any process; returns what ends the watch. */
  onWork(callback: () => void): Promise<() => Promise<void>>;
}

/** A conversion that timed out counts against its sender. */
export type JobOutcome = 'done' | 'timeout';

/** How a job ends, in one transaction with what it did. Both throw NII_CONFLICT if the lease was lost. */
export interface JobEnds<Taken> {
  /** Runs `work` and marks the job done. */
  complete(job: ClaimedJob, work: (tx: Taken) => Promise<void>, outcome?: JobOutcome): Promise<void>;
  /** Runs `work` and gives the job up; it stays visible with its error. */
  bury(job: ClaimedJob, error: string, work: (tx: Taken) => Promise<void>): Promise<void>;
}

export interface JobCounts {
  counts(): Promise<
    Readonly<Record<JobKind, { readonly waiting: number; readonly running: number; readonly dead: number }>>
  >;
}
