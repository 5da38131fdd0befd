import { sql } from 'kysely';
import type { Case } from '../../../../core/case/case.ts';
import type { OwnDecisions } from '../../../../core/ports/records/lists/own-decisions.ts';
import type { Tx } from '../../database.ts';
import { fromCursor, instant, pageOf, siteOf } from '../cursor.ts';

export function ownDecisionRecords(tx: Tx): OwnDecisions {
  return {
    async decidedBy(scope, reader, limit, cursor) {
      const site = siteOf(scope);
      const names = sql`any(${[...reader]}::text[])`;
      const { rows } = await sql<{ id: string; at: Date; body: Case }>`
        select cases.id, own.at, cases.body from measured_readings own join cases on cases.id = own.case_id
        where own.administration = ${scope.administration} and own.person = ${names}
          ${site === undefined ? sql`` : sql`and own.site = ${site}`}
          and not exists (select from measured_readings later
            where later.case_id = own.case_id and later.seq > own.seq and later.person = ${names})
          ${cursor === undefined ? sql`` : before(cursor)}
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
