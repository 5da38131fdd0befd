import { type RawBuilder, sql } from 'kysely';
import type { Case } from '../../../core/case/case.ts';
import { handBacks } from '../../../core/case/not-readers.ts';
import { defined } from '../../../core/defined.ts';
import type { Tx } from '../../../core/ports/records.ts';
import type { SqlTx } from '../database.ts';
import { instant } from './cursor.ts';

/** More verdicts than a person gives while the first can be taken back. */
const MOST_IN_WINDOW = 100;

/** Cases that readers did not decide, and cases that nobody settled in time. */
export function handBackRecords(
  tx: SqlTx,
): Tx<
  | 'handBacksSince'
  | 'handBacksOf'
  | 'casesPastDue'
  | 'passOverDue'
  | 'dangersPastDue'
  | 'isAnyPastUndoWindow'
  | 'casesPastUndoWindow'
  | 'casesInUndoWindow'
> {
  return {
    async handBacksSince(administration, reader, since) {
      const row = await tx
        .selectFrom('hand_backs')
        .select(sql<number>`count(*)::int`.as('count'))
        .where('administration', '=', administration)
        .where('person', 'in', [...reader])
        .where('kind', '<>', 'taken-back')
        .where(sql<boolean>`at > ${instant(since)}::timestamptz`)
        .executeTakeFirstOrThrow();
      return row.count;
    },
    async handBacksOf(administration, reader, limit) {
      const rows = await tx
        .selectFrom('hand_backs')
        .selectAll()
        .where('administration', '=', administration)
        .where('person', 'in', [...reader])
        .orderBy('at', 'desc')
        .orderBy('case_id')
        .limit(limit)
        .execute();
      return rows.map(({ case_id: caseId, seq, at, person, kind, why }) => ({
        caseId,
        seq,
        at: at.toISOString(),
        person,
        kind,
        ...defined({ why: why ?? undefined }),
      }));
    },
    casesPastDue: (at, limit) =>
      lockCases(tx, sql`not due_told and due < ${instant(at)}::timestamptz`, 'due', limit),
    dangersPastDue: (at, limit) =>
      lockCases(tx, sql`danger_due < ${instant(at)}::timestamptz`, 'danger_due', limit),
    async isAnyPastUndoWindow(at) {
      const row = await tx
        .selectFrom('cases')
        .select('id')
        .where(sql<boolean>`stands_at <= ${instant(at)}::timestamptz`)
        .limit(1)
        .executeTakeFirst();
      return row !== undefined;
    },
    casesPastUndoWindow: (at, limit) =>
      lockCases(tx, sql`stands_at <= ${instant(at)}::timestamptz`, 'stands_at', limit),
    casesInUndoWindow: (administration, analysts) =>
      lockCases(
        tx,
        sql`stands_at is not null and administration = ${administration}
          and body -> 'verdicts' -> -1 ->> 'analyst' = any(${[...analysts]}::text[])`,
        'stands_at',
        MOST_IN_WINDOW,
      ),
    async passOverDue(id) {
      await tx.updateTable('cases').set({ due_told: true }).where('id', '=', id).execute();
    },
  };
}

/** Locks the first cases that a time has passed for, without those that another transaction holds. */
export async function lockCases(
  tx: SqlTx,
  isPast: RawBuilder<boolean>,
  time: 'due' | 'danger_due' | 'stands_at' | 'lease_until',
  limit: number,
): Promise<readonly Case[]> {
  const rows = await tx
    .selectFrom('cases')
    .select('body')
    .where(isPast)
    .orderBy(time)
    .limit(limit)
    .forUpdate()
    .skipLocked()
    .execute();
  return rows.map(({ body }) => body);
}

/** Those of the history of a case that are not kept yet. */
export async function keepHandBacks(tx: SqlTx, { id, administration, history }: Case): Promise<void> {
  const rows = handBacks(history).map(({ seq, at, person, kind, why = null }) => ({
    case_id: id,
    seq,
    administration,
    person,
    at: instant(at),
    kind,
    why,
  }));
  if (rows.length === 0) return;
  await tx
    .insertInto('hand_backs')
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}
