import { sql } from 'kysely';
import type { AccessKey, Scope } from '../../../core/access.ts';
import { defined } from '../../../core/defined.ts';
import type { Answers } from '../../../core/ports/records/answers.ts';
import type { Keys } from '../../../core/ports/records/keys.ts';
import type { SqlTx } from '../database.ts';
import { fromCursor, pageOf } from './cursor.ts';

type KeyRecords = Keys & Answers;

export function keyRecords(tx: SqlTx): KeyRecords {
  return {
    async putKey(key) {
      const { keyId: key_id, administration } = key;
      const row = { administration, person: key.person ?? null, body: JSON.stringify(key) };
      await tx
        .insertInto('keys')
        .values({ key_id, ...row })
        .onConflict((at) => at.column('key_id').doUpdateSet(row))
        .execute();
    },
    async key(keyId) {
      const row = await tx.selectFrom('keys').select('body').where('key_id', '=', keyId).executeTakeFirst();
      return row?.body;
    },
    /** In rising order of key id. */
    async keys(administration): Promise<readonly AccessKey[]> {
      let query = tx.selectFrom('keys').select('body').orderBy('key_id');
      if (administration !== undefined) query = query.where('administration', '=', administration);
      return (await query.execute()).map((row) => row.body);
    },
    // each place of a scan is one look into the index, however many scans it has
    async places() {
      const { rows } = await sql<Scope>`with recursive place as (
          (select administration, site from scans order by administration, site limit 1)
          union all
          select after.administration, after.site from place, lateral (
            select administration, site from scans
            where (administration, site) > (place.administration, place.site)
            order by administration, site limit 1) as after)
        select administration, site from place
        union select administration, body->>'site' as site from keys
        order by administration, site`.execute(tx);
      return rows;
    },
    async keysListed(administration, limit, cursor) {
      const [after] = cursor === undefined ? [''] : fromCursor(cursor, ['string']);
      const rows = await tx
        .selectFrom('keys')
        .select(['key_id', 'body', 'last_used'])
        .where('administration', '=', administration)
        .where('key_id', '>', String(after))
        .orderBy('key_id')
        .limit(limit + 1)
        .execute();
      return pageOf(
        rows,
        limit,
        ({ body, last_used }) => ({ ...body, ...defined({ lastUsedAt: last_used?.toISOString() }) }),
        ({ key_id }) => [key_id],
      );
    },
    async answered(actor, key) {
      const row = await tx
        .selectFrom('answers')
        .selectAll()
        .where('actor', '=', actor)
        .where('key', '=', key)
        .executeTakeFirst();
      return row && { requestSha256: row.request_sha256, status: row.status, body: row.body };
    },
    async putAnswer(actor, key, { requestSha256: request_sha256, status, body }) {
      await tx
        .insertInto('answers')
        .values({ actor, key, request_sha256, status, body: JSON.stringify(body ?? null) })
        .execute();
    },
    async forgetAnswers(olderThanSeconds) {
      const { numDeletedRows } = await tx
        .deleteFrom('answers')
        .where('at', '<', sql<Date>`now() - make_interval(secs => ${olderThanSeconds})`)
        .executeTakeFirst();
      return Number(numDeletedRows);
    },
  };
}
