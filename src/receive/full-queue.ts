import { NiiError } from '../core/errors.ts';
import type { Limits } from '../core/limits.ts';
import type { WaitingShares } from '../core/ports/jobs.ts';

/** A full queue still takes what is within the fair share of an administration: no other can fill it up for it. */
export function rejectWhenFull({ queuedJobs }: Limits, { all, own, administrations }: WaitingShares): void {
  if (all < queuedJobs || own < Math.floor(queuedJobs / administrations)) return;
  throw new NiiError(
    'NII_QUEUE_FULL',
    `The job queue is full (${all} jobs, ${own} from this administration): retry later`,
  );
}
