import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Scope } from '../../../../src/core/access.ts';
import type { Records, RecordsTx } from '../../../../src/core/ports/records.ts';
import { eventually, pause } from '../../eventually.ts';
import { seededRandom } from '../../random.ts';
import { searchSeed } from '../../search-size.ts';
import { fresh, scope } from '../sample-records.ts';

/** The change feed, the audit, and locks by name. `open` gives handles on one database, as processes have them. */
export function feedContract(name: string, open: () => Promise<Records>): void {
  describe(`the contract of the feed and of locks on ${name}`, () => {
    let records: Records;
    let others: readonly Records[];
    beforeAll(async () => {
      records = await open();
      others = await Promise.all([open(), open()]);
    });
    afterAll(async () => {
      await Promise.all([records, ...(others ?? [])].map((one) => one?.close()));
    });
    const inTx = <T>(work: (tx: RecordsTx) => Promise<T>): Promise<T> => records.transaction(work);
    /** The feed once it shows so many rows: transactions of other databases of the same server may delay it. */
    const shown = async (where: Scope, rows: number, limit: number, cursor?: string) => {
      const read = () => inTx((tx) => tx.changes(where, limit, cursor));
      await eventually(`${rows} changes are shown`, 20, async () => (await read()).rows.length >= rows);
      return read();
    };

    it('shows every change once and in one order to a reader that polls while many write and commit late', async () => {
      const administration = fresh('administration');
      const everywhere = { administration, site: '*' };
      const random = seededRandom(searchSeed);
      const writers = 24;
      const each = 15;
      let writing = true;
      const seen: string[] = [];
      let empty = 0;
      const expected = Array.from({ length: writers }, (_, writer) =>
        Array.from({ length: each }, (_unused, round) => round)
          .filter((round) => round % 5 !== 4)
          .flatMap((round) => [`${writer}-${round}-a`, `${writer}-${round}-b`]),
      ).flat();
      const deadline = Date.now() + 50_000;
      const reader = (async () => {
        let cursor: string | undefined;
        for (;;) {
          const ended = !writing;
          const page = await (others[0] ?? records).transaction((tx) => tx.changes(everywhere, 7, cursor));
          seen.push(...page.rows.map((row) => row.subject));
          cursor = page.cursor;
          empty += page.rows.length === 0 ? 1 : 0;
          if (ended && (seen.length >= expected.length || Date.now() > deadline)) return;
        }
      })();
      const write = async (writer: number): Promise<void> => {
        const handle = [records, ...others][writer % 3] ?? records;
        for (let round = 0; round < each; round += 1) {
          const work = handle.transaction(async (tx) => {
            const change = { administration, site: 'north', kind: 'case.changed' };
            await tx.appendChange({ ...change, subject: `${writer}-${round}-a` });
            await pause(random() * 40, 'work');
            await tx.appendChange({ ...change, subject: `${writer}-${round}-b`, revision: 3 });
            if (round % 5 === 4) throw new Error('taken back');
          });
          await work.catch((error: unknown) => expect(String(error)).toContain('taken back'));
        }
      };
      await eventually('the reader waits for writers', 20, () => empty > 0);
      await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)));
      writing = false;
      await reader;
      expect(seen).toHaveLength(expected.length);
      expect(new Set(seen)).toEqual(new Set(expected));
      const again = await shown(everywhere, expected.length, 10_000);
      expect(again.rows.map((row) => row.subject)).toEqual(seen);
    });

    it('knows who has opened the image of a scan, and counts no other view', async () => {
      const administration = fresh('administration');
      const scanId = fresh('scan');
      const actor = { keyId: 'k-1', role: 'analyst', administration, site: 'north' } as const;
      const ann = { ...actor, person: { id: 'ann', formerIds: [], isLinked: true, roles: [] } };
      await inTx(async (tx) => {
        await tx.audit({ actor: ann, action: 'view samples', subject: scanId, detail: {} });
        await tx.audit({ actor, action: 'view revision', subject: scanId, detail: {} });
      });
      const opened = (id: string, of = scanId, place = administration) =>
        inTx((tx) => tx.hasOpenedImage({ administration: place, site: 'north' }, of, [id]));
      expect(await opened('ann')).toBe(true);
      expect(await opened('k-1'), 'the key of a person is that person').toBe(false);
      expect(await opened('ann', fresh('scan'))).toBe(false);
      expect(await opened('ann', scanId, fresh('administration'))).toBe(false);
    });

    it('gives a cursor to go on from on every page, and a next only when there is more', async () => {
      const administration = fresh('administration');
      const site = { administration, site: 'north' };
      const none = await inTx((tx) => tx.changes(site, 2));
      expect(none).toEqual({ rows: [], cursor: none.cursor });
      for (const subject of ['a', 'b', 'c']) {
        await inTx((tx) => tx.appendChange({ ...site, kind: 'scan.received', subject }));
      }
      await inTx((tx) => tx.appendChange({ ...site, site: 'south', kind: 'scan.received', subject: 'd' }));
      await shown({ ...site, site: '*' }, 4, 9);
      const first = await inTx((tx) => tx.changes(site, 2, none.cursor));
      expect(first.rows.map((row) => row.subject)).toEqual(['a', 'b']);
      expect(first.next).toBe(first.cursor);
      const second = await inTx((tx) => tx.changes(site, 2, first.cursor));
      expect(second.rows.map((row) => row.subject)).toEqual(['c']);
      expect(second.next).toBeUndefined();
      expect((await inTx((tx) => tx.changes(site, 2, second.cursor))).cursor).toBe(second.cursor);
      const fromRow = await inTx((tx) => tx.changes({ ...site, site: '*' }, 9, first.rows[0]?.cursor));
      expect(fromRow.rows.map((row) => row.subject)).toEqual(['b', 'c', 'd']);
    });

    it('shows what concerns a whole administration at every site of it, and at no other', async () => {
      const administration = fresh('administration');
      const [north, south] = ['north', 'south'].map((site) => ({ administration, site }));
      if (north === undefined || south === undefined) throw new Error('two sites');
      await inTx(async (tx) => {
        const kind = 'declaration.changed';
        await tx.appendChange({ administration, site: '*', kind, subject: 'D-1', revision: 1 });
        await tx.appendChange({ ...north, kind: 'scan.received', subject: 's' });
        await tx.appendChange({ administration: fresh('administration'), site: '*', kind, subject: 'D-2' });
      });
      const subjects = async (where: Scope, rows: number) =>
        (await shown(where, rows, 9)).rows.map(({ site, subject }) => [site, subject]);
      expect(await subjects({ administration, site: '*' }, 2)).toEqual([
        ['*', 'D-1'],
        ['north', 's'],
      ]);
      expect(await subjects(north, 2)).toEqual([
        ['*', 'D-1'],
        ['north', 's'],
      ]);
      expect(await subjects(south, 1)).toEqual([['*', 'D-1']]);
    });

    it('dates changes and audit by the database, in milliseconds and UTC', async () => {
      const actor = { keyId: 'k', role: 'lane', ...scope, administration: fresh('administration') } as const;
      await inTx(async (tx) => {
        await tx.appendChange({ ...actor, kind: 'scan.received', subject: 's' });
        await tx.audit({ actor, action: 'view scan', subject: 's', detail: { n: 0.1 } });
      });
      const [change] = (await shown(actor, 1, 5)).rows;
      const [entry] = (
        await inTx((tx) => tx.auditTrail({ administration: actor.administration, site: '*' }, 5))
      ).rows;
      expect(change?.at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      expect(Math.abs(Date.parse(change?.at ?? '') - Date.now())).toBeLessThan(60_000);
      expect(entry).toMatchObject({ action: 'view scan', subject: 's', detail: { n: 0.1 }, at: change?.at });
      expect(entry?.actor).toEqual(actor);
    });

    it('pages through the audit of one administration, oldest first', async () => {
      const administration = fresh('administration');
      const actor = { keyId: 'k', role: 'lane', administration, site: '*' } as const;
      for (const subject of ['a', 'b', 'c']) {
        await inTx((tx) => tx.audit({ actor, action: 'view scan', subject, detail: {} }));
      }
      const first = await inTx((tx) => tx.auditTrail({ administration, site: '*' }, 2));
      const rest = await inTx((tx) => tx.auditTrail({ administration, site: '*' }, 2, first.next));
      expect([...first.rows, ...rest.rows].map((row) => row.subject)).toEqual(['a', 'b', 'c']);
      expect(rest.next).toBeUndefined();
    });

    it('runs work of one name alone among all processes, and of other names beside it', async () => {
      const lock = fresh('lock');
      let inside = 0;
      let together = 0;
      const work = async (): Promise<void> => {
        inside += 1;
        expect(inside).toBe(1);
        await pause(5, 'work');
        inside -= 1;
      };
      const handles = [records, ...others];
      const same = Array.from({ length: 30 }, (_, index) => handles[index % 3]?.exclusively(lock, work));
      let release: () => void = () => undefined;
      const both = new Promise<void>((done) => {
        release = done;
      });
      const meet = async (): Promise<void> => {
        together += 1;
        if (together === 2) release();
        await both;
      };
      await Promise.all([
        ...same,
        records.exclusively(fresh('lock'), meet),
        others[0]?.exclusively(fresh('lock'), meet),
      ]);
    });

    it('frees the name when its work fails, and passes the failure on', async () => {
      const lock = fresh('lock');
      const failure = new Error('the work failed');
      const failing = records.exclusively(lock, async () => {
        throw failure;
      });
      await expect(failing).rejects.toBe(failure);
      expect(await others[0]?.exclusively(lock, async () => 'free')).toBe('free');
    });

    it('never starves the transactions of those who hold locks', async () => {
      const results = await Promise.all(
        Array.from({ length: 60 }, (_, index) =>
          records.exclusively(`starve-${index}`, () =>
            inTx(async (tx) => {
              await pause(10, 'work');
              return await tx.waitingJobs();
            }),
          ),
        ),
      );
      expect(results).toHaveLength(60);
    });
  });
}
