import { sql } from 'kysely';
import type { Scope } from '../../../../core/access.ts';
import type { Case } from '../../../../core/case/case.ts';
import type { Page } from '../../../../core/page.ts';
import type { OwnDecisions } from '../../../../core/ports/records/cases.ts';
import type { Tx } from '../../../../core/ports/records.ts';
import type { SqlTx } from '../../database.ts';
import { fromCursor, instant, pageOf, siteOf } from '../cursor.ts';

type Since = 'searched_since' | 'release_alarm' | 'danger_since' | 'advice_since';

export function caseLists(
  tx: SqlTx,
): Tx<'searches' | 'findsUnreleased' | 'releasesWhileOpen' | 'dangers' | 'adviceAsked'> {
  return {
    searches: (scope, limit, cursor) => oldestFirst(tx, 'searched_since', scope, limit, cursor),
    findsUnreleased: (scope, since, limit) => findsUnreleased(tx, scope, since, limit),
    dangers: (scope, limit, cursor) => oldestFirst(tx, 'danger_since', scope, limit, cursor),
    adviceAsked: (scope, limit, cursor) => oldestFirst(tx, 'advice_since', scope, limit, cursor),
    releasesWhileOpen: (scope, limit, cursor) => oldestFirst(tx, 'release_alarm', scope, limit, cursor),
  };
}

/** Cases that have the time, in rising order of it. */
async function oldestFirst(
  tx: SqlTx,
  since: Since,
  scope: Scope,
  limit: number,
  cursor: string | undefined,
): Promise<Page<Case>> {
  const rows = await after(tx, since, cursor)
    .where('administration', '=', scope.administration)
    .$if(siteOf(scope) !== undefined, (query) => query.where('site', '=', scope.site))
    .limit(limit + 1)
    .execute();
  return pageOf(
    rows,
    limit,
    ({ body }) => body,
    ({ id, since: at }) => [at.toISOString(), id],
  );
}

/** By the narrow rows of the measures: nothing else tells a find from the other closed cases. */
async function findsUnreleased(tx: SqlTx, scope: Scope, since: string, limit: number): Promise<Case[]> {
  const site = siteOf(scope);
  const rows = await tx
    .selectFrom('measured_cases as measured')
    .innerJoin('cases', 'cases.id', 'measured.case_id')
    .select('cases.body')
    .where('measured.administration', '=', scope.administration)
    .where('measured.arrived', '>=', sql<Date>`${instant(since)}::timestamptz`)
    .where('measured.outcome', '=', 'found')
    .where('cases.state', '=', 'closed')
    .where(sql<boolean>`cases.body -> 'acceptance' is null`)
    .$if(site !== undefined, (query) => query.where('measured.site', '=', String(site)))
    .orderBy('measured.arrived')
    .orderBy('cases.id')
    .limit(limit)
    .execute();
  return rows.map(({ body }) => body);
}

function after(tx: SqlTx, since: Since, cursor: string | undefined) {
  const query = tx
    .selectFrom('cases')
    .select(['id', 'body', sql<Date>`${sql.ref(since)}`.as('since')])
    .where(since, 'is not', null)
    .orderBy(since)
    .orderBy('id');
  if (cursor === undefined) return query;
  const [at, id] = fromCursor(cursor, ['string', 'string']);
  const from = instant(String(at));
  return query.where(sql<boolean>`(${sql.ref(since)}, id) > (${from}::timestamptz, ${String(id)})`);
}

/** The columns by which a case is in a list. */
export function listed(value: Case) {
  const referred = value.history.findLast(({ kind }) => kind === 'referred');
  const isSearched = value.state === 'search' && referred !== undefined;
  const { releasedWhileOpen, danger, claim } = value;
  const asked = claim?.advice?.questions[0]?.at;
  const isInDanger = danger !== undefined && danger.acknowledged === undefined;
  return {
    searched_since: isSearched ? instant(referred.at) : null,
    danger_since: isInDanger ? instant(danger.at) : null,
    danger_due: isInDanger && danger.escalatedAt === undefined ? instant(danger.dueAt) : null,
    advice_since: asked === undefined ? null : instant(asked),
    advisers: (claim?.advice?.colleagues ?? []).map(({ by }) => by),
    release_alarm: releasedWhileOpen === undefined ? null : instant(releasedWhileOpen.at),
  };
}

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
