import { sql } from 'kysely';
import type { Scope } from '../../../core/access.ts';
import { type Case, QueueBand } from '../../../core/case/case.ts';
import { notReaders } from '../../../core/case/not-readers.ts';
import type { CaseClaims, Cases, CaseWrites, QueueFilter } from '../../../core/ports/records/cases.ts';
import type { Tx } from '../database.ts';
import { fromCursor, instant, pageOf, siteOf } from './cursor.ts';
import { rejectUnlessContinued } from './history.ts';
import { ofSender } from './senders.ts';

type CaseRecords = CaseWrites & Cases & CaseClaims;

export function caseRecords(tx: Tx): CaseRecords {
  return {
    async saveCase(value) {
      const row = toCase(value);
      const inserted = await tx
        .insertInto('cases')
        .values(row)
        .onConflict((at) => at.column('id').doNothing())
        .returning('id')
        .executeTakeFirst();
      if (inserted !== undefined) return;
      await checkContinues(tx, value);
      await tx.updateTable('cases').set(row).where('id', '=', value.id).execute();
    },
    async case(scope, id) {
      return (await caseQuery(tx, scope, id).executeTakeFirst())?.body;
    },
    async lockCase(scope, id) {
      return (await caseQuery(tx, scope, id).forUpdate().executeTakeFirst())?.body;
    },
    async casesOfScan(scanId) {
      const query = tx.selectFrom('cases').select('body').where('scan_id', '=', scanId).orderBy('id');
      return (await query.execute()).map((row) => row.body);
    },
    async queue(scope, filter, limit, cursor) {
      if (filter.states.length === 0) return { rows: [] };
      const rows = await queueQuery(tx, scope, filter, cursor)
        .limit(limit + 1)
        .execute();
      return pageOf(
        rows,
        limit,
        (row) => row.body,
        (row) => [row.priority, row.id],
      );
    },
    async drawCase(scope, analyst, excludedContainers) {
      for (const band of QueueBand.enum) {
        const drawn = await drawFrom(tx, scope, band, analyst, excludedContainers);
        if (drawn !== undefined) return drawn;
      }
      return undefined;
    },
    async casesPastLease(at, limit) {
      const rows = await tx
        .selectFrom('cases')
        .select('body')
        .where('state', '=', 'claimed')
        .where(sql<boolean>`lease_until < ${instant(at)}::timestamptz`)
        .orderBy('lease_until')
        .limit(limit)
        .forUpdate()
        .skipLocked()
        .execute();
      return rows.map((row) => row.body);
    },
  };
}

async function checkContinues(tx: Tx, value: Case): Promise<void> {
  const stored = await tx
    .selectFrom('cases')
    .select('body')
    .where('id', '=', value.id)
    .forUpdate()
    .executeTakeFirst();
  rejectUnlessContinued('case', stored?.body.history ?? [], value.history);
}

function caseQuery(tx: Tx, scope: Scope, id: string) {
  return tx
    .selectFrom('cases')
    .select('body')
    .where('id', '=', id)
    .where('administration', '=', scope.administration)
    .where(ofSender(scope, sql.ref('cases.scan_id')))
    .$if(siteOf(scope) !== undefined, (query) => query.where('site', '=', scope.site));
}

function queueQuery(tx: Tx, scope: Scope, filter: QueueFilter, cursor: string | undefined) {
  let query = tx
    .selectFrom('cases')
    .select(['id', 'priority', 'body'])
    .where('administration', '=', scope.administration)
    .where(ofSender(scope, sql.ref('cases.scan_id')))
    .where('state', 'in', [...filter.states])
    .orderBy('priority')
    .orderBy('id');
  if (siteOf(scope) !== undefined) query = query.where('site', '=', scope.site);
  if (filter.container !== undefined) query = query.where('container', '=', filter.container);
  if (cursor === undefined) return query;
  const [priority, id] = fromCursor(cursor, ['number', 'string']);
  return query.where(sql<boolean>`(priority, id) > (${Number(priority)}::float8, ${String(id)})`);
}

async function drawFrom(
  tx: Tx,
  scope: Scope,
  band: QueueBand,
  analyst: string,
  excludedContainers: readonly string[],
): Promise<Case | undefined> {
  const row = await tx
    .selectFrom('cases')
    .select('body')
    .where('administration', '=', scope.administration)
    .where(ofSender(scope, sql.ref('cases.scan_id')))
    .where('state', '=', 'queued')
    .where('band', '=', band)
    .$if(siteOf(scope) !== undefined, (query) => query.where('site', '=', scope.site))
    .where(sql<boolean>`not analysts @> ${[analyst]}::text[]`)
    .where(sql<boolean>`(container is null or container <> all (${[...excludedContainers]}::text[]))`)
    .orderBy(sql`gen_random_uuid()`) // of the system's randomness: nobody can foresee it
    .limit(1)
    .forUpdate()
    .skipLocked()
    .executeTakeFirst();
  return row?.body;
}

function toCase(value: Case) {
  return {
    id: value.id,
    administration: value.administration,
    site: value.site,
    scan_id: value.scanId,
    state: value.state,
    band: value.band,
    priority: value.priority,
    container: value.container ?? null,
    lease_until: value.claim === undefined ? null : instant(value.claim.until),
    analysts: [...notReaders(value)],
    body: JSON.stringify(value),
  };
}
