import { sql } from 'kysely';
import type { Scope } from '../../../core/access.ts';
import type { HoldFilter, Holds } from '../../../core/ports/records/holds.ts';
import type { Radiation } from '../../../core/ports/records/radiation.ts';
import type { RecordsTx } from '../../../core/ports/records.ts';
import type { Hold, RadiationLink } from '../../../core/radiation/hold.ts';
import {
  dueTimeOf,
  holdsAllNear,
  isSurelyJoined,
  marksOfHold,
  scansHeld,
  scansOfJoin,
} from '../../../core/radiation/hold.ts';
import { holdStates, holdStatesThat } from '../../../core/radiation/hold-states.ts';
import { nameOf } from '../../../core/rules/check-in.ts';
import type { Mark } from '../../../core/rules/vehicle-hold.ts';
import type { SqlTx } from '../database.ts';
import { fromCursor, instant, pageOf, siteOf } from './cursor.ts';
import { rejectUnlessContinued } from './history.ts';
import { reached } from './reach.ts';

type RadiationRecords = Radiation & Holds;

export function radiationRecords(tx: SqlTx): RadiationRecords {
  return { ...linksOf(tx), ...holdsOf(tx) };
}

/** A statement takes at most 65,535 values. */
const ROWS_AT_ONCE = 1000;
/** Holds in which the same was measured: no portal measures the same twice but by being read twice. */
const MOST_ALIKE = 16;

function bodies<Body>(rows: readonly { readonly body: Body }[]): readonly Body[] {
  return rows.map(({ body }) => body);
}

function linksOf(tx: SqlTx) {
  const links = () => tx.selectFrom('radiation').select('body').orderBy('scan_id').orderBy('record_id');
  return {
    async putRadiation(...[scope, scanId, rows, contents]: Parameters<RecordsTx['putRadiation']>) {
      await tx.deleteFrom('radiation').where('scan_id', '=', scanId).execute();
      await insertLinks(tx, scope, rows, contents);
    },
    async updateRadiation(...[scope, scanId, rows, contents]: Parameters<RecordsTx['updateRadiation']>) {
      const ids = rows.map(({ recordId }) => recordId);
      await tx
        .deleteFrom('radiation')
        .where('scan_id', '=', scanId)
        .where(sql<boolean>`record_id = any(${ids}::text[])`)
        .execute();
      await insertLinks(tx, scope, rows, contents);
    },
    async radiationOf(scanId: string) {
      return bodies(await links().where('scan_id', '=', scanId).execute());
    },
    async radiationContents(scanId: string) {
      const query = tx.selectFrom('radiation').select(['record_id', 'content']).where('scan_id', '=', scanId);
      const rows = await query.where('content', 'is not', null).execute();
      return new Map(rows.map(({ record_id, content }) => [record_id, content ?? '']));
    },
    async scansOfHold(holdId: string) {
      const query = tx.selectFrom('radiation').select('scan_id').distinct().where('hold_id', '=', holdId);
      return (await query.orderBy('scan_id').execute()).map(({ scan_id }) => scan_id);
    },
    async radiationFor(scanId: string, purposes?: readonly string[]) {
      const joined = links().where(sql<boolean>`joined @> ${[scanId]}::text[]`);
      const wanted =
        purposes === undefined
          ? joined
          : joined.where(sql<boolean>`exists (select 1 from scans where scans.id = radiation.scan_id
              and scans.purpose = any(${[...purposes]}::text[]))`);
      return bodies(await wanted.execute());
    },
    async radiationOfVisit(...[scope, visit, from, to]: Parameters<RecordsTx['radiationOfVisit']>) {
      const rows = await links()
        .where('administration', '=', scope.administration)
        .where('site', '=', scope.site)
        .where('visit', 'is not', null)
        .where(sql<boolean>`mark_of(visit) = mark_of(${visit})`)
        .where(
          sql<boolean>`(starts is null
            or (starts <= ${instant(to)}::timestamptz and ends >= ${instant(from)}::timestamptz)
            or exists (select 1 from scans where scans.id = radiation.scan_id
              and scans.received between ${instant(from)}::timestamptz and ${instant(to)}::timestamptz))`,
        )
        .execute();
      return bodies(rows);
    },
    async radiationNear(...[scope, from, to, containers]: Parameters<RecordsTx['radiationNear']>) {
      const [first, last] = [sql`${instant(from)}::timestamptz`, sql`${instant(to)}::timestamptz`];
      const rows = await links()
        .where('administration', '=', scope.administration)
        .where('site', '=', scope.site)
        .where(
          sql<boolean>`starts <= ${last} and ends >= ${first}
            and (starts >= ${first} - interval '1 hour' or ends - starts > interval '1 hour')`,
        )
        .$if(containers !== undefined, (query) =>
          query.where(sql<boolean>`containers && ${[...(containers ?? [])]}::text[]`),
        )
        .execute();
      return bodies(rows);
    },
  };
}

