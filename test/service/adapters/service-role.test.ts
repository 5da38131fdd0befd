import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrateDatabase, openDatabase } from '../../../src/adapters/postgres/database.ts';
import { migrations } from '../../../src/adapters/postgres/migrations/index.ts';
import { openRecords } from '../../../src/adapters/postgres/records.ts';
import { scope } from '../../support/contract/sample-records.ts';
import { type TestPostgres, testServers, withLogin } from '../../support/postgres-server.ts';

/** What PostgreSQL says to a role without the right; the triggers of the table, which an owner meets, say something else. */
const NO_RIGHT = /permission denied|must be owner|must be able to SET ROLE/;

const attempts = [
  `update audit set subject = 'other'`,
  'delete from audit',
  'truncate audit',
  `set nii.new_epoch = 'on'; delete from audit`,
  'alter table audit disable trigger all',
  'alter table audit disable trigger audit_append_only',
  'alter table audit drop column detail',
  'alter table audit rename to old_audit',
  'alter table audit owner to current_user',
  'drop table audit',
  'drop trigger audit_append_only on audit',
  'drop function refuse_rewriting cascade',
  `create or replace function refuse_rewriting() returns trigger language plpgsql as 'begin return new; end'`,
  'create trigger mine before insert on audit for each row execute function refuse_rewriting()',
  'create rule mine as on insert to audit do instead nothing',
  'create index mine on audit (subject)',
  'create policy mine on audit using (false)',
  'begin; lock table audit in access exclusive mode',
  'select * from audit for update',
  'set session_replication_role = replica',
  'create table mine (id integer)',
  'drop schema public cascade',
  'create role mine superuser',
  `update audit_seals set sha256 = 'other'`,
  'delete from audit_seals',
  'truncate audit_seals',
  'alter table audit_seals disable trigger all',
  'delete from changes',
  `update changes set subject = 'other'`,
  `update meta set cluster = 'another'`,
  'delete from migrations',
  `update migrations_lock set is_locked = 1`,
];

for (const { name, start } of testServers()) {
  describe(`the role of services on ${name}`, () => {
    let server: TestPostgres;
    beforeAll(async () => {
      server = await start();
    });
    afterAll(() => server?.stop());

    async function migrated() {
      const ownerUrl = await server.freshDatabase();
      const report = await migrateDatabase(ownerUrl, server.service);
      return { ownerUrl, report, url: withLogin(ownerUrl, server.service) };
    }

    /** The owner's name, and a row of the audit that a service wrote. */
    async function withAudit() {
      const { ownerUrl, url } = await migrated();
      const records = openRecords(await openDatabase(url));
      const actor = { keyId: 'k', role: 'lane', ...scope } as const;
      await records.transaction((tx) => tx.audit({ actor, action: 'view scan', subject: 's', detail: {} }));
      return { ownerUrl, url, records };
    }

    it('adds to the audit and reads it', async () => {
      const { records } = await withAudit();
      const { rows } = await records.transaction((tx) => tx.auditTrail(scope, 5));
      expect(rows).toMatchObject([{ action: 'view scan', subject: 's' }]);
      expect(await records.mayRewriteAudit()).toBe(false);
      await records.close();
    });

    it('cannot change, remove, empty, alter or own the audit, nor what protects it, nor become who can', async () => {
      const { ownerUrl, url, records } = await withAudit();
      const [owner] = await server.query(ownerUrl, 'select current_user as name');
      for (const sql of [...attempts, `set role "${owner?.name}"`, `grant "${owner?.name}" to current_user`])
        await expect(server.query(url, sql), sql).rejects.toThrow(NO_RIGHT);
      const { rows } = await records.transaction((tx) => tx.auditTrail(scope, 5));
      expect(rows).toMatchObject([{ action: 'view scan', subject: 's' }]);
      await records.close();
    });

    it('loses with the next migration what somebody gave it', async () => {
      const { ownerUrl, url } = await migrated();
      const { user } = server.service;
      await server.query(ownerUrl, `grant update, delete, trigger on audit to ${user}`);
      const records = openRecords(await openDatabase(url));
      expect(await records.mayRewriteAudit()).toBe(true);
      expect(await migrateDatabase(ownerUrl, server.service)).toMatchObject({
        ran: [],
        role: { name: user, mayRewriteAudit: false },
      });
      expect(await records.mayRewriteAudit()).toBe(false);
      await records.close();
    });

    it('is told apart from the owner, who may rewrite the audit', async () => {
      const { ownerUrl } = await migrated();
      const records = openRecords(await openDatabase(ownerUrl));
      expect(await records.mayRewriteAudit()).toBe(true);
      await records.close();
    });

    it('does not migrate, and says who does', async () => {
      await migrated(); // makes the role, which is the server's, beside another database
      const ownerUrl = await server.freshDatabase();
      const url = withLogin(ownerUrl, server.service);
      const hint = { code: 'NII_CONFIG', message: expect.stringContaining('nii migrate') };
      await expect(openDatabase(url)).rejects.toMatchObject(hint);
      await migrateDatabase(ownerUrl, server.service);
      await server.query(ownerUrl, `update meta set cluster = 'another'`);
      await expect(openDatabase(url)).rejects.toMatchObject(hint);
      await migrateDatabase(ownerUrl, server.service);
      await (await openDatabase(url)).close();
    });

    it('is named with each migration that ran, once', async () => {
      const { ownerUrl, report } = await migrated();
      const ran = Object.keys(migrations);
      const schema = ran.at(-1);
      const role = { name: server.service.user, mayRewriteAudit: false };
      expect(report).toEqual({ schema, ran, role });
      expect(await migrateDatabase(ownerUrl, server.service)).toEqual({ schema, ran: [], role });
    });

    it('has to exist where no password is given to make it', async () => {
      const ownerUrl = await server.freshDatabase();
      await expect(migrateDatabase(ownerUrl, { user: 'nobody-here' })).rejects.toMatchObject({
        code: 'NII_CONFIG',
        message: expect.stringContaining('"nobody-here"'),
      });
      // all or nothing: the schema is not there either
      expect(await server.query(ownerUrl, `select to_regclass('meta') as meta`)).toEqual([{ meta: null }]);
    });

    it('is not narrowed where it is the owner', async () => {
      const ownerUrl = await server.freshDatabase();
      const [owner] = await server.query(ownerUrl, 'select current_user as name');
      const report = await migrateDatabase(ownerUrl, { user: String(owner?.name) });
      const ran = Object.keys(migrations);
      expect(report).toEqual({ schema: ran.at(-1), ran });
    });
  });
}
