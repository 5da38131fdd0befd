import { type Selectable, sql } from 'kysely';
import { defined } from '../../../core/defined.ts';
import type { RecordsTx } from '../../../core/ports/records.ts';
import type { RevisionRow } from '../../../core/scan/stored-scan.ts';
import type { SqlTx } from '../database.ts';
import { keptPlan } from '../kept-plans.ts';
import type { Tables } from '../tables.ts';
import { reached } from './reach.ts';

/** The same bytes as so many different facts: by a sender that means no good. */
const MOST_OF_CONTENT = 256;

export function revisionsOf(tx: SqlTx) {
  return {
    async insertRevision(row: RevisionRow) {
      await tx.insertInto('revisions').values(toRevision(row)).execute();
    },
    async updateRevision(row: RevisionRow) {
      const { state, converter, scan, problem } = toRevision(row);
      await tx
        .updateTable('revisions')
        .set({ state, converter, scan, problem })
        .where('scan_id', '=', row.scanId)
        .where('revision', '=', row.revision)
        .execute();
    },
    async revision(scanId: string, revision: number) {
      const row = await tx
        .selectFrom('revisions')
        .selectAll()
        .where('scan_id', '=', scanId)
        .where('revision', '=', revision)
        .executeTakeFirst();
      return row && fromRevision(row);
    },
    /** In rising order of revision. */
    async revisions(scanId: string) {
      const rows = await tx
        .selectFrom('revisions')
        .selectAll()
        .where('scan_id', '=', scanId)
        .orderBy('revision')
        .execute();
      return rows.map(fromRevision);
    },
    async newestConverted(scanId: string) {
      const row = await tx
        .selectFrom('revisions')
        .selectAll()
        .where('scan_id', '=', scanId)
        .where('scan', 'is not', null)
        .orderBy('revision', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row && fromRevision(row);
    },
    async newestConvertedOf(scanIds: readonly string[]) {
      const rows = await tx
        .selectFrom('revisions')
        .modifyFront(keptPlan)
        .selectAll()
        .distinctOn('scan_id')
        .where(sql<boolean>`scan_id = any(${[...scanIds]}::text[])`)
        .where('scan', 'is not', null)
        .orderBy('scan_id')
        .orderBy('revision', 'desc')
        .execute();
      return rows.map(fromRevision);
    },
    async revisionsByContent(...[scope, contentHash]: Parameters<RecordsTx['revisionsByContent']>) {
      const rows = await tx
        .selectFrom('revisions')
        .innerJoin('scans', 'scans.id', 'revisions.scan_id')
        .selectAll('revisions')
        .where('revisions.content_hash', '=', contentHash)
        .where('scans.administration', '=', scope.administration)
        .where('scans.site', '=', scope.site)
        .where(reached(scope, sql.ref('scans.id')))
        .orderBy('scans.received', 'desc')
        .orderBy('revisions.revision', 'desc')
        .limit(MOST_OF_CONTENT)
        .execute();
      return rows.map(fromRevision);
    },
  };
}

function toRevision(row: RevisionRow) {
  return {
    scan_id: row.scanId,
    revision: row.revision,
    state: row.state,
    content_hash: row.contentHash,
    originals: JSON.stringify(row.originals),
    received_at: row.receivedAt,
    uploader: row.uploader,
    meta: JSON.stringify(row.meta),
    converter: JSON.stringify(row.converter),
    scan: row.scan === undefined ? null : JSON.stringify(row.scan),
    problem: row.problem === undefined ? null : JSON.stringify(row.problem),
  };
}

function fromRevision(row: Selectable<Tables['revisions']>): RevisionRow {
  return {
    scanId: row.scan_id,
    revision: row.revision,
    state: row.state,
    contentHash: row.content_hash,
    originals: row.originals,
    receivedAt: row.received_at,
    uploader: row.uploader,
    meta: row.meta,
    converter: row.converter,
    ...defined({ scan: row.scan ?? undefined, problem: row.problem ?? undefined }),
  };
}
