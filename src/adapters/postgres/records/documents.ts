import { sql } from 'kysely';
import type { Scope } from '../../../core/access.ts';
import { type DocumentPath, documentColumns, type ListedDocumentKind } from '../../../core/documents.ts';
import type { DocumentFilter, Documents } from '../../../core/ports/records/documents.ts';
import type { RecordsTx } from '../../../core/ports/records.ts';
import type { SqlTx } from '../database.ts';
import { keptPlan } from '../kept-plans.ts';
import { fromCursor, instant, pageOf, siteOf } from './cursor.ts';

export function documentRecords(tx: SqlTx): Documents {
  return {
    async documentInForce<Value>(kind: ListedDocumentKind<Value>, path: DocumentPath) {
      const row = await newestOf(tx, kind, path).where('state', '=', 'in-force').executeTakeFirst();
      return row && bodyOf<Value>(row);
    },
    async documentsInForceAt<Value>(kind: ListedDocumentKind<Value>, paths: readonly DocumentPath[]) {
      const rows = await bodies(tx, kind)
        .modifyFront(keptPlan)
        .distinctOn('path')
        .where(sql<boolean>`path = any(${paths.map((path) => path.join('/'))}::text[])`)
        .where('state', '=', 'in-force')
        .orderBy('path')
        .orderBy('version', 'desc')
        .execute();
      return rows.map(bodyOf<Value>);
    },
    async documentStanding<Value>(kind: ListedDocumentKind<Value>, path: DocumentPath) {
      const newest = await newestOf(tx, kind, path).executeTakeFirst();
      const inForce = await newestOf(tx, kind, path).where('state', '=', 'in-force').executeTakeFirst();
      return { newest: newest && bodyOf<Value>(newest), inForce: inForce && bodyOf<Value>(inForce) };
    },
    async documentVersion<Value>(kind: ListedDocumentKind<Value>, path: DocumentPath, version: number) {
      const row = await newestOf(tx, kind, path).where('version', '=', version).executeTakeFirst();
      return row && bodyOf<Value>(row);
    },
    async documentHistory<Value>(kind: ListedDocumentKind<Value>, [administration, ...ids]: DocumentPath) {
      const all = bodies(tx, kind).where('administration', '=', administration);
      const wanted = ids.length === 0 ? all : all.where('path', '=', [administration, ...ids].join('/'));
      const rows = await wanted.orderBy('path').orderBy('version').execute();
      return rows.map(bodyOf<Value>);
    },
    async documentsInForce<Value>(kind: ListedDocumentKind<Value>, administration?: string, site?: string) {
      const rows = await bodies(tx, kind)
        .$if(administration !== undefined, (query) =>
          query.where('administration', '=', String(administration)),
        )
        .$if(site !== undefined, (query) => query.where('site', '=', String(site)))
        .distinctOn('path')
        .where('state', '=', 'in-force')
        .orderBy('path')
        .orderBy('version', 'desc')
        .execute();
      return rows.map(bodyOf<Value>);
    },
    async documentsAbout<Value>(kind: ListedDocumentKind<Value>, subject: string) {
      const about = bodies(tx, kind).modifyFront(keptPlan).where('subject', '=', subject);
      const rows = await about.orderBy('at').orderBy('path').execute();
      return rows.map(bodyOf<Value>);
    },
    async documentsMarked<Value>(
      ...[kind, scope, marks, from, limit]: Parameters<RecordsTx['documentsMarked']>
    ) {
      if (marks.length === 0) return [];
      const rows = await bodies(tx, kind)
        .where('administration', '=', scope.administration)
        .where('site', '=', siteOf(scope) ?? '')
        .where(sql<boolean>`marks <> '{}' and marks && ${[...marks]}::text[]`)
        .where(sql<boolean>`at >= ${instant(from)}::timestamptz`)
        .orderBy('at', 'desc')
        .orderBy('path')
        .limit(limit)
        .execute();
      return rows.map(bodyOf<Value>);
    },
    async listDocuments<Value>(
      ...[kind, scope, filter, limit, cursor]: Parameters<RecordsTx['listDocuments']>
    ) {
      const rows = await listQuery(tx, kind, scope, filter, cursor)
        .limit(limit + 1)
        .execute();
      return pageOf(rows, limit, bodyOf<Value>, ({ at, path }) => [at?.toISOString() ?? '', path]);
    },
    async proposedDocuments<Value>(kind: ListedDocumentKind<Value>, scope: Scope, limit: number) {
      const rows = await proposals(tx, kind, scope).limit(limit).execute();
      return rows.map(bodyOf<Value>);
    },
    async sitesWithDocument({ kind }, scope, limit, cursor) {
      const [after = ''] = cursor === undefined ? [] : fromCursor(cursor, ['string']);
      const site = siteOf(scope);
      const rows = await tx
        .selectFrom('documents')
        .select('site')
        .distinct()
        .where('kind', '=', kind)
        .where('administration', '=', scope.administration)
        .where('site', '>', String(after))
        .$if(site !== undefined, (query) => query.where('site', '=', String(site)))
        .orderBy('site')
        .limit(limit + 1)
        .execute();
      return pageOf(
        rows,
        limit,
        (row) => row.site,
        (row) => [row.site],
      );
    },
    async lockDocuments<Value>(kind: ListedDocumentKind<Value>, paths: readonly DocumentPath[]) {
      if (paths.length === 0) return [];
      const names = paths.map((path) => path.join('/'));
      const query = bodies(tx, kind).where('path', 'in', names).orderBy('path').orderBy('version');
      return (await query.forUpdate().execute()).map(bodyOf<Value>);
    },
    async putDocuments(kind, values) {
      if (values.length === 0) return;
      const rows = values.map((value) => toRow(kind, value));
      await tx.insertInto('documents').values(rows).execute();
      if (kind.keeps === 'the newest version') await dropOlder(tx, rows);
    },
  };
}

