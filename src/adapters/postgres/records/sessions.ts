import { type Selectable, sql } from 'kysely';
import { defined } from '../../../core/defined.ts';
import type { Sessions } from '../../../core/ports/records/sessions.ts';
import type { Tx } from '../../../core/ports/records.ts';
import type { Session } from '../../../core/sign-in/session.ts';
import type { SqlTx } from '../database.ts';
import type { Tables } from '../tables.ts';
import { instant } from './cursor.ts';

type SessionRecords = Sessions;

export function sessionRecords(tx: SqlTx): SessionRecords {
  return { ...beginnings(tx), ...ends(tx) };
}

function beginnings(
  tx: SqlTx,
): Tx<'beginSession' | 'endSession' | 'openSessions' | 'sessionUsed' | 'moveSessions'> {
  return {
    async beginSession({ secretSha256, begunAt, usedAt, endsAt, endedAt, roles, ...session }) {
      const times = { begun: begunAt, used: usedAt, ends: endsAt, ended: endedAt ?? null };
      const row = { ...session, ...times, secret_sha256: secretSha256, roles: [...roles] };
      const { numInsertedOrUpdatedRows: begun = 0n } = await tx
        .insertInto('sessions')
        .values(row)
        .onConflict((at) => at.column('id').doNothing())
        .executeTakeFirst();
      return begun > 0n;
    },
    async endSession(id, at) {
      const { numUpdatedRows } = await tx
        .updateTable('sessions')
        .set({ ended: instant(at) })
        .where('id', '=', id)
        .where('ended', 'is', null)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
    async openSessions(owner, at) {
      const open = tx
        .selectFrom('sessions')
        .selectAll()
        .where('ended', 'is', null)
        .where('ends', '>', sql<Date>`${instant(at)}::timestamptz`);
      const whose =
        'person' in owner
          ? open.where('person', '=', owner.person)
          : open.where('issuer', '=', owner.issuer).where('subject', '=', owner.subject);
      return (await whose.orderBy('begun').orderBy('id').execute()).map(sessionOf);
    },
    async sessionUsed(id, at) {
      await tx
        .updateTable('sessions')
        .set({ used: instant(at) })
        .where('id', '=', id)
        .where(sql<boolean>`used <= ${instant(at)}::timestamptz - interval '1 minute'`)
        .execute();
    },
    async moveSessions(from, to) {
      await tx.updateTable('sessions').set({ person: to }).where('person', '=', from).execute();
    },
  };
}

function ends(tx: SqlTx): Tx<'forgetSessions' | 'signInSecret'> {
  return {
    async forgetSessions(before) {
      const at = sql<Date>`${instant(before)}::timestamptz`;
      const sessions = await tx
        .deleteFrom('sessions')
        .where(sql<Date>`least(ends, ended)`, '<', at)
        .executeTakeFirst();
      return Number(sessions.numDeletedRows);
    },
    async signInSecret() {
      const row = await tx.selectFrom('meta').select('sign_in_secret').executeTakeFirstOrThrow();
      return row.sign_in_secret;
    },
  };
}

export function sessionOf({
  secret_sha256: secretSha256,
  begun,
  used,
  ends: end,
  ended,
  ...row
}: Selectable<Tables['sessions']>): Session {
  return {
    ...row,
    secretSha256,
    begunAt: begun.toISOString(),
    usedAt: used.toISOString(),
    endsAt: end.toISOString(),
    ...defined({ endedAt: ended?.toISOString() }),
  };
}
