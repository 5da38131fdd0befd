import { type Selectable, sql } from 'kysely';
import { defined } from '../../../core/defined.ts';
import type { Analyses, AnalysisRow } from '../../../core/ports/records/models.ts';
import type {
  ObjectChecks,
  ObjectFault,
  ObjectRow,
  ObjectRows,
} from '../../../core/ports/records/object-rows.ts';
import type { RecordsTx } from '../../../core/ports/records.ts';
import type { ObjectWhat } from '../../../core/rows/object-what.ts';
import type { SqlTx } from '../database.ts';
import type { Tables } from '../tables.ts';
import { instant } from './cursor.ts';
import { readableJson } from './readable-json.ts';

type ObjectRecords = ObjectRows & Analyses;

/** Rows of one statement; PostgreSQL takes 65,535 parameters in one, a row has eleven. */
const BATCH = 1000;

export function objectRecords(tx: SqlTx): ObjectRecords {
  return {
    async putObjects(rows) {
      const distinct = distinctByKey(rows);
      for (let from = 0; from < distinct.length; from += BATCH) {
        await putBatch(tx, distinct.slice(from, from + BATCH));
      }
    },
    /** In rising order of revision and key. */
    async objectsOf(scanId, revision) {
      let query = tx.selectFrom('objects').selectAll().where('scan_id', '=', scanId);
      if (revision !== undefined) query = query.where('revision', '=', revision);
      return (await query.orderBy('revision').orderBy('key').execute()).map(fromObject);
    },
    async object(key) {
      const row = await tx.selectFrom('objects').selectAll().where('key', '=', key).executeTakeFirst();
      return row && fromObject(row);
    },
    async allObjects(afterKey, limit) {
      const query = tx.selectFrom('objects').selectAll().where('key', '>', afterKey);
      return (await query.orderBy('key').limit(limit).execute()).map(fromObject);
    },
    async sealObject(key, sha256, blocks) {
      const update = tx.updateTable('objects').set({ blocks });
      await update.where('key', '=', key).where('sha256', '=', sha256).execute();
    },
    async objectsCheckedBefore(time, limit) {
      const query = tx.selectFrom('objects').selectAll().where('checked_at', '<', new Date(time));
      return (await query.orderBy('checked_at').limit(limit).execute()).map(fromObject);
    },
    async noteCheck(key, sha256, { at, fault = null }) {
      const update = tx.updateTable('objects').set({ checked_at: at, fault });
      await update.where('key', '=', key).where('sha256', '=', sha256).execute();
    },
    objectChecks: () => objectChecks(tx),
    async putAnalysis(row) {
      const { scanId: scan_id, revision, analysis } = row;
      const key = { scan_id, revision, model_id: analysis.model.id, model_version: analysis.model.version };
      const body = JSON.stringify(analysis);
      await tx
        .insertInto('analyses')
        .values({ ...key, body })
        .onConflict((at) =>
          at.columns(['scan_id', 'revision', 'model_id', 'model_version']).doUpdateSet({ body }),
        )
        .execute();
    },
    /** In rising order of revision, model and version. */
    async analyses(scanId, revision) {
      let query = tx.selectFrom('analyses').selectAll().where('scan_id', '=', scanId);
      if (revision !== undefined) query = query.where('revision', '=', revision);
      const rows = await query.orderBy('revision').orderBy('model_id').orderBy('model_version').execute();
      return rows.map(
        (row): AnalysisRow => ({
          scanId: row.scan_id,
          revision: row.revision,
          analysis: row.body,
        }),
      );
    },
    scoresOfScanner: (scanId, model, most) => scoresOfScanner(tx, scanId, model, most),
  };
}

/** Both questions are answered by an index. */
async function objectChecks(tx: SqlTx): Promise<ObjectChecks> {
  const counted = await tx
    .selectFrom('objects')
    .select(['fault', sql<string>`count(*)`.as('count')])
    .where('fault', 'is not', null)
    .groupBy('fault')
    .execute();
  const { seconds } = await tx
    .selectFrom('objects')
    .select(sql<number | null>`extract(epoch from now() - min(checked_at))::float8`.as('seconds'))
    // an object stored before migration 0005 has not been checked yet
    .where('checked_at', '>', new Date(0))
    .executeTakeFirstOrThrow();
  const countOf = (fault: ObjectFault) => Number(counted.find((row) => row.fault === fault)?.count ?? 0);
  return {
    faulty: { missing: countOf('missing'), corrupt: countOf('corrupt'), locked: countOf('locked') },
    oldestSeconds: seconds ?? undefined,
  };
}

