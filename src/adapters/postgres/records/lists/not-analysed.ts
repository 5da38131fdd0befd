import { type RawBuilder, sql } from 'kysely';
import type { Scope } from '../../../../core/access.ts';
import type { NotAnalysedRow, NotAnalysedScans } from '../../../../core/ports/records/scans.ts';
import type { NotAnalysedReason } from '../../../../core/scan/not-analysed.ts';
import type { SqlTx } from '../../database.ts';
import { fromCursor, instant, pageOf, siteOf } from '../cursor.ts';

export function notAnalysedRecords(tx: SqlTx): NotAnalysedScans {
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

/** A report that awaited its image, and is now with the image in another scan: of each of its originals. */
const isWithImage = sql<boolean>`(reason = 'report-alone'
  and exists (select from instances as own
    where own.scan_id = not_analysed.scan_id and own.source = 'original')
  and not exists (select from instances as own
    where own.scan_id = not_analysed.scan_id and own.source = 'original'
      and not exists (select from instances as there
        where there.administration = own.administration and there.instance_uid = own.instance_uid
          and there.site = own.site and there.sha256 = own.sha256 and there.source = 'original'
          and there.scan_id <> own.scan_id
          and not exists (select from not_analysed as listed where listed.scan_id = there.scan_id))))`;

/** Newest first: a scan of which the newest files cannot be read is listed for that alone. */
function listQuery(scope: Scope, count: number, cursor: string | undefined): RawBuilder<Found> {
  const own = sql`administration = ${scope.administration} and ${ofSite(scope)}`;
  const last = (id: string) =>
    sql`${own} and ${before(cursor, id)} order by received desc, ${sql.ref(id)} desc limit ${count}`;
  return sql<Found>`
    (select scan_id as id, received, reason from not_analysed
      where not exists (select from scans where scans.id = scan_id and scans.state = 'failed')
        and not ${isWithImage} and ${last('scan_id')})
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
