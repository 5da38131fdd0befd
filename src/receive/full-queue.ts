import { NiiError } from '../core/errors.ts';
import type { Limits } from '../core/limits.ts';
import type { JobQueue } from '../core/ports/jobs.ts';
import type { Transactions } from '../core/ports/transactions.ts';

/** A full queue still takes what is within the fair share of an administration: no other can fill it up for it. */
export async function rejectWhenFull(
  { records, limits }: { readonly records: Transactions<JobQueue>; readonly limits: Limits },
  administration: string,
): Promise<void> {
  const { all, own, administrations } = await records.transaction((tx) => tx.waitingShares(administration));
  if (all < limits.queuedJobs || own < Math.floor(limits.queuedJobs / administrations)) return;
  throw new NiiError(
    'NII_QUEUE_FULL',
    `${all} jobs wait, ${own} of them of this administration: retry later`,
  );
}