/**
 * PostgreSQL knows the values when it plans, so it finds the few scans of a rare purpose by an index of their own. Each
 * part is materialized: PostgreSQL takes a condition on JSON to leave one row, and looked for the newest scans once for
 * each analysis.
 */
async function scoresOfScanner(
  tx: SqlTx,
  ...[scanId, { id, version, sha256 }, most]: Parameters<RecordsTx['scoresOfScanner']>
): Promise<readonly number[]> {
  const scan = await seenScan(tx, scanId);
  if (scan === undefined) return [];
  const { rows } = await sql<{ score: number }>`
    with newest as materialized (
      select before.scan_id, before.revision from observations as before
      join scans as made on made.id = before.scan_id
      where before.administration = ${scan.administration} and before.site = ${scan.site}
        and before.scanner = ${scan.scanner} and before.received < ${instant(scan.received_at)}::timestamptz
        and made.administration = ${scan.administration} and made.site = ${scan.site}
        and made.purpose = ${scan.purpose}
      order by before.received desc limit ${most}
    ), said as materialized (
      select analyses.body from newest join analyses using (scan_id, revision)
      where analyses.model_id = ${id} and analyses.model_version = ${version}
    ), read as materialized (
      select ${readableJson(sql.ref('said.body'))} as body from said
    )
    select (unit->>'score')::float8 as score from read
    cross join lateral json_array_elements(read.body->'units') as unit
    where read.body->'model'->>'sha256' = ${sha256} and read.body->>'status' = 'analysed'
    order by score`.execute(tx);
  return rows.map(({ score }) => score);
}

/** What tells which scans came before this one: scanner, time and purpose. */
function seenScan(tx: SqlTx, scanId: string) {
  return tx
    .selectFrom('observations as seen')
    .innerJoin('scans as made', 'made.id', 'seen.scan_id')
    .select(['seen.administration', 'seen.site', 'seen.scanner', 'seen.received_at', 'made.purpose'])
    .where('seen.scan_id', '=', scanId)
    .executeTakeFirst();
}

/** The last row of each key, in order of key: two transactions then take their locks in the same order. */
function distinctByKey(rows: readonly ObjectRow[]): readonly ObjectRow[] {
  const byKey = new Map(rows.map((row) => [row.key, row]));
  return [...byKey.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

async function putBatch(tx: SqlTx, rows: readonly ObjectRow[]): Promise<void> {
  await tx
    .insertInto('objects')
    .values(rows.map(toObject))
    .onConflict((at) =>
      at.column('key').doUpdateSet((eb) => ({
        scan_id: eb.ref('excluded.scan_id'),
        revision: eb.ref('excluded.revision'),
        kind: eb.ref('excluded.kind'),
        facts: eb.ref('excluded.facts'),
        bytes: eb.ref('excluded.bytes'),
        sha256: eb.ref('excluded.sha256'),
        blocks: eb.ref('excluded.blocks'),
        content_type: eb.ref('excluded.content_type'),
        parent_sha256: eb.ref('excluded.parent_sha256'),
        producer: eb.ref('excluded.producer'),
        checked_at: sql<string>`now()`,
        fault: null,
      })),
    )
    .execute();
}

function toObject(row: ObjectRow) {
  return {
    key: row.key,
    scan_id: row.scanId,
    revision: row.revision,
    kind: row.kind,
    facts: factsOf(row),
    bytes: row.bytes,
    sha256: row.sha256,
    blocks: row.blocks ?? null,
    content_type: row.contentType,
    parent_sha256: row.parentSha256 ?? null,
    producer: row.producer,
  };
}

function factsOf(row: ObjectRow): string | null {
  const facts = factsByKind(row);
  return facts === undefined ? null : JSON.stringify(facts);
}

function factsByKind(row: ObjectRow): object | undefined {
  switch (row.kind) {
    case 'manifest':
      return { step: row.step };
    case 'dicos':
      return { instance: row.instance };
    case 'map':
      return { model: row.model };
    case 'tdr':
      return { origin: row.origin };
    default:
      return undefined;
  }
}

function whatOf({ kind, facts }: Pick<Selectable<Tables['objects']>, 'kind' | 'facts'>): ObjectWhat {
  return { kind, ...facts } as ObjectWhat; // written by `factsOf`
}

function fromObject(row: Selectable<Tables['objects']>): ObjectRow {
  return {
    key: row.key,
    scanId: row.scan_id,
    revision: row.revision,
    ...whatOf(row),
    bytes: Number(row.bytes),
    sha256: row.sha256,
    contentType: row.content_type,
    ...defined({ blocks: row.blocks ?? undefined, parentSha256: row.parent_sha256 ?? undefined }),
    producer: row.producer,
  };
}
