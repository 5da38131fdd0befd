import { sql } from 'kysely';
import type { Scope } from '../../../../core/access.ts';
import type { LanePassage } from '../../../../core/case/lane-passage.ts';
import type {
  PassageFilter,
  Passages,
  PassageWrites,
} from '../../../../core/ports/records/lists/passages.ts';
import type { Tx } from '../../database.ts';
import { fromCursor, instant, pageOf, siteOf } from '../cursor.ts';

export function passageRecords(tx: Tx): Passages & PassageWrites {
  return {
    async passages(scope, filter, limit, cursor) {
      const rows = await listQuery(tx, scope, filter, cursor)
        .limit(limit + 1)
        .execute();
      return pageOf(
        rows,
        limit,
        ({ body }) => body,
        ({ id, passed }) => [passed.toISOString(), id],
      );
    },
    async keptPassages(ids) {
      if (ids.length === 0) return [];
      const rows = await tx
        .selectFrom('passages')
        .select('body')
        .where('id', 'in', [...ids])
        .execute();
      return rows.map(({ body }) => body);
    },
    async lockPassage(scope, id) {
      const row = await tx
        .selectFrom('passages')
        .select('body')
        .where('id', '=', id)
        .where('administration', '=', scope.administration)
        .$if(siteOf(scope) !== undefined, (query) => query.where('site', '=', scope.site))
        .forUpdate()
        .executeTakeFirst();
      return row?.body;
    },
    async putPassages(values) {
      if (values.length === 0) return;
      await tx
        .insertInto('passages')
        .values(values.map(toRow))
        .onConflict((at) =>
          at.column('id').doUpdateSet({
            state: (row) => row.ref('excluded.state'),
            body: (row) => row.ref('excluded.body'),
          }),
        )
        .execute();
    },
  };
}

function toRow(value: LanePassage) {
  const { id, administration, site, state, report } = value;
  return { id, administration, site, state, passed: instant(report.at), body: JSON.stringify(value) };
}

function listQuery(tx: Tx, scope: Scope, { state, site }: PassageFilter, cursor: string | undefined) {
  const sites = [siteOf(scope), site].filter((one) => one !== undefined);
  let query = tx
    .selectFrom('passages')
    .select(['id', 'passed', 'body'])
    .where('administration', '=', scope.administration)
    .where('state', '=', state)
    .orderBy('passed')
    .orderBy('id');
  for (const one of sites) query = query.where('site', '=', one);
  if (cursor === undefined) return query;
  const [passed, id] = fromCursor(cursor, ['string', 'string']);
  return query.where(sql<boolean>`(passed, id) > (${instant(String(passed))}::timestamptz, ${String(id)})`);
}
