import { type RawBuilder, sql } from 'kysely';
import type { Scope } from '../../../../core/access.ts';
import type {
  NotAnalysedRow,
  NotAnalysedScans,
  NotAnalysedWrites,
} from '../../../../core/ports/records/not-analysed.ts';
import type { NotAnalysedReason } from '../../../../core/scan/not-analysed.ts';
import type { Tx } from '../../database.ts';
import { fromCursor, instant, pageOf, siteOf } from '../cursor.ts';

export function notAnalysedRecords(tx: Tx): NotAnalysedScans & NotAnalysedWrites {
  return {
    async putNotAnalysed({ id, administration, site, receivedAt }, reason) {
      const row = { scan_id: id, administration, site, received: instant(receivedAt), reason };
      await tx
        .insertInto('not_analysed')
        .values(row)
        .onConflict((at) => at.column('scan_id').doUpdateSet({ reason }))
        .execute();
    },
    async removeNotAnalysed(scanId) {
      await tx.deleteFrom('not_analysed').where('scan_id', '=', scanId).execute();
    },
    async notAnalysed(scope, limit, cursor) {
      const { rows } = await listQuery(scope, limit + 1, cursor).execute(tx);
      return pageOf(
        rows,
        limit,
        ({ id, reason }): NotAnalysedRow => ({ scanId: id, reason }),
        ({ id, received }) => [received.toISOString(), id],
      );
    },
  };
}

interface Found {
  readonly id: string;
  readonly received: Date;
  readonly reason: NotAnalysedReason;
}

/** Newest first: a scan of which the newest files cannot be read is listed for that alone. */
function listQuery(scope: Scope, count: number, cursor: string | undefined): RawBuilder<Found> {
  const own = sql`administration = ${scope.administration} and ${ofSite(scope)}`;
  const last = (id: string) =>
    sql`${own} and ${before(cursor, id)} order by received desc, ${sql.ref(id)} desc limit ${count}`;
  return sql<Found>`
    (select scan_id as id, received, reason from not_analysed
      where not exists (select from scans where scans.id = scan_id and scans.state = 'failed')
        and ${last('scan_id')})
    union all
    (select id, received, 'failed' as reason from scans where state = 'failed' and ${last('id')})
    order by received desc, id desc limit ${count}`;
}

function ofSite(scope: Scope): RawBuilder<boolean> {
  return siteOf(scope) === undefined ? sql<boolean>`true` : sql<boolean>`site = ${scope.site}`;
}

function before(cursor: string | undefined, id: string): RawBuilder<boolean> {
  if (cursor === undefined) return sql<boolean>`true`;
  const [received, last] = fromCursor(cursor, ['string', 'string']);
  const at = instant(String(received));
  return sql<boolean>`(received, ${sql.ref(id)}) < (${at}::timestamptz, ${String(last)})`;
}
