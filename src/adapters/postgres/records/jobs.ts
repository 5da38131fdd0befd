import { sql } from 'kysely';
import type { JobQueue } from '../../../core/ports/jobs.ts';
import { holdsUploadsBack, jobKinds } from '../../../core/rows/job.ts';
import type { Tx } from '../database.ts';
import { instant } from './cursor.ts';

type JobRecords = JobQueue;

/** Wakes those who wait for work when the transaction commits. */
export const JOBS_CHANNEL = 'nii_jobs';

export function jobRecords(tx: Tx): JobRecords {
  return {
    /** A job that is done has no row; one that was given up is given another life. */
    async enqueue({ id, kind, payload }, runAfter) {
      const ready_at = sql<string>`${runAfter === undefined ? sql`now()` : sql`${instant(runAfter)}::timestamptz`}`;
      const fresh = { payload: JSON.stringify(payload), state: 'waiting', ready_at } as const;
      await tx
        .insertInto('jobs')
        .values({ id, kind, ...fresh })
        .onConflict((at) =>
          at
            .column('id')
            .doUpdateSet({ ...fresh, attempts: 0, token: null, worker: null, error: null })
            .where('jobs.state', '=', 'dead'),
        )
        .execute();
      await sql`select pg_notify(${JOBS_CHANNEL}, '')`.execute(tx);
    },
    async waitingJobs() {
      const row = await tx
        .selectFrom('jobs')
        .select(({ fn }) => fn.countAll<string>().as('count'))
        .where('state', '=', 'waiting')
        .where(
          'kind',
          'in',
          jobKinds.filter((kind) => holdsUploadsBack[kind]),
        )
        .executeTakeFirstOrThrow();
      return Number(row.count);
    },
  };
}
