import { sql } from 'kysely';
import { type DocumentPath, documentColumns, type ListedDocumentKind } from '../../../core/documents.ts';
import type { Documents } from '../../../core/ports/records/documents.ts';
import type { RecordsTx } from '../../../core/ports/records.ts';
import type { SqlTx } from '../database.ts';
import { keptPlan } from '../kept-plans.ts';
import { fromCursor, instant, pageOf, siteOf } from './cursor.ts';

/** A row holds what `putDocuments` took for the same kind, so its body is a value of that kind. */
type Body<Value> = { readonly body: Value };

export function documentRecords(tx: SqlTx): Documents {
  return {
    async documentInForce<Value>(kind: ListedDocumentKind<Value>, path: DocumentPath) {
      return bodyOf<Value>(await newestOf(tx, kind, path).where('state', '=', 'in-force').executeTakeFirst());
    },
    async documentStanding<Value>(kind: ListedDocumentKind<Value>, path: DocumentPath) {
      const newest = await newestOf(tx, kind, path).executeTakeFirst();
      const inForce = await newestOf(tx, kind, path).where('state', '=', 'in-force').executeTakeFirst();
      return { newest: bodyOf<Value>(newest), inForce: bodyOf<Value>(inForce) };
    },
    async documentVersion<Value>(kind: ListedDocumentKind<Value>, path: DocumentPath, version: number) {
      return bodyOf<Value>(await newestOf(tx, kind, path).where('version', '=', version).executeTakeFirst());
    },
    async documentHistory<Value>(kind: ListedDocumentKind<Value>, [administration, ...ids]: DocumentPath) {
      const all = bodies(tx, kind).where('administration', '=', administration);
      const wanted = ids.length === 0 ? all : all.where('path', '=', [administration, ...ids].join('/'));
      const rows = await wanted.orderBy('path').orderBy('version').execute();
      return rows.map((row) => (row as Body<Value>).body);
    },
    async documentsInForce<Value>(kind: ListedDocumentKind<Value>) {
      const rows = await bodies(tx, kind)
        .distinctOn('path')
        .where('state', '=', 'in-force')
        .orderBy('path')
        .orderBy('version', 'desc')
        .execute();
      return rows.map((row) => (row as Body<Value>).body);
    },
    async documentsAbout<Value>(kind: ListedDocumentKind<Value>, subject: string) {
      const about = bodies(tx, kind).modifyFront(keptPlan).where('subject', '=', subject);
      const rows = await about.orderBy('at').orderBy('path').execute();
      return rows.map((row) => (row as Body<Value>).body);
    },
    async listDocuments<Value>(
      ...[kind, scope, filter, limit, cursor]: Parameters<RecordsTx['listDocuments']>
    ) {
      const sites = [siteOf(scope), filter.site].filter((one) => one !== undefined);
      let query = bodies(tx, kind)
        .select(['path', 'at'])
        .where('administration', '=', scope.administration)
        .where('state', '=', filter.state)
        .orderBy('at')
        .orderBy('path')
        .limit(limit + 1);
      for (const site of sites) query = query.where('site', '=', site);
      if (cursor !== undefined) {
        const [at, path] = fromCursor(cursor, ['string', 'string']);
        query = query.where(
          sql<boolean>`(at, path) > (${instant(String(at))}::timestamptz, ${String(path)})`,
        );
      }
      return pageOf(
        await query.execute(),
        limit,
        (row) => (row as Body<Value>).body,
        ({ at, path }) => [at?.toISOString() ?? '', path],
      );
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
      const rows = await bodies(tx, kind)
        .where(
          'path',
          'in',
          paths.map((path) => path.join('/')),
        )
        .orderBy('path')
        .orderBy('version')
        .forUpdate()
        .execute();
      return rows.map((row) => (row as Body<Value>).body);
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

function bodyOf<Value>(row: unknown): Value | undefined {
  return (row as Body<Value> | undefined)?.body;
}
