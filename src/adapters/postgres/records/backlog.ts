import { sql } from 'kysely';
import { CaseState } from '../../../core/case/case-states.ts';
import { defined } from '../../../core/defined.ts';
import type { Backlog, BacklogCounts, CaseCount } from '../../../core/ports/records/backlog.ts';
import { HoldState } from '../../../core/radiation/hold-states.ts';
import { jobKinds } from '../../../core/rows/job.ts';
import type { SqlTx } from '../database.ts';
import { streamBehindSeconds } from './audit-stream.ts';
import { readableJson } from './readable-json.ts';

const openStates = CaseState.enum.filter((state) => state !== 'closed');

export function backlogRecords(tx: SqlTx): Backlog {
  return {
    async backlog(): Promise<BacklogCounts> {
      return {
        cases: await caseCounts(tx),
        holds: await holdCounts(tx),
        oldestOpenCaseSeconds: await oldestOpenCase(tx),
        escalatedCases: await escalatedCases(tx),
        releasesWhileOpen: await releasesWhileOpen(tx),
        ...(await dangerCounts(tx)),
        ...(await passageCounts(tx)),
        ...(await alarmCounts(tx)),
        vehiclesHeld: await vehiclesHeld(tx),
        uploadsSetAside: await uploadsSetAside(tx),
        oldestJobSeconds: await oldestJobs(tx),
        ...defined({ streamBehindSeconds: await streamBehindSeconds(tx) }),
      };
    },
  };
}

async function caseCounts(tx: SqlTx): Promise<readonly CaseCount[]> {
  const { rows } = await sql<CaseCount>`select state, band, sum(rows)::int as count from state_counts
    where of_table = 'cases' group by state, band having sum(rows) > 0`.execute(tx);
  return rows;
}

async function holdCounts(tx: SqlTx): Promise<BacklogCounts['holds']> {
  const rows = await tx
    .selectFrom('holds')
    .select(['state', sql<number>`count(*)::int`.as('count')])
    .groupBy('state')
    .execute();
  return byKey(
    HoldState.enum,
    rows.map(({ state, count }) => [state, count]),
  );
}

async function oldestOpenCase(tx: SqlTx): Promise<number> {
  const row = await tx
    .selectFrom('cases')
    .select(secondsSince(sql`min(opened)`).as('seconds'))
    .where('state', '<>', 'closed')
    .executeTakeFirst();
  return row?.seconds ?? 0;
}

async function escalatedCases(tx: SqlTx): Promise<number> {
  const row = await tx
    .selectFrom('cases')
    .select(sql<number>`count(*)::int`.as('count'))
    .where('escalated_at', 'is not', null)
    .where('state', 'in', openStates)
    .executeTakeFirstOrThrow();
  return row.count;
}

async function releasesWhileOpen(tx: SqlTx): Promise<number> {
  const row = await tx
    .selectFrom('cases')
    .select(sql<number>`count(*)::int`.as('count'))
    .where('release_alarm', 'is not', null)
    .executeTakeFirst();
  return row?.count ?? 0;
}

async function dangerCounts(tx: SqlTx): Promise<Pick<BacklogCounts, 'openDangers' | 'overdueDangers'>> {
  return tx
    .selectFrom('cases')
    .select(sql<number>`count(*)::int`.as('openDangers'))
    .select(sql<number>`count(*) filter (where danger_due is null)::int`.as('overdueDangers'))
    .where('danger_since', 'is not', null)
    .executeTakeFirstOrThrow();
}

async function passageCounts(
  tx: SqlTx,
): Promise<Pick<BacklogCounts, 'passagesWithoutInstruction' | 'vehiclesLeftWithFact'>> {
  const hasFacts = sql`${readableJson(sql.ref('body'))}->'facts' is not null`;
  return tx
    .selectFrom('documents')
    .select(sql<number>`count(*)::int`.as('passagesWithoutInstruction'))
    .select(sql<number>`count(*) filter (where ${hasFacts})::int`.as('vehiclesLeftWithFact'))
    .where('kind', '=', 'passage')
    .where('state', '=', 'open')
    .executeTakeFirstOrThrow();
}

async function alarmCounts(tx: SqlTx): Promise<Pick<BacklogCounts, 'unjoinedAlarms' | 'overdueAlarms'>> {
  return tx
    .selectFrom('holds')
    .select(sql<number>`count(*) filter (where is_near)::int`.as('unjoinedAlarms'))
    .select(
      sql<number>`count(*) filter (where escalated_at is not null and state = 'open')::int`.as(
        'overdueAlarms',
      ),
    )
    .where(sql<boolean>`(is_near or (escalated_at is not null and state = 'open'))`)
    .executeTakeFirstOrThrow();
}

async function vehiclesHeld(tx: SqlTx): Promise<BacklogCounts['vehiclesHeld']> {
  return tx
    .selectFrom('holds')
    .innerJoinLateral(sql<{ value: number }>`(select unnest(vehicles_held) as value)`.as('held'), (join) =>
      join.onTrue(),
    )
    .select(['held.value', sql<number>`count(*)::int`.as('count')])
    .groupBy('held.value')
    .execute();
}

async function uploadsSetAside(tx: SqlTx): Promise<number> {
  const row = await tx
    .selectFrom('resumable_outcomes')
    .select(sql<number>`count(*)::int`.as('count'))
    .where(sql<string>`${readableJson(sql.ref('body'))}->'problem'->>'code'`, '=', 'NII_SET_ASIDE')
    .executeTakeFirst();
  return row?.count ?? 0;
}

async function oldestJobs(tx: SqlTx): Promise<BacklogCounts['oldestJobSeconds']> {
  const rows = await tx
    .selectFrom('jobs')
    .select(['kind', secondsSince(sql`min(queued_at)`).as('seconds')])
    .where('state', '<>', 'dead')
    .groupBy('kind')
    .execute();
  return byKey(
    jobKinds,
    rows.map(({ kind, seconds }) => [kind, seconds ?? 0]),
  );
}

/** Never below 0, whatever the clocks of the processes say. */
function secondsSince(time: ReturnType<typeof sql>) {
  return sql<number | null>`greatest(0, extract(epoch from clock_timestamp() - ${time}))::float8`;
}

/** A number for each key, 0 where no row names it. */
function byKey<Key extends string>(
  keys: readonly Key[],
  rows: readonly (readonly [string, number])[],
): Readonly<Record<Key, number>> {
  const found = new Map(rows);
  return Object.fromEntries(keys.map((key) => [key, found.get(key) ?? 0])) as Record<Key, number>;
}
