import { sql } from 'kysely';
import type { Case } from '../../../../core/case/case.ts';
import type { OwnDecisions } from '../../../../core/ports/records/cases.ts';
import type { SqlTx } from '../../database.ts';
import { fromCursor, instant, pageOf, siteOf } from '../cursor.ts';

export function ownDecisionRecords(tx: SqlTx): OwnDecisions {
  return {
    async decidedBy(scope, reader, limit, cursor) {
      const site = siteOf(scope);
      const names = [...reader];
      // each name by itself, in the order of the index: how many decisions there are costs nothing
      const { rows } = await sql<{ id: string; at: Date; body: Case }>`
        select cases.id, own.at, cases.body from (
          select newest.case_id, newest.at from unnest(${names}::text[]) as name (person) cross join lateral (
            select case_id, at from measured_readings own
            where own.administration = ${scope.administration} and own.person = name.person
              ${site === undefined ? sql`` : sql`and own.site = ${site}`}
              and not exists (select from measured_readings later
                where later.case_id = own.case_id and later.seq > own.seq and later.person = any(${names}::text[]))
              ${cursor === undefined ? sql`` : before(cursor)}
            order by own.at desc, own.case_id desc limit ${limit + 1}) newest
        ) own join cases on cases.id = own.case_id
        order by own.at desc, own.case_id desc limit ${limit + 1}`.execute(tx);
      return pageOf(
        rows,
        limit,
        ({ body }) => body,
        ({ id, at }) => [at.toISOString(), id],
      );
    },
  };
}

function before(cursor: string) {
  const [at, id] = fromCursor(cursor, ['string', 'string']);
  return sql`and (own.at, own.case_id) < (${instant(String(at))}::timestamptz, ${String(id)})`;
}
