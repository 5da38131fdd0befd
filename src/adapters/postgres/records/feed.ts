import { type RawBuilder, sql } from 'kysely';
import { ANY_SITE, auditedActor, type Scope } from '../../../core/access.ts';
import { defined } from '../../../core/defined.ts';
import { NiiError } from '../../../core/errors.ts';
import type { Audit, AuditRow } from '../../../core/ports/records/audit.ts';
import type { ChangeRow, Changes } from '../../../core/ports/records/changes.ts';
import type { SqlTx } from '../database.ts';
import { badCursor, fromCursor, pageOf, siteOf } from './cursor.ts';
import { reached } from './reach.ts';

type FeedRecords = Changes & Audit;

/** Where a reader of the feed is: after this row of this transaction, in this life of the database. */
interface FeedPosition {
  readonly epoch: string;
  readonly xid: string;
  readonly seq: string;
}

/** The highest that a cursor may name. */
const LAST_SEQ = '9'.repeat(18);

/** Times of the database, as they are written everywhere else. */
const isoTime = sql<string>`to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** As the index has it: the samples, in whatever form. */
const isOfImage = sql<boolean>`action in ('view samples', 'view dicos', 'view instance files', 'view instance frames')`;

export function feedRecords(tx: SqlTx): FeedRecords {
  return {
    async appendChange({ administration, site, kind, subject, revision }) {
      await tx
        .insertInto('changes')
        .values({ administration, site, kind, subject, revision: revision ?? null })
        .execute();
    },
    async newestChange() {
      const { rows } = await sql<{ seq: string | null }>`select max(seq) as seq from changes`.execute(tx);
      return Number(rows[0]?.seq ?? 0);
    },
    changes: (scope, limit, cursor) => changesAfter(tx, scope, limit, cursor),
    async endOfChanges() {
      const { epoch } = await epochOf(tx);
      const { rows } = await sql<{
        xid: string;
      }>`select (pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1)::text as xid`.execute(tx);
      return toFeedCursor({ epoch, xid: rows[0]?.xid ?? '0', seq: LAST_SEQ });
    },
    async audit({ actor, action, subject, detail, site }) {
      await tx
        .insertInto('audit')
        .values({
          administration: actor.administration,
          site: site ?? (actor.site === ANY_SITE ? siteOfSubject(actor.administration, subject) : actor.site),
          actor: JSON.stringify(auditedActor(actor)),
          action,
          subject,
          detail: JSON.stringify(detail),
        })
        .execute();
    },
    async hasOpenedImage({ administration }, scanId, ids) {
      const found = await tx
        .selectFrom('audit')
        .select('seq')
        .where('subject', '=', scanId)
        .where(isOfImage)
        .where('administration', '=', administration)
        .where(sql<string>`coalesce(actor ->> 'person', actor ->> 'keyId')`, 'in', [...ids])
        .limit(1)
        .executeTakeFirst();
      return found !== undefined;
    },
    async latestAuditTime(after) {
      const { rows } = await sql<{ at: Date | null }>`
        with newest as (select seq, at, action from audit order by seq desc limit 1000)
        select max(at) as at from newest
          where seq > coalesce((select max(seq) from newest where action = ${after}), 0)`.execute(tx);
      return rows[0]?.at ?? undefined;
    },
    async newestOfService(action) {
      const { rows } = await sql<{ seq: string | null }>`
        select max(seq) as seq from audit where administration = '' and action = ${action}`.execute(tx);
      return rows[0]?.seq ?? undefined;
    },
    /** Oldest first. Entries of before sites were kept have the site of their actor. */
    async auditTrail(scope, limit, cursor) {
      const [after] = cursor === undefined ? ['0'] : fromCursor(cursor, ['string']);
      if (!/^\d{1,18}$/.test(String(after))) throw badCursor();
      const rows = await tx
        .selectFrom('audit')
        .select(['seq', isoTime.as('at'), 'actor', 'action', 'subject', 'detail'])
        .where('administration', '=', scope.administration)
        .$if(siteOf(scope) !== undefined, (query) =>
          query.where(sql<boolean>`coalesce(site, actor ->> 'site') = ${scope.site}`),
        )
        .where('seq', '>', String(after))
        .orderBy('seq')
        .limit(limit + 1)
        .execute();
      return pageOf(
        rows,
        limit,
        (row): AuditRow => row,
        (row) => [row.seq],
      );
    },
  };
}

/**
 * Transactions end in another order than they begin, so a row may appear before one that was numbered earlier.
 * Only rows of transactions older than every one still under way are shown: nothing can come before them. A long
 * writing transaction anywhere on the same PostgreSQL server holds the feed up for as long; it loses nothing.
 * What changed for the whole administration is shown at every site.
 */
async function changesAfter(tx: SqlTx, scope: Scope, limit: number, cursor: string | undefined) {
  const start = await startOf(tx, cursor);
  const rows = await changesQuery(tx, start)
    .where('administration', '=', scope.administration)
    .$if(siteOf(scope) !== undefined, (query) => query.where('site', 'in', [scope.site, ANY_SITE]))
    .where(aboutReached(scope))
    .$if(scope.hidesCaseMoves === true, (query) =>
      query.where('kind', 'not like', 'case.%').where('kind', 'not like', 'advice.%'),
    )
    .limit(limit + 1)
    .execute();
  const shown = rows.slice(0, limit).map(
    ({ xid, seq, revision, ...row }): ChangeRow => ({
      cursor: toFeedCursor({ epoch: start.epoch, xid, seq }),
      ...row,
      ...defined({ revision: revision ?? undefined }),
    }),
  );
  const end = shown.at(-1)?.cursor ?? toFeedCursor(start);
  return { rows: shown, cursor: end, ...defined({ next: rows.length > limit ? end : undefined }) };
}

/** What a key of every site viewed or changed is of the site of the scan, case or hold; else of no certain one. */
function siteOfSubject(administration: string, subject: string): RawBuilder<string> {
  const siteIn = (table: 'scans' | 'cases' | 'holds') =>
    sql`(select site from ${sql.table(table)} where id = ${subject} and administration = ${administration})`;
  return sql<string>`coalesce(${siteIn('scans')}, ${siteIn('cases')}, ${siteIn('holds')}, ${ANY_SITE}::text)`;
}

/** Of a scan that the scope reaches, or of a case or a hold of one. */
function aboutReached(scope: Scope): RawBuilder<boolean> {
  if (scope.sender === undefined && scope.reader === undefined) return sql<boolean>`true`;
  const scanIds = [
    sql`changes.subject`,
    sql`(select scan_id from cases where cases.id = changes.subject)`,
    sql`(select scan_id from holds where holds.id = changes.subject)`,
  ];
  return sql<boolean>`(${sql.join(
    scanIds.map((id) => reached(scope, id)),
    sql` or `,
  )})`;
}

function changesQuery(tx: SqlTx, after: FeedPosition) {
  return tx
    .selectFrom('changes')
    .select([sql<string>`xid::text`.as('xid'), 'seq', isoTime.as('at'), 'administration', 'site', 'kind'])
    .select(['subject', 'revision'])
    .where(sql<boolean>`xid < pg_snapshot_xmin(pg_current_snapshot())`)
    .where(sql<boolean>`(xid, seq) > (${after.xid}::xid8, ${after.seq}::bigint)`)
    .orderBy(sql`changes.xid`)
    .orderBy('seq');
}

const epochOf = (tx: SqlTx) => tx.selectFrom('meta').select('epoch').executeTakeFirstOrThrow();

/** @throws NII_BAD_REQUEST on what is no cursor, NII_CURSOR_EXPIRED on one of an earlier life of the database */
async function startOf(tx: SqlTx, cursor: string | undefined): Promise<FeedPosition> {
  const { epoch } = await epochOf(tx);
  if (cursor === undefined) return { epoch, xid: '0', seq: '0' };
  const text = Buffer.from(cursor, 'base64url').toString('latin1');
  const [, from, xid, seq] = /^([0-9a-f-]{36})\.(\d{1,19})\.(\d{1,18})$/.exec(text) ?? [];
  if (from === undefined || xid === undefined || seq === undefined) throw badCursor();
  if (from !== epoch) {
    throw new NiiError('NII_CURSOR_EXPIRED', 'The feed was restarted; read it from the beginning');
  }
  return { epoch, xid, seq };
}

function toFeedCursor({ epoch, xid, seq }: FeedPosition): string {
  return Buffer.from(`${epoch}.${xid}.${seq}`, 'latin1').toString('base64url');
}
