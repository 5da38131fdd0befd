import { type RawBuilder, sql } from 'kysely';
import type { AuditSeals, SeqRange, StoredSeal } from '../../../core/ports/records/seals.ts';
import type { SqlTx } from '../database.ts';

/** Every digit that PostgreSQL keeps, whatever the zone and the style of dates of the session. */
function fullTime(time: RawBuilder<unknown>): RawBuilder<string> {
  return sql<string>`to_char(${time} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
}

export function auditSealRecords(tx: SqlTx): AuditSeals {
  return {
    async auditSeals(after, limit) {
      const rows = await sealsQuery(tx).where('number', '>', String(after)).limit(limit).execute();
      return rows.map(toSeal);
    },
    async auditRowsIn(ranges, after, limit) {
      const rows = await rowsIn(tx, ranges)
        .select(['seq', fullTime(sql`at`).as('at'), 'administration', 'site', 'action', 'subject'])
        .select([sql<string>`actor::text`.as('actor'), sql<string>`detail::text`.as('detail')])
        .where('seq', '>', String(after))
        .orderBy('seq')
        .limit(limit)
        .execute();
      return rows.map((row) => ({ ...row, seq: Number(row.seq) }));
    },
    async countAuditRowsIn(ranges) {
      const row = await rowsIn(tx, ranges).select(sql<string>`count(*)`.as('count')).executeTakeFirst();
      return Number(row?.count ?? 0);
    },
    async sealWindow(seconds) {
      const newest = await newestSeal(tx);
      const now = await timeOfNext(tx, newest?.madeAt);
      if (newest === undefined) return { newest, recent: [], floor: 0, now };
      const since = sql<Date>`${newest.madeAt}::timestamptz - make_interval(secs => ${seconds})`;
      const before = await tx
        .selectFrom('audit_seals')
        .select(['number', 'highest'])
        .where('made_at', '<', since)
        .orderBy('number', 'desc')
        .limit(1)
        .executeTakeFirst();
      const recent = await sealsQuery(tx)
        .where('number', '>', before?.number ?? '0')
        .execute();
      return { newest, recent: recent.map(toSeal), floor: Number(before?.highest ?? 0), now };
    },
    async addSeal({ covers, madeAt, ...seal }) {
      await tx
        .insertInto('audit_seals')
        .values({ ...seal, covers: JSON.stringify(covers), made_at: madeAt })
        .execute();
    },
  };
}

function sealsQuery(tx: SqlTx) {
  return tx
    .selectFrom('audit_seals')
    .select(['number', 'covers', 'rows', 'highest', 'previous', 'sha256'])
    .select(fullTime(sql`made_at`).as('madeAt'))
    .orderBy('number');
}

async function newestSeal(tx: SqlTx): Promise<StoredSeal | undefined> {
  const row = await sealsQuery(tx).clearOrderBy().orderBy('number', 'desc').limit(1).executeTakeFirst();
  return row === undefined ? undefined : toSeal(row);
}

/** A clock that was set back makes no seal older than the one before. */
async function timeOfNext(tx: SqlTx, last: string | undefined): Promise<string> {
  const { rows } = await sql<{ now: string }>`select ${fullTime(
    sql`greatest(clock_timestamp(), ${last ?? null}::timestamptz)`,
  )} as now`.execute(tx);
  return rows[0]?.now ?? '';
}

interface SealRow {
  readonly number: string;
  readonly covers: unknown;
  readonly rows: number;
  readonly highest: string;
  readonly previous: string;
  readonly sha256: string;
  readonly madeAt: string;
}

function toSeal({ number, highest, ...row }: SealRow): StoredSeal {
  return { ...row, number: Number(number), highest: Number(highest) };
}

/**
 * Several ranges as a join in which each is looked up in the index (`offset 0`: the planner read the whole audit instead);
 * one alone is a piece of the index, in its order.
 */
function rowsIn(tx: SqlTx, ranges: readonly SeqRange[]) {
  const firsts = ranges.map(([first]) => bigintOf(first));
  const lasts = ranges.map(([, last]) => bigintOf(last));
  const audit = tx.selectFrom('audit');
  if (ranges.length === 1)
    return audit.where(sql<boolean>`seq between ${firsts[0]}::bigint and ${lasts[0]}::bigint`);
  return audit.where(
    sql<boolean>`seq in (select inside.seq from unnest(${firsts}::bigint[], ${lasts}::bigint[]) as range(first, last)
      cross join lateral (
        select audit.seq from audit where audit.seq between range.first and range.last offset 0) as inside)`,
  );
}

function bigintOf(seq: number): string {
  if (Number.isFinite(seq)) return String(seq);
  return seq > 0 ? '9223372036854775807' : '-9223372036854775808';
}
