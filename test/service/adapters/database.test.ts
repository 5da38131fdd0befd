import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase, type SqlTx } from '../../../src/adapters/postgres/database.ts';
import { openJobs } from '../../../src/adapters/postgres/jobs.ts';
import { migrations } from '../../../src/adapters/postgres/migrations/index.ts';
import { openRecords } from '../../../src/adapters/postgres/records.ts';
import type { LanePassage } from '../../../src/core/case/lane-passage.ts';
import type { Records } from '../../../src/core/ports/records.ts';
import { settleAll } from '../../../src/core/settle-all.ts';
import { passageDocument } from '../../../src/stored/document-kinds.ts';
import { anySite, fresh, jobOf, objectRow, scanRow, scope } from '../../support/contract/sample-records.ts';
import { eventually, pause } from '../../support/eventually.ts';
import { type TestPostgres, testServers } from '../../support/postgres-server.ts';

/** The feed once it shows so many rows: transactions of other databases of the same server may delay it. */
async function shown(records: Records, rows: number) {
  const read = () => records.transaction((tx) => tx.changes(anySite, 10));
  await eventually(`${rows} changes are shown`, 20, async () => (await read()).rows.length >= rows);
  return read();
}

for (const { name, start } of testServers()) {
  describe(`the database on ${name}`, () => {
    let server: TestPostgres;
    beforeAll(async () => {
      server = await start();
    });
    afterAll(() => server?.stop());

    async function opened() {
      const url = await server.freshDatabase();
      const database = await openDatabase(url);
      return { url, database, records: openRecords(database) };
    }

    it('is brought to the newest schema once when many processes start at once', async () => {
      const url = await server.freshDatabase();
      const databases = await Promise.all([1, 2, 3, 4, 5, 6].map(() => openDatabase(url)));
      expect(await server.query(url, 'select count(*)::int as rows from meta')).toEqual([{ rows: 1 }]);
      const applied = await server.query(url, 'select name from migrations order by name');
      expect(applied.map((row) => row.name)).toEqual(Object.keys(migrations));
      await Promise.all(databases.map((one) => one.close()));
    });

    it('goes on with a queue that the schema before 0004 left, also with a job that was in hand, and checks its objects at once', async () => {
      const before = await opened();
      const [inHand, waiting] = [jobOf('convert'), jobOf('convert')];
      for (const job of [inHand, waiting]) await before.records.transaction((tx) => tx.enqueue(job));
      const claimed = await openJobs(before.database).claim(['convert'], 'the worker before', 30);
      const stored = objectRow('an/object');
      await before.records.transaction((tx) => tx.putObjects([stored]));
      await before.records.close();
      await server.query(before.url, 'alter table jobs drop column begun_at');
      await server.query(before.url, 'alter table objects drop column checked_at, drop column fault');
      await server.query(before.url, 'drop index audit_opened_images');
      await server.query(before.url, 'drop function mark_of cascade');
      await server.query(before.url, 'drop sequence instruction_numbers');
      await server.query(before.url, 'alter table documents drop column marks');
      await server.query(before.url, 'alter table declarations drop column stated_by');
      await server.query(before.url, `delete from migrations where name >= '0004'`);
      const database = await openDatabase(before.url);
      const jobs = openJobs(database);
      if (claimed === undefined) throw new Error('no job is ready');
      await jobs.complete(claimed, async () => undefined);
      expect((await jobs.claim(['convert'], 'the worker now', 30))?.id).toBe(
        [inHand, waiting].find(({ id }) => id !== claimed.id)?.id,
      );
      const due = await openRecords(database).transaction((tx) =>
        tx.objectsCheckedBefore('2000-01-01T00:00:00Z', 10),
      );
      expect(due).toEqual([stored]);
      await database.close();
    });

    it('finds the passages that the schema before 0008 left by their marks, also one with text that it cannot read', async () => {
      const before = await opened();
      const place = { administration: 'ZZ-customs', site: 'north' };
      const odd = 'a\ud800';
      const report = {
        id: 'x',
        at: '2026-01-02T03:04:05.678Z',
        containers: ['msku 123456-5', '.', odd],
        visit: 'V 1',
      };
      const passages = [
        { ...report, scanId: 's1', fallback: 'b\u0000' },
        { id: 'y', at: report.at },
      ].map(
        (one, i): LanePassage => ({
          ...{ id: `p${i}`, ...place, sender: 'lane', state: 'valid', report: one },
          reported: { at: report.at, by: 'lane' },
        }),
      );
      const find = (records: ReturnType<typeof openRecords>) =>
        Promise.all(
          ['scan:s1', 'container:MSKU1234565', 'visit:V1', 'container:', 'visit:'].map((mark) =>
            records.transaction((tx) =>
              tx.documentsMarked(passageDocument, place, [mark], '2026-01-01T00:00:00Z', 9),
            ),
          ),
        );
      await before.records.transaction((tx) => tx.putDocuments(passageDocument, passages));
      const found = await find(before.records);
      expect(found).toEqual([[passages[0]], [passages[0]], [passages[0]], [], []]);
      await before.records.close();
      await server.query(before.url, 'alter table documents drop column marks');
      await server.query(before.url, 'drop index audit_opened_images');
      await server.query(before.url, 'alter table declarations drop column stated_by');
      await server.query(before.url, `delete from migrations where name >= '0008'`);
      const after = openRecords(await openDatabase(before.url));
      expect(await find(after)).toEqual(found);
      await after.close();
    });

    it('is refused with NII_CONFIG when its schema is newer than this version knows', async () => {
      const { url, records } = await opened();
      await records.close();
      await server.query(url, `insert into migrations values ('9999-of-tomorrow', '2030-01-01T00:00:00Z')`);
      await expect(openDatabase(url)).rejects.toMatchObject({
        code: 'NII_CONFIG',
        message: expect.stringContaining('9999-of-tomorrow'),
      });
    });

    it('says NII_CONFIG when the database or the user is wrong, NII_DATABASE_UNREACHABLE when nothing listens', async () => {
      const url = await server.freshDatabase();
      const absent = new URL(url);
      absent.pathname = '/absent';
      await expect(openDatabase(absent.href)).rejects.toMatchObject({ code: 'NII_CONFIG' });
      const refused = new URL(url);
      refused.username = 'nobody-here';
      await expect(openDatabase(refused.href)).rejects.toMatchObject({ code: 'NII_CONFIG' });
      await expect(openDatabase('postgres://a:b@127.0.0.1:9/c')).rejects.toMatchObject({
        code: 'NII_DATABASE_UNREACHABLE',
      });
    });

    it('keeps the plans of statements that write or read one row, and of no list', async () => {
      const { database, records } = await opened();
      await records.transaction(async (tx) => {
        await tx.appendChange({ ...scope, kind: 'scan.analysed', subject: 's2' });
        await tx.person(scope.administration, 'nobody');
        await tx.queue(anySite, { states: ['queued'] }, 5);
      });
      const kept = await database.transaction((tx) =>
        sql<{ statement: string }>`select statement from pg_prepared_statements`.execute(tx),
      );
      const texts = kept.rows.map(({ statement }) => statement);
      expect(texts).toContainEqual(expect.stringMatching(/^insert into "changes"/));
      expect(texts).toContainEqual(expect.stringMatching(/^select "body" from "persons"/));
      expect(texts.filter((text) => /limit/.test(text))).toEqual([]);
      await records.close();
    });

    it('plans a statement anew whose table was altered meanwhile', async () => {
      const { url, records } = await opened();
      const look = () => records.transaction((tx) => tx.person(scope.administration, 'nobody'));
      for (let times = 0; times < 7; times += 1) expect(await look()).toBeUndefined();
      await server.query(url, 'alter table persons alter column body type jsonb');
      expect(await look()).toBeUndefined();
      await records.close();
    });

    it('expires cursors of the cluster that it was moved from', async () => {
      const { url, records } = await opened();
      await records.transaction((tx) => tx.appendChange({ ...scope, kind: 'scan.received', subject: 's' }));
      const { cursor } = await shown(records, 1);
      await records.close();
      await server.query(url, `update meta set cluster = 'another'`);
      const moved = openRecords(await openDatabase(url));
      await expect(moved.transaction((tx) => tx.changes(scope, 5, cursor))).rejects.toMatchObject({
        code: 'NII_CURSOR_EXPIRED',
      });
      expect((await shown(moved, 1)).rows).toHaveLength(1);
      await moved.close();
    });

    it('refuses to change, delete or empty the feed, the audit and its seals, even for its owner', async () => {
      const { url, records } = await opened();
      const actor = { keyId: 'k', role: 'lane', ...scope } as const;
      await records.transaction(async (tx) => {
        await tx.appendChange({ ...scope, kind: 'scan.received', subject: 's' });
        await tx.audit({ actor, action: 'view scan', subject: 's', detail: {} });
      });
      await records.close();
      await server.query(url, `insert into audit_seals values (1, '[]', 0, 0, 'none', 'none', now())`);
      const attempts = ['changes', 'audit', 'audit_seals'].flatMap((table) => [
        `update ${table} set ${table === 'audit_seals' ? 'sha256' : 'subject'} = 'other'`,
        `delete from ${table}`,
        `truncate ${table}`,
        `set nii.new_epoch = 'on'; delete from ${table}`,
      ]);
      const alsoTheAudit = [
        `set nii.new_epoch = 'on'; truncate audit`,
        `set nii.new_epoch = 'on'; update audit set subject = 'x'`,
      ];
      for (const sql of [...attempts, ...alsoTheAudit]) {
        await expect(server.query(url, sql), sql).rejects.toThrow('append-only');
      }
    });

    it('fails a transaction whose connection is cut with NII_DATABASE_UNREACHABLE, keeps none of it, and goes on', async () => {
      const { url, records } = await opened();
      const scan = scanRow();
      const cut = records.transaction(async (tx) => {
        await tx.insertScan(scan);
        await killOthers(url);
        await tx.insertScan(scanRow());
      });
      await expect(cut).rejects.toMatchObject({ code: 'NII_DATABASE_UNREACHABLE' });
      expect(await records.transaction((tx) => tx.scanById(scan.id))).toBeUndefined();
      await records.ready();
      await records.close();
    });

    it('survives the loss of every idle connection', async () => {
      const { url, records } = await opened();
      await Promise.all(Array.from({ length: 8 }, () => records.transaction((tx) => tx.waitingJobs())));
      await killOthers(url);
      await pause(50, 'work');
      await Promise.all(Array.from({ length: 8 }, () => records.transaction((tx) => tx.waitingJobs())));
      await records.close();
    });

    it('fails work whose lock was lost while it ran, once the work has ended', async () => {
      const { url, records } = await opened();
      let ended = false;
      const work = records.exclusively(fresh('lock'), async () => {
        await killOthers(url);
        await pause(50, 'work');
        ended = true;
        return 'done';
      });
      await expect(work).rejects.toMatchObject({ code: 'NII_DATABASE_UNREACHABLE' });
      expect(ended).toBe(true);
      await records.close();
    });

    it('holds no transaction open while work runs alone', async () => {
      const { url, records } = await opened();
      await records.exclusively(fresh('lock'), async () => {
        const open = await server.query(
          url,
          `select count(*)::int as open from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null and backend_type = 'client backend'`,
        );
        expect(open).toEqual([{ open: 0 }]);
      });
      await records.close();
    });

    it('lets work among others run beside them, but not beside the one who is alone', async () => {
      const { url, records } = await opened();
      const other = openRecords(await openDatabase(url));
      let among = 0;
      let most = 0;
      let alone = false;
      const step = async (): Promise<void> => {
        among += 1;
        most = Math.max(most, among);
        expect(alone).toBe(false);
        await pause(60, 'work');
        among -= 1;
      };
      const sweep = async (): Promise<void> => {
        alone = true;
        expect(among).toBe(0);
        await pause(60, 'work');
        alone = false;
      };
      await Promise.all([
        records.exclusively('step-1', step, 'sweep'),
        other.exclusively('step-2', step, 'sweep'),
        records.exclusively('sweep', sweep),
        records.exclusively('step-3', step, 'sweep'),
        other.exclusively('step-4', step, 'sweep'),
      ]);
      expect(most).toBeGreaterThan(1);
      await records.close();
      await other.close();
    });

    it('fails a transaction with what failed first, in whatever order its statements are waited for', async () => {
      const { database } = await opened();
      const work = database.transaction(async (tx) => {
        const first = sql`select 1 / 0`.execute(tx);
        const next = sql`select 1`.execute(tx);
        await settleAll([next, first]);
      });
      await expect(work).rejects.toMatchObject({ code: '22012' });
      await database.close();
    });

    it('does a transaction again that collided, also where a statement beside it is waited for first', async () => {
      const { database } = await opened();
      let tries = 0;
      const collision = sql`do $$ begin raise exception 'collided' using errcode = '40P01'; end $$`;
      await database.transaction(async (tx) => {
        tries += 1;
        const first = tries === 1 ? collision.execute(tx) : Promise.resolve();
        await settleAll([sql`select 1`.execute(tx), first]);
        await settleAll([sql`select 2`.execute(tx)]);
      });
      expect(tries).toBe(2);
      await database.close();
    });

    it('runs no statement of a transaction that is over', async () => {
      const { database } = await opened();
      const kept: SqlTx[] = [];
      await database.transaction(async (tx) => {
        kept.push(tx);
      });
      await expect(sql`select 1`.execute(kept[0]!)).rejects.toThrow(/already committed/);
      await database.close();
    });

    it('listens for work again after the connection was lost', async () => {
      const { url, database, records } = await opened();
      let woken = 0;
      const stop = await openJobs(database).onWork(() => {
        woken += 1;
      });
      const before = await listeners(url);
      await killOthers(url);
      await eventually('it listens again', 20, async () =>
        (await listeners(url)).some((pid) => !before.includes(pid)),
      );
      const began = Date.now();
      for (let time = 0; time < 3; time += 1) {
        const before = woken;
        await records.transaction((tx) => tx.enqueue(jobOf()));
        await eventually('it is woken', 1, () => woken > before);
      }
      // the poll of 1.5 s is the one or the other of three, never all
      expect(Date.now() - began).toBeLessThan(1_500);
      await stop();
      await records.close();
    });

    /** Processes of the sessions that listen. One that was told to end may be among them for a moment. */
    async function listeners(url: string): Promise<readonly unknown[]> {
      const sessions = await server.query(
        url,
        `select pid from pg_stat_activity where datname = current_database() and query ilike 'listen %'`,
      );
      return sessions.map(({ pid }) => pid);
    }

    /** Ends every other session of this database, as a restart of the server would. */
    async function killOthers(url: string): Promise<void> {
      await server.query(
        url,
        'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
      );
    }
  });
}
