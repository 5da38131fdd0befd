import { type RawBuilder, type Selectable, sql } from 'kysely';
import type { Scope } from '../../../core/access.ts';
import { defined } from '../../../core/defined.ts';
import type { JoinScope, ScanFilter } from '../../../core/ports/records/scans.ts';
import type { RecordsTx } from '../../../core/ports/records.ts';
import type { ScanRow } from '../../../core/scan/stored-scan.ts';
import type { SqlTx } from '../database.ts';
import { nextNumber } from '../instruction-numbers.ts';
import type { Tables } from '../tables.ts';
import { fromCursor, instant, pageOf, siteOf } from './cursor.ts';
import { reached } from './reach.ts';
import { readableJson } from './readable-json.ts';

export function scansOf(tx: SqlTx) {
  return {
    async insertScan(row: ScanRow) {
      await tx.insertInto('scans').values(toScan(row)).execute();
    },
    async updateScan(row: ScanRow) {
      const { id, administration, site, received_at, received, ...changes } = toScan(row);
      await tx.updateTable('scans').set(changes).where('id', '=', id).execute();
    },
    async scan(...[scope, id]: Parameters<RecordsTx['scan']>) {
      const row = await scanQuery(tx, id)
        .where('administration', '=', scope.administration)
        .$if(siteOf(scope) !== undefined, (query) => query.where('site', '=', scope.site))
        .where(reached(scope, sql.ref('scans.id')))
        .executeTakeFirst();
      return row && fromScan(row);
    },
    async scanById(id: string) {
      const row = await scanQuery(tx, id).executeTakeFirst();
      return row && fromScan(row);
    },
    async lockScan(id: string) {
      const row = await scanQuery(tx, id).forUpdate().executeTakeFirst();
      return row && fromScan(row);
    },
    async scanCounts(): Promise<Awaited<ReturnType<RecordsTx['scanCounts']>>> {
      const rows = await tx
        .selectFrom('state_counts')
        .select(['state', sql<number>`sum(rows)::int`.as('count')])
        .where('of_table', '=', 'scans')
        .groupBy('state')
        .execute();
      const none = { received: 0, converted: 0, analysed: 0, failed: 0 };
      return { ...none, ...Object.fromEntries(rows.map(({ state, count }) => [state, count])) };
    },
    /** Newest first. */
    async scans(...[scope, filter, limit, cursor]: Parameters<RecordsTx['scans']>) {
      const rows = await scansQuery(tx, filter, cursor)
        .where('administration', '=', scope.administration)
        .$if(siteOf(scope) !== undefined, (query) => query.where('site', '=', scope.site))
        .where(reached(scope, sql.ref('scans.id')))
        .limit(limit + 1)
        .execute();
      return pageOf(rows, limit, fromScan, (row) => [instant(row.received_at), row.id]);
    },
  };
}

function scanQuery(tx: SqlTx, id: string) {
  return tx.selectFrom('scans').selectAll().where('id', '=', id);
}

/**
 * Few scans have the same plate, seal or number, and an index finds them. Beside the order of the list PostgreSQL would
 * rather pass over every scan from the newest on, where it does not know how rare the term is.
 */
function scansWith(terms: ScanFilter['terms']): RawBuilder<Selectable<Tables['scans']>> {
  if (terms === undefined) return sql`(select * from scans)`;
  return sql`(select * from scans where terms @> ${[...terms]}::text[] offset 0)`;
}

function scansQuery(tx: SqlTx, filter: ScanFilter, cursor: string | undefined) {
  const { state, container, visit, terms, receivedFrom, receivedTo } = filter;
  let query = tx
    .selectFrom(scansWith(terms).as('scans'))
    .selectAll()
    .orderBy('received', 'desc')
    .orderBy('id', 'desc');
  if (state !== undefined) query = query.where('state', '=', state);
  if (container !== undefined) query = query.where(sql<boolean>`containers @> ${[container]}::text[]`);
  if (visit !== undefined)
    query = query.where('visit', 'is not', null).where(sql<boolean>`mark_of(visit) = mark_of(${visit})`);
  if (receivedFrom !== undefined) {
    query = query.where(sql<boolean>`received >= ${instant(receivedFrom)}::timestamptz`);
  }
  if (receivedTo !== undefined) {
    query = query.where(sql<boolean>`received <= ${instant(receivedTo)}::timestamptz`);
  }
  if (cursor === undefined) return query;
  const [received, id] = fromCursor(cursor, ['string', 'string']);
  const at = instant(String(received));
  return query.where(sql<boolean>`(received, id) < (${at}::timestamptz, ${String(id)})`);
}