function toRow<Value>(kind: ListedDocumentKind<Value>, value: Value) {
  const path = kind.pathOf(value);
  const { at, ...columns } = documentColumns(kind.rowOf(value));
  return {
    kind: kind.kind,
    path: path.join('/'),
    version: kind.versionOf(value),
    administration: path[0],
    ...columns,
    at: at === null ? null : instant(at),
    body: JSON.stringify(value),
  };
}

type NewRow = ReturnType<typeof toRow>;

async function dropOlder(tx: SqlTx, rows: readonly NewRow[]): Promise<void> {
  for (const { kind, path, version } of rows.filter((row) => row.version > 1))
    await tx
      .deleteFrom('documents')
      .where('kind', '=', kind)
      .where('path', '=', path)
      .where('version', '<', version)
      .execute();
}

function bodies<Value>(tx: SqlTx, { kind }: ListedDocumentKind<Value>) {
  return tx.selectFrom('documents').select('body').where('kind', '=', kind);
}

function newestOf<Value>(tx: SqlTx, kind: ListedDocumentKind<Value>, path: DocumentPath) {
  return bodies(tx, kind)
    .modifyFront(keptPlan)
    .where('path', '=', path.join('/'))
    .orderBy('version', 'desc')
    .limit(1);
}

/** Of documents whose newest version is a proposal, that version. */
function proposals<Value>(tx: SqlTx, { kind }: ListedDocumentKind<Value>, scope: Scope) {
  const site = siteOf(scope);
  return tx
    .selectFrom('documents as proposal')
    .select('proposal.body')
    .where('kind', '=', kind)
    .where('administration', '=', scope.administration)
    .where('state', '=', 'proposed')
    .where(({ exists, not, selectFrom }) => {
      const later = selectFrom('documents as later')
        .whereRef('later.kind', '=', 'proposal.kind')
        .whereRef('later.path', '=', 'proposal.path')
        .whereRef('later.version', '>', 'proposal.version');
      return not(exists(later));
    })
    .$if(site !== undefined, (query) => query.where('site', '=', String(site)))
    .orderBy('at')
    .orderBy('path');
}

/** Oldest first. */
function listQuery<Value>(
  tx: SqlTx,
  kind: ListedDocumentKind<Value>,
  scope: Scope,
  filter: DocumentFilter,
  cursor: string | undefined,
) {
  const sites = [siteOf(scope), filter.site].filter((one) => one !== undefined);
  let query = bodies(tx, kind)
    .select(['path', 'at'])
    .where('administration', '=', scope.administration)
    .where('state', '=', filter.state)
    .orderBy('at')
    .orderBy('path');
  for (const site of sites) query = query.where('site', '=', site);
  const { from, to } = filter;
  if (from !== undefined) query = query.where('at', '>=', sql<Date>`${instant(from)}::timestamptz`);
  if (to !== undefined) query = query.where('at', '<=', sql<Date>`${instant(to)}::timestamptz`);
  if (cursor === undefined) return query;
  const [at, path] = fromCursor(cursor, ['string', 'string']);
  return query.where(sql<boolean>`(at, path) > (${instant(String(at))}::timestamptz, ${String(path)})`);
}

/** A row holds what `putDocuments` took for the same kind, so its body is a value of that kind. */
function bodyOf<Value>({ body }: { readonly body: unknown }): Value {
  return body as Value;
}
