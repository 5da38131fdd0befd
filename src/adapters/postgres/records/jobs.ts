import { type RawBuilder, sql } from 'kysely';
import type { Scope } from '../../../core/access.ts';
import type { JobQueue } from '../../../core/ports/jobs.ts';
import { type Job, jobKinds, queueOf, type UploadQueue } from '../../../core/rows/job.ts';
import type { Purpose } from '../../../core/scan/circumstances.ts';
import type { SqlTx } from '../database.ts';
import { keptPlan } from '../kept-plans.ts';
import { instant, siteOf } from './cursor.ts';

type JobRecords = JobQueue;

/** Wakes those who wait for work when the transaction commits. */
export const JOBS_CHANNEL = 'nii_jobs';

export function jobRecords(tx: SqlTx): JobRecords {
  return {
    /** A job that is done has no row; one that was given up is given another life. */
    async enqueue({ id, kind, payload }, runAfter) {
      const ready_at = sql<string>`${runAfter === undefined ? sql`now()` : sql`${instant(runAfter)}::timestamptz`}`;
      const fresh = { payload: JSON.stringify(payload), state: 'waiting', ready_at } as const;
      await tx
        .insertInto('jobs')
        .values({ id, kind, administration: administrationOf(payload), sender: senderOf(payload), ...fresh })
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
      const row = await waiting(tx, 'images')
        .select(({ fn }) => fn.countAll<string>().as('count'))
        .executeTakeFirstOrThrow();
      return Number(row.count);
    },
    async waitingShares(administration, queue) {
      const others = sql<number>`count(distinct administration) filter (where administration <> ${administration})`;
      const row = await waiting(tx, queue)
        .select([
          sql<number>`count(*)::int`.as('all'),
          sql<number>`(count(*) filter (where administration = ${administration}))::int`.as('own'),
          sql<number>`(1 + ${others})::int`.as('administrations'),
        ])
        .executeTakeFirstOrThrow();
      return row;
    },
    hasUnreadRadiation: (scope, purposes) => hasUnreadRadiation(tx, scope, purposes),
    scansToWatch: (scope, limit) => scansToWatch(tx, scope, limit),
  };
}

async function hasUnreadRadiation(
  tx: SqlTx,
  { administration, site }: Scope,
  purposes: readonly Purpose[],
): Promise<boolean> {
  // a worker of an earlier version sets aside what it does not know, until one of this version is there
  const { rows } = await sql`
    select ${keptPlan} 1 from jobs
    join scans on scans.id = jobs.payload->>'scanId'
    where jobs.administration = ${administration}
      and (jobs.kind = 'read-radiation' or jobs.kind = 'join-radiation' and jobs.payload->>'isOfRecord' = 'true')
      and (jobs.state <> 'dead' or jobs.error = 'NII_JOB_UNKNOWN')
      and scans.site = ${site ?? ''} and scans.purpose = any(${[...purposes]}::text[])
    limit 1`.execute(tx);
  return rows.length > 0;
}

async function scansToWatch(tx: SqlTx, scope: Scope, limit: number): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    select scans.id from jobs
    join scans on scans.id = jobs.payload->>'scanId'
    where jobs.administration = ${scope.administration} and jobs.kind = 'watch-passages'
      and (jobs.state <> 'dead' or jobs.error = 'NII_JOB_UNKNOWN')
      and (${siteOf(scope) ?? null}::text is null or scans.site = ${siteOf(scope) ?? null})
    group by scans.id order by min(jobs.queued_at), scans.id limit ${limit}`.execute(tx);
  return rows.map(({ id }) => id);
}

function waiting(tx: SqlTx, queue: UploadQueue) {
  return tx
    .selectFrom('jobs')
    .where('state', '=', 'waiting')
    .where(
      'kind',
      'in',
      jobKinds.filter((kind) => queueOf[kind] === queue),
    );
}

/** Whose work it is; a job of no scan that is stored belongs to nobody. */
function administrationOf(payload: Job['payload']): RawBuilder<string> {
  if ('administration' in payload) return sql<string>`${payload.administration}::text`;
  return sql<string>`coalesce((select administration from scans where id = ${payload.scanId}), '')`;
}

/** The key that uploaded the revision, or the newest one if the job is about the whole scan. */
function senderOf(payload: Job['payload']): RawBuilder<string> {
  if (!('scanId' in payload)) return sql<string>`''`;
  const ofRevision = 'revision' in payload ? sql`and revision = ${payload.revision}` : sql``;
  return sql<string>`coalesce((select uploader from revisions
    where scan_id = ${payload.scanId} ${ofRevision} order by revision desc limit 1), '')`;
}