export function groupsOf(tx: SqlTx) {
  return {
    async scanByGroup(...[scope, converter, groupKey]: Parameters<RecordsTx['scanByGroup']>) {
      const row = await joinableScans(tx, scope)
        .where('scans.converter', '=', converter)
        .where('scans.group_key', '=', groupKey)
        .limit(1)
        .executeTakeFirst();
      return row && fromScan(row);
    },
    async newestScans(...[scope, converter, limit]: Parameters<RecordsTx['newestScans']>) {
      const rows = await joinableRevisions(tx, scope)
        .select('revisions.originals')
        .where('scans.converter', '=', converter)
        .limit(limit)
        .execute();
      return rows.map((row) => ({ scan: fromScan(row), files: row.originals }));
    },
    async scanNaming(...[scope, baseName]: Parameters<RecordsTx['scanNaming']>) {
      const row = await joinableRevisions(tx, scope)
        .innerJoinLateral(
          sql<{ role: string }>`(
            select original -> 'names' ->> ${baseName}::text as role
            from json_array_elements(${readableJson(sql.ref('revisions.originals'))}) as original
            where original -> 'names' ->> ${baseName}::text is not null
            limit 1
          )`.as('naming'),
          (join) => join.onTrue(),
        )
        .select('naming.role as role_there')
        .limit(1)
        .executeTakeFirst();
      return row && { scan: fromScan(row), role: row.role_there };
    },
    async mayJoin(sender: string, scanId: string) {
      const query = tx.selectFrom('scans').select('id').where('id', '=', scanId).where(takesFrom(sender));
      return (await query.executeTakeFirst()) !== undefined;
    },
  };
}

/** Newest first. */
function joinableScans(tx: SqlTx, scope: JoinScope) {
  return tx
    .selectFrom('scans')
    .selectAll('scans')
    .where(joinable(scope))
    .orderBy('scans.received', 'desc')
    .orderBy('scans.id', 'desc');
}

/** With the newest revision of each. */
function joinableRevisions(tx: SqlTx, scope: JoinScope) {
  return joinableScans(tx, scope).innerJoin('revisions', (join) =>
    join.onRef('revisions.scan_id', '=', 'scans.id').onRef('revisions.revision', '=', 'scans.revision'),
  );
}

/** A scan that takes files of this sender, from this place and time. */
function joinable({ administration, site, since, sender, scanner }: JoinScope) {
  const conditions = [
    sql<boolean>`scans.administration = ${administration}`,
    sql<boolean>`scans.site = ${site}`,
    sql<boolean>`scans.received >= ${instant(since)}::timestamptz`,
    takesFrom(sender),
    ...(scanner === undefined ? [] : [isOf(scanner)]),
  ];
  return sql<boolean>`(${sql.join(conditions, sql` and `)})`;
}

/**
 * The sender began it, or the register of its scanner lets the sender join: the register speaks for the sender of the
 * first scan of that scanner, and for nobody who sends scans that claim to be of it. While it is not converted, its scanner is
 * the one that made the last scan of this format that its first sender sent.
 */
function takesFrom(sender: string) {
  return sql<boolean>`(scans.senders[1] = ${sender} or exists (
    select 1 from scanners as register
    where register.administration = scans.administration and register.site = scans.site
      and ${sender} = any(register.senders_allowed)
      and scans.senders[1] = (
        select made.senders[1] from observations as earliest join scans as made on made.id = earliest.scan_id
        where earliest.administration = register.administration and earliest.site = register.site
          and earliest.scanner = register.id
        order by earliest.received limit 1)
      and register.id = coalesce(
        (select scanner from observations where scan_id = scans.id),
        (select last.scanner from observations as last join scans as made on made.id = last.scan_id
          where last.administration = scans.administration and last.site = scans.site
            and made.converter = scans.converter and made.senders[1] = scans.senders[1]
          order by last.received desc limit 1))))`;
}

/** The newest revision was not sent as one of another scanner. */
function isOf(scanner: string) {
  return sql<boolean>`not exists (
    select 1 from revisions as named where named.scan_id = scans.id and named.revision = scans.revision
      and ${readableJson(sql.ref('named.meta'))} ->> 'scanner' <> ${scanner}::text
  )`;
}

