import { sql } from 'kysely';
import type { Scope } from '../../../core/access.ts';
import type { HoldFilter, Holds, HoldWrites } from '../../../core/ports/records/holds.ts';
import type { Radiation, RadiationWrites } from '../../../core/ports/records/radiation.ts';
import type { Hold, RadiationLink } from '../../../core/radiation/hold.ts';
import { isSurelyJoined, scansHeld, scansOfJoin } from '../../../core/radiation/hold.ts';
import { holdStatesThat } from '../../../core/radiation/hold-states.ts';
import type { Tx } from '../database.ts';
import { fromCursor, instant, pageOf, siteOf } from './cursor.ts';
import { rejectUnlessContinued } from './history.ts';
import { reached } from './reach.ts';

type RadiationRecords = RadiationWrites & Radiation & HoldWrites & Holds;

export function radiationRecords(tx: Tx): RadiationRecords {
  return { ...linksOf(tx), ...holdsOf(tx) };
}

/** A statement takes at most 65,535 values. */
const ROWS_AT_ONCE = 1000;

function linksOf(tx: Tx) {
  const links = () => tx.selectFrom('radiation').select('body').orderBy('scan_id').orderBy('record_id');
  const bodies = (rows: readonly { readonly body: RadiationLink }[]) => rows.map(({ body }) => body);
  return {
    async putRadiation(...[scope, scanId, rows]: Parameters<RadiationWrites['putRadiation']>) {
      await tx.deleteFrom('radiation').where('scan_id', '=', scanId).execute();
      for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) {
        const some = rows.slice(at, at + ROWS_AT_ONCE).map((row) => toLink(scope, row));
        await tx.insertInto('radiation').values(some).execute();
      }
    },
    async radiationOf(scanId: string) {
      return bodies(await links().where('scan_id', '=', scanId).execute());
    },
    async radiationFor(scanId: string) {
      return bodies(
        await links()
          .where(sql<boolean>`joined @> ${[scanId]}::text[]`)
          .execute(),
      );
    },
    async radiationNear(...[scope, from, to, containers]: Parameters<Radiation['radiationNear']>) {
      const rows = await links()
        .where('administration', '=', scope.administration)
        .where('site', '=', scope.site)
        .where(sql<boolean>`starts <= ${instant(to)}::timestamptz`)
        .where(sql<boolean>`ends >= ${instant(from)}::timestamptz`)
        .$if(containers !== undefined, (query) =>
          query.where(sql<boolean>`containers && ${[...(containers ?? [])]}::text[]`),
        )
        .execute();
      return bodies(rows);
    },
  };
}

function holdsOf(tx: Tx) {
  return {
    async saveHold(value: Hold) {
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
      await tx.updateTable('holds').set(row).where('id', '=', value.id).execute();
    },
    async hold(scope: Scope, id: string) {
      return (await holdQuery(tx, scope, id).executeTakeFirst())?.body;
    },
    async lockHold(scope: Scope, id: string) {
      return (await holdQuery(tx, scope, id).forUpdate().executeTakeFirst())?.body;
    },
    async holds(...[scope, filter, limit, cursor]: Parameters<Holds['holds']>) {
      if (filter.states.length === 0) return { rows: [] };
      const rows = await holdsQuery(tx, scope, filter, cursor)
        .limit(limit + 1)
        .execute();
      return pageOf(
        rows,
        limit,
        (row) => row.body,
        (row) => [instant(row.body.openedAt), row.body.id],
      );
    },
    async holdsOn(scanId: string) {
      const rows = await tx
        .selectFrom('holds')
        .select('body')
        .where(sql<boolean>`bears_on @> ${[scanId]}::text[]`)
        .orderBy('id')
        .execute();
      return rows.map((row) => row.body);
    },
    async unjoinedHolds({ administration, site }: Scope) {
      const rows = await tx
        .selectFrom('holds')
        .select('body')
        .where('administration', '=', administration)
        .where('site', '=', site)
        .where(
          'state',
          'in',
          holdStatesThat(({ isHolding }) => isHolding),
        )
        .orderBy('opened')
        .orderBy('id')
        .execute();
      return rows.map((row) => row.body).filter((hold) => !isSurelyJoined(hold));
    },
  };
}

function holdQuery(tx: Tx, scope: Scope, id: string) {
  return tx
    .selectFrom('holds')
    .select('body')
    .where('id', '=', id)
    .where('administration', '=', scope.administration)
    .where(reached(scope, sql.ref('holds.scan_id')))
    .$if(siteOf(scope) !== undefined, (query) => query.where('site', '=', scope.site));
}

/** Oldest first: it waits longest. */
function holdsQuery(tx: Tx, scope: Scope, filter: HoldFilter, cursor: string | undefined) {
  const sites = [siteOf(scope), filter.site].filter((site) => site !== undefined);
  let query = tx
    .selectFrom('holds')
    .select('body')
    .where('administration', '=', scope.administration)
    .where(reached(scope, sql.ref('holds.scan_id')))
    .where('state', 'in', [...filter.states])
    .orderBy('opened')
    .orderBy('id');
  for (const site of sites) query = query.where('site', '=', site);
  if (cursor === undefined) return query;
  const [opened, id] = fromCursor(cursor, ['string', 'string']);
  return query.where(sql<boolean>`(opened, id) > (${instant(String(opened))}::timestamptz, ${String(id)})`);
}

function toLink({ administration, site }: Scope, row: RadiationLink) {
  return {
    scan_id: row.scanId,
    record_id: row.recordId,
    administration,
    site,
    starts: row.from === undefined ? null : instant(row.from),
    ends: row.to === undefined ? null : instant(row.to),
    containers: [...row.containers],
    joined: [...scansOfJoin(row.join)],
    body: JSON.stringify(row),
  };
}

function toHold(value: Hold) {
  return {
    id: value.id,
    administration: value.administration,
    site: value.site,
    scan_id: value.scanId,
    state: value.state,
    opened: instant(value.openedAt),
    bears_on: [...scansHeld(value)],
    body: JSON.stringify(value),
  };
}