async function insertLinks(
  tx: SqlTx,
  scope: Scope,
  rows: readonly RadiationLink[],
  contents: ReadonlyMap<string, string> | undefined,
): Promise<void> {
  for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) {
    const some = rows.slice(at, at + ROWS_AT_ONCE);
    const values = some.map((row) => toLink(scope, row, contents?.get(row.recordId)));
    await tx.insertInto('radiation').values(values).execute();
  }
}

function holdsOf(tx: SqlTx) {
  return {
    saveHold: (value: Hold) => saveHold(tx, value),
    async noteOccupancy(id: string, key: string) {
      await tx.updateTable('holds').set({ identity: key }).where('id', '=', id).execute();
    },
    async holdsOfOccupancy(scope: Scope, key: string) {
      const query = holdsAt(tx, scope).where('identity', '=', key).orderBy('opened');
      return bodies(await query.orderBy('id').execute());
    },
    async holdsOfContent(scope: Scope, content: string) {
      const query = holdsAt(tx, scope).where('content', '=', content).orderBy('opened', 'desc');
      return bodies(await query.orderBy('id').limit(MOST_ALIKE).execute());
    },
    async hold(scope: Scope, id: string) {
      const row = await holdQuery(tx, scope, id).executeTakeFirst();
      return row?.body;
    },
    async lockHold(scope: Scope, id: string) {
      const row = await holdQuery(tx, scope, id).forUpdate().executeTakeFirst();
      return row?.body;
    },
    async holds(...[scope, filter, limit, cursor]: Parameters<RecordsTx['holds']>) {
      if (filter.states.length === 0) return { rows: [] };
      const rows = await holdsQuery(tx, scope, filter, cursor)
        .limit(limit + 1)
        .execute();
      return pageOf(
        rows,
        limit,
        ({ body }) => body,
        (row) => [instant(row.body.openedAt), row.body.id],
      );
    },
    async holdsOn(scanId: string) {
      // each by its index: as one condition with "or" they read every hold
      const isOn = sql<boolean>`id in (select id from holds where bears_on @> ${[scanId]}::text[]
        union all select hold_id from radiation where scan_id = ${scanId})`;
      return bodies(await tx.selectFrom('holds').select('body').where(isOn).orderBy('id').execute());
    },
    async holdsOfMarks(...[{ administration, sites }, marks]: Parameters<RecordsTx['holdsOfMarks']>) {
      if (marks.length === 0) return [];
      const query = tx
        .selectFrom('holds')
        .select('body')
        .where('administration', '=', administration)
        .where('site', 'in', sites)
        .where(sql<boolean>`bears_on && ${marks.map(bearingOf)}::text[]`);
      return bodies(await query.orderBy('opened').orderBy('id').execute());
    },
    async holdsPastDue(at: string, limit: number) {
      const isPast = sql<boolean>`due < ${instant(at)}::timestamptz`;
      const query = tx.selectFrom('holds').select('body').where(isPast).orderBy('due').limit(limit);
      return bodies(await query.forUpdate().skipLocked().execute());
    },
    async unjoinedHolds(scope: Scope) {
      const holding = holdStatesThat(({ isHolding }) => isHolding);
      const query = holdsAt(tx, scope).where('state', 'in', holding).orderBy('opened').orderBy('id');
      return bodies(await query.execute()).filter((hold) => !isSurelyJoined(hold));
    },
  };
}