export function nearbyOf(tx: SqlTx) {
  return {
    /** By the time that they were taken, or else received; both ends included. */
    async scansByContainer(
      ...[administration, containers, from, to]: Parameters<RecordsTx['scansByContainer']>
    ) {
      if (containers.length === 0) return [];
      const rows = await tx
        .selectFrom('scans')
        .selectAll()
        .where('administration', '=', administration)
        .where(sql<boolean>`containers && ${[...containers]}::text[]`)
        .where('taken', '>=', sql<Date>`${instant(from)}::timestamptz`)
        .where('taken', '<=', sql<Date>`${instant(to)}::timestamptz`)
        .orderBy('taken')
        .orderBy('id')
        .execute();
      return rows.map(fromScan);
    },
    async scansNamingContainers(
      ...[scope, containers, from, to, limit, purposes]: Parameters<RecordsTx['scansNamingContainers']>
    ) {
      const rows = await atSite(tx, scope, [from, to])
        .where(sql<boolean>`containers && ${[...containers]}::text[]`)
        .where(isOfPurpose(purposes))
        .orderBy('received', 'desc')
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map(fromScan);
    },
    async scansOfVisit(...[scope, visit, from, to, limit, purposes]: Parameters<RecordsTx['scansOfVisit']>) {
      const found = atSite(tx, scope, [from, to])
        .where('visit', 'is not', null)
        .where(sql<boolean>`mark_of(visit) = mark_of(${visit})`)
        .where(isOfPurpose(purposes));
      const rows =
        limit === undefined
          ? await found.orderBy('taken').orderBy('id').execute()
          : await found.orderBy('received', 'desc').orderBy('id').limit(limit).execute();
      return rows.map(fromScan);
    },
    nextInstructionNumber: () => nextNumber(tx),
    scansTaken: (...asked: Parameters<RecordsTx['scansTaken']>) => scansBetween(tx, 'taken', ...asked),
    scansReceived: (...asked: Parameters<RecordsTx['scansReceived']>) =>
      scansBetween(tx, 'received', ...asked),
  };
}

export function isOfPurpose(purposes: readonly string[] | undefined): RawBuilder<boolean> {
  return purposes === undefined ? sql<boolean>`true` : sql<boolean>`purpose = any(${[...purposes]}::text[])`;
}

/**
 * Taken or received within this time, or with a search ordered or a person in danger since then: a container may stand for days
 * before somebody orders its search, and is open for the days after that.
 */
export function isWithin(from: RawBuilder<unknown>, to: RawBuilder<unknown>): RawBuilder<boolean> {
  return sql<boolean>`(scans.taken between ${from} and ${to} or scans.received between ${from} and ${to}
    or exists (select from cases where cases.scan_id = scans.id
      and (cases.searched_since between ${from} and ${to} or cases.danger_since between ${from} and ${to})))`;
}

function atSite(tx: SqlTx, { administration, site }: Scope, [from, to]: readonly [string, string]) {
  return tx
    .selectFrom('scans')
    .selectAll()
    .where('administration', '=', administration)
    .where('site', '=', site)
    .where(isWithin(sql`${instant(from)}::timestamptz`, sql`${instant(to)}::timestamptz`));
}

async function scansBetween(
  tx: SqlTx,
  time: 'taken' | 'received',
  ...[scope, from, to, limit]: Parameters<RecordsTx['scansTaken']>
): Promise<readonly ScanRow[]> {
  const rows = await tx
    .selectFrom('scans')
    .selectAll()
    .where('administration', '=', scope.administration)
    .where('site', '=', scope.site)
    .where(time, '>=', sql<Date>`${instant(from)}::timestamptz`)
    .where(time, '<=', sql<Date>`${instant(to)}::timestamptz`)
    .orderBy(time)
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(fromScan);
}

function toScan(row: ScanRow) {
  return {
    id: row.id,
    administration: row.administration,
    site: row.site,
    converter: row.converter,
    group_key: row.groupKey,
    state: row.state,
    revision: row.revision,
    purpose: row.purpose,
    received_at: row.receivedAt,
    acquired_at: row.acquiredAt ?? null,
    completeness: row.completeness ?? null,
    containers: [...row.containers],
    terms: [...row.terms],
    senders: [...row.senders],
    visit: row.visit ?? null,
    received: instant(row.receivedAt),
    taken: instant(row.acquiredAt ?? row.receivedAt),
  };
}

export function fromScan(row: Selectable<Tables['scans']>): ScanRow {
  return {
    id: row.id,
    administration: row.administration,
    site: row.site,
    converter: row.converter,
    groupKey: row.group_key,
    state: row.state,
    revision: row.revision,
    purpose: row.purpose,
    receivedAt: row.received_at,
    ...defined({ acquiredAt: row.acquired_at ?? undefined, completeness: row.completeness ?? undefined }),
    containers: row.containers,
    terms: row.terms,
    senders: row.senders,
    ...defined({ visit: row.visit ?? undefined }),
  };
}
