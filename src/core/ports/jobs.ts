export type JobKind =
  | 'convert'
  | 'analyse'
  | 'triage'
  | 'notify-lane'
  | 'rejoin-declaration'
  | 'join-radiation';

export interface Job {
  /** Kind and subject: the same work has the same id and is queued once. */
  readonly id: string;
  readonly kind: JobKind;
  readonly payload: Readonly<Record<string, string | number>>;
}

export interface ClaimedJob extends Job {
  /** How often it has been started, this time included. */
  readonly attempts: number;
  /** Proof of the lease; completing with another's token changes nothing. */
  readonly token: string;
}

/** Where a transaction leaves the work that comes after it. */
export interface JobQueue {
  /** A job that is waiting or running stays as it is; one that is done runs again. */
  enqueue(job: Job, runAfter?: string): Promise<void>;
  /** Conversions and analyses that wait; an unreachable lane is no reason to reject scans. */
  waitingJobs(): Promise<number>;
}

/** A claim is a lease: unless extended it ends and the job runs again elsewhere. */
export interface JobLeases {
  claim(kinds: readonly JobKind[], worker: string, leaseSeconds: number): Promise<ClaimedJob | undefined>;
  extend(job: ClaimedJob, leaseSeconds: number): Promise<boolean>;
  /** Puts the job back, to start not before the time. */
  retry(job: ClaimedJob, error: string, runAfter: string): Promise<void>;
  /** Calls back when a job may be ready, from any process; returns what ends the watch. */
  onWork(callback: () => void): Promise<() => Promise<void>>;
}

/** How a job ends, in one transaction with what it did. Both throw NII_CONFLICT if the lease was lost. */
export interface JobEnds<Tx> {
  /** Runs `work` and marks the job done. */
  complete(job: ClaimedJob, work: (tx: Tx) => Promise<void>): Promise<void>;
  /** Runs `work` and gives the job up; it stays visible with its error. */
  bury(job: ClaimedJob, error: string, work: (tx: Tx) => Promise<void>): Promise<void>;
}

export interface JobCounts {
  counts(): Promise<
    Readonly<Record<JobKind, { readonly waiting: number; readonly running: number; readonly dead: number }>>
  >;
}