async function saveHold(tx: SqlTx, value: Hold): Promise<void> {
  const row = toHold(value);
  const inserted = await tx
    .insertInto('holds')
    .values(row)
    .onConflict((at) => at.column('id').doNothing())
    .returning('id')
    .executeTakeFirst();
  if (inserted !== undefined) return;
  const stored = await tx
    .selectFrom('holds')
    .select('body')
    .where('id', '=', value.id)
    .forUpdate()
    .executeTakeFirst();
  rejectUnlessContinued('hold', stored?.body.history ?? [], value.history);
  // An older hold keeps the occupancy that `noteOccupancy` wrote
  const { identity, content, ...known } = row;
  const kept = identity === null ? known : row;
  await tx.updateTable('holds').set(kept).where('id', '=', value.id).execute();
}

function holdsAt(tx: SqlTx, { administration, site }: Scope) {
  return tx
    .selectFrom('holds')
    .select('body')
    .where('administration', '=', administration)
    .where('site', '=', site);
}

function holdQuery(tx: SqlTx, scope: Scope, id: string) {
  return tx
    .selectFrom('holds')
    .select('body')
    .where('id', '=', id)
    .where('administration', '=', scope.administration)
    .where(reached(scope, sql.ref('holds.scan_id')))
    .$if(siteOf(scope) !== undefined, (query) => query.where('site', '=', scope.site));
}

/** Oldest first: it waits longest. */
function holdsQuery(tx: SqlTx, scope: Scope, filter: HoldFilter, cursor: string | undefined) {
  const sites = [siteOf(scope), filter.site].filter((site) => site !== undefined);
  let query = tx
    .selectFrom('holds')
    .select('body')
    .where('administration', '=', scope.administration)
    .where(reached(scope, sql.ref('holds.scan_id')))
    .where('state', 'in', [...filter.states])
    .orderBy('opened')
    .orderBy('id');
  if (filter.escalated === true) query = query.where('escalated_at', 'is not', null);
  for (const site of sites) query = query.where('site', '=', site);
  if (cursor === undefined) return query;
  const [opened, id] = fromCursor(cursor, ['string', 'string']);
  return query.where(sql<boolean>`(opened, id) > (${instant(String(opened))}::timestamptz, ${String(id)})`);
}

function toLink({ administration, site }: Scope, row: RadiationLink, content: string | undefined) {
  return {
    scan_id: row.scanId,
    record_id: row.recordId,
    administration,
    site,
    starts: row.from === undefined ? null : instant(row.from),
    ends: row.to === undefined ? null : instant(row.to),
    containers: [...row.containers],
    visit: row.visit ?? null,
    joined: [...scansOfJoin(row.join)],
    content: content ?? null,
    hold_id: row.holdId ?? null,
    body: JSON.stringify(row),
  };
}

/** How `bears_on` names a vehicle: no id of a scan has a colon. */
function bearingOf(mark: Mark): string {
  return `mark:${nameOf(mark)}`;
}

function toHold(value: Hold) {
  return {
    id: value.id,
    administration: value.administration,
    site: value.site,
    scan_id: value.scanId,
    state: value.state,
    opened: instant(value.openedAt),
    bears_on: [...scansHeld(value), ...marksOfHold(value).map(bearingOf)],
    identity: value.identity?.key ?? null,
    content: value.identity?.content ?? null,
    due: mayEscalate(value) ? instant(dueTimeOf(value)) : null,
    escalated_at: value.escalatedAt === undefined ? null : instant(value.escalatedAt),
    is_near: holdsAllNear(value),
    vehicles_held: [...vehiclesHeld(value)],
    body: JSON.stringify(value),
  };
}

function mayEscalate({ state, escalatedAt }: Hold): boolean {
  return escalatedAt === undefined && holdStates[state].canBe.includes('escalated');
}

/** How many scans it held each time that it stopped holding those near it. */
function vehiclesHeld({ history }: Hold): readonly number[] {
  return history.flatMap(({ detail }) =>
    typeof detail.vehiclesHeld === 'number' ? detail.vehiclesHeld : [],
  );
}
