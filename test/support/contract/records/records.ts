import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defined } from '../../../../src/core/defined.ts';
import type { JoinScope } from '../../../../src/core/ports/records/scans.ts';
import type { Records, RecordsTx } from '../../../../src/core/ports/records.ts';
import type { ScanRow } from '../../../../src/core/scan/stored-scan.ts';
import { runs } from '../../search-size.ts';
import { anySite, caseOf, fresh, jobOf, objectRow, revisionRow, scanRow, scope } from '../sample-records.ts';

/** As the sender of the sample rows sends a late file. */
function joining(changes: Partial<JoinScope> = {}): JoinScope {
  return { ...scope, since: '2026-01-01T00:00:00Z', sender: 'key-1', ...changes };
}

const instantOf = fc
  .date({ min: new Date('2001-01-01'), max: new Date('2090-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString());

/** Scans, revisions, objects, analyses, declarations, keys and answers. `open` gives a handle on one database. */
export function recordsContract(name: string, open: () => Promise<Records>): void {
  describe(`the records contract on ${name}`, () => {
    let records: Records;
    beforeAll(async () => {
      records = await open();
    });
    afterAll(async () => {
      await records?.close();
    });
    const inTx = <T>(work: (tx: RecordsTx) => Promise<T>): Promise<T> => records.transaction(work);

    it('gives the objects that were compared with their hash before a time, and counts what is faulty', async () => {
      const [first, second] = [objectRow(fresh('scan')), objectRow(fresh('scan'))];
      await inTx((tx) => tx.putObjects([first, second]));
      const due = async (time: string) =>
        (await inTx((tx) => tx.objectsCheckedBefore(time, 1000))).map(({ key }) => key);
      const before = (await inTx((tx) => tx.objectChecks())).faulty;
      const at = '2001-02-03T04:05:06Z';
      await inTx((tx) => tx.noteCheck(second.key, second.sha256, { at, fault: 'corrupt' }));
      // the bytes were replaced since: nothing is known of the new ones
      await inTx((tx) => tx.noteCheck(first.key, '0'.repeat(64), { at, fault: 'missing' }));
      expect(await due('2001-02-04T00:00:00Z')).toEqual([second.key]);
      const checks = await inTx((tx) => tx.objectChecks());
      expect(checks.faulty).toEqual({ ...before, corrupt: before.corrupt + 1 });
      expect(checks.oldestSeconds).toBeGreaterThan(20 * 365 * 24 * 3600);
      await inTx((tx) =>
        tx.noteCheck(first.key, first.sha256, { at: '2001-02-01T00:00:00Z', fault: undefined }),
      );
      expect(await due('2001-02-04T00:00:00Z')).toEqual([first.key, second.key]);
      await inTx((tx) => tx.putObjects([first, second]));
      expect(await due('2001-02-04T00:00:00Z')).toEqual([]);
      expect((await inTx((tx) => tx.objectChecks())).faulty).toEqual(before);
    });

    it('gives a scan back exactly as it was put in', async () => {
      const row = fc.record(
        {
          acquiredAt: fc.oneof(
            instantOf,
            fc.constantFrom('2026-01-02T03:04:05+02:00', '2026-01-02T03:04:05Z'),
          ),
          completeness: fc.constantFrom<NonNullable<ScanRow['completeness']>>('full', 'no-material'),
          containers: fc.uniqueArray(fc.string({ maxLength: 12 }).filter((text) => !text.includes('\0'))),
          receivedAt: instantOf,
          groupKey: fc.string({ unit: 'grapheme', maxLength: 30 }).filter((text) => !text.includes('\0')),
        },
        { requiredKeys: ['containers', 'receivedAt', 'groupKey'] },
      );
      await fc.assert(
        fc.asyncProperty(row, async (changes) => {
          const put = scanRow(changes);
          await inTx((tx) => tx.insertScan(put));
          expect(await inTx((tx) => tx.scan(scope, put.id))).toEqual(put);
          expect(await inTx((tx) => tx.scanById(put.id))).toEqual(put);
        }),
        { numRuns: runs(40) },
      );
    });

    it('replaces what an update may replace, and nothing else', async () => {
      const before = scanRow({ containers: ['MSCU1'] });
      await inTx((tx) => tx.insertScan(before));
      const after: ScanRow = {
        ...before,
        converter: 'another',
        groupKey: 'another',
        state: 'converted',
        revision: 2,
        purpose: 'training',
        acquiredAt: '2026-03-04T01:00:00.000Z',
        completeness: 'full',
        containers: ['MSCU2', 'MSCU3'],
      };
      await inTx((tx) => tx.updateScan({ ...after, receivedAt: '2031-03-04T01:00:00.000Z', site: 'other' }));
      expect(await inTx((tx) => tx.scan(scope, before.id))).toEqual(after);
    });

    it('shows a scan to its own site and to the whole administration, and to nobody else', async () => {
      const row = scanRow();
      await inTx((tx) => tx.insertScan(row));
      const seen = await inTx((tx) =>
        Promise.all([
          tx.scan(scope, row.id),
          tx.scan(anySite, row.id),
          tx.scan({ ...scope, site: 'south' }, row.id),
          tx.scan({ administration: 'other', site: '*' }, row.id),
        ]),
      );
      expect(seen.map((found) => found?.id)).toEqual([row.id, row.id, undefined, undefined]);
    });

    it('refuses a scan that exists with NII_CONFLICT, and keeps nothing of that transaction', async () => {
      const row = scanRow();
      const other = scanRow();
      await inTx((tx) => tx.insertScan(row));
      const twice = inTx(async (tx) => {
        await tx.insertScan(other);
        await tx.insertScan(row);
      });
      await expect(twice).rejects.toMatchObject({ code: 'NII_CONFLICT' });
      expect(await inTx((tx) => tx.scanById(other.id))).toBeUndefined();
    });

    it('keeps nothing of a transaction whose work fails, and passes its failure on', async () => {
      const row = scanRow();
      const failure = new Error('the work failed');
      const failed = inTx(async (tx) => {
        await tx.insertScan(row);
        throw failure;
      });
      await expect(failed).rejects.toBe(failure);
      expect(await inTx((tx) => tx.scanById(row.id))).toBeUndefined();
    });

    it('pages through scans newest first, each exactly once', async () => {
      const administration = fresh('administration');
      const rows = Array.from({ length: 25 }, (_, index) =>
        scanRow({ administration, receivedAt: `2026-03-04T05:06:0${index % 4}.000Z` }),
      );
      for (const row of rows) await inTx((tx) => tx.insertScan(row));
      const seen: ScanRow[] = [];
      let cursor: string | undefined;
      do {
        const page = await inTx((tx) => tx.scans({ administration, site: '*' }, {}, 7, cursor));
        seen.push(...page.rows);
        cursor = page.next;
      } while (cursor !== undefined);
      const newestFirst = [...rows].sort((a, b) =>
        a.receivedAt === b.receivedAt ? (a.id < b.id ? 1 : -1) : a.receivedAt < b.receivedAt ? 1 : -1,
      );
      expect(seen.map((row) => row.id)).toEqual(newestFirst.map((row) => row.id));
    });

    it('filters scans by state, container and time of receipt', async () => {
      const administration = fresh('administration');
      const one = scanRow({ administration, containers: ['A', 'B'], receivedAt: '2026-01-01T00:00:00.000Z' });
      const two = scanRow({ administration, state: 'failed', receivedAt: '2026-01-02T00:00:00.000Z' });
      await inTx(async (tx) => {
        await tx.insertScan(one);
        await tx.insertScan(two);
      });
      const ids = async (filter: Parameters<RecordsTx['scans']>[1]) =>
        (await inTx((tx) => tx.scans({ administration, site: 'north' }, filter, 10))).rows.map(
          (row) => row.id,
        );
      expect(await ids({ state: 'failed' })).toEqual([two.id]);
      expect(await ids({ container: 'B' })).toEqual([one.id]);
      expect(await ids({ receivedFrom: '2026-01-02T00:00:00Z' })).toEqual([two.id]);
      expect(await ids({ receivedTo: '2026-01-02T01:59:59+02:00' })).toEqual([one.id]);
    });

    it.each([
      '',
      'x',
      'bm9uc2Vuc2U',
      Buffer.from('[1,2,3]').toString('base64url'),
      Buffer.from('["a","b"]').toString('base64url'),
    ])('refuses %j as a cursor', async (cursor) => {
      const bad = { code: 'NII_BAD_REQUEST' };
      await expect(inTx((tx) => tx.scans(scope, {}, 5, cursor))).rejects.toMatchObject(bad);
      const queue = inTx((tx) => tx.queue(scope, { states: ['queued'] }, 5, cursor));
      await expect(queue).rejects.toMatchObject(bad);
      await expect(inTx((tx) => tx.changes(scope, 5, cursor))).rejects.toMatchObject(bad);
      await expect(
        inTx((tx) => tx.auditTrail({ administration: 'a', site: '*' }, 5, cursor)),
      ).rejects.toMatchObject(bad);
      await expect(
        inTx((tx) => tx.declarations({ administration: 'a', site: '*' }, 5, cursor)),
      ).rejects.toMatchObject(bad);
    });

    it('finds the newest scan of a group at exactly one site since a time', async () => {
      const groupKey = fresh('group');
      const old = scanRow({ groupKey, receivedAt: '2026-01-01T10:00:00.000Z' });
      const recent = scanRow({ groupKey, receivedAt: '2026-01-01T11:00:00.000Z' });
      const elsewhere = scanRow({ groupKey, site: 'south', receivedAt: '2026-01-01T12:00:00.000Z' });
      await inTx(async (tx) => {
        for (const row of [old, recent, elsewhere]) await tx.insertScan(row);
      });
      const since = (time: string) =>
        inTx((tx) => tx.scanByGroup(joining({ since: time }), 'fake', groupKey));
      expect((await since('2026-01-01T09:00:00Z'))?.id).toBe(recent.id);
      expect((await since('2026-01-01T11:00:00.000Z'))?.id).toBe(recent.id);
      expect(await since('2026-01-01T11:00:00.001Z')).toBeUndefined();
    });

    it('finds no scan of a group that was sent as one of another scanner', async () => {
      const groupKey = fresh('group');
      const rows = ['10', '11', '12'].map((hour) =>
        scanRow({ groupKey, receivedAt: `2026-01-01T${hour}:00:00.000Z` }),
      );
      const [east, west, unsaid] = rows as [ScanRow, ScanRow, ScanRow];
      await inTx(async (tx) => {
        for (const row of [east, west]) await tx.insertScan(row);
        await tx.insertRevision(revisionRow(east.id, { meta: { scanner: 'east' } }));
        await tx.insertRevision(revisionRow(west.id, { meta: { scanner: 'west' } }));
      });
      const found = async (scanner?: string) =>
        (await inTx((tx) => tx.scanByGroup(joining(defined({ scanner })), 'fake', groupKey)))?.id;
      expect([await found('east'), await found('west'), await found('south'), await found()]).toEqual([
        east.id,
        west.id,
        undefined,
        west.id,
      ]);
      await inTx(async (tx) => {
        await tx.insertScan(unsaid);
        await tx.insertRevision(revisionRow(unsaid.id, { meta: {} }));
      });
      expect(await found('south')).toBe(unsaid.id);
    });

    it('finds the newest scan whose newest revision has an index file that names a file', async () => {
      const administration = fresh('administration');
      const rows = ['10', '11', '12'].map((hour) =>
        scanRow({
          administration,
          revision: hour === '12' ? 2 : 1,
          receivedAt: `2026-01-01T${hour}:00:00.000Z`,
        }),
      );
      const named = (scanId: string, revision: number, names: Readonly<Record<string, string>>) => {
        const row = revisionRow(scanId, { revision });
        return { ...row, originals: row.originals.map((file) => ({ ...file, names })) };
      };
      const [old, recent, superseded] = rows as [ScanRow, ScanRow, ScanRow];
      await inTx(async (tx) => {
        for (const row of rows) await tx.insertScan(row);
        await tx.insertRevision(named(old.id, 1, { 'a.jpg': 'picture', "it's.jpg": 'snapshot' }));
        await tx.insertRevision(named(recent.id, 1, { 'a.jpg': 'snapshot' }));
        await tx.insertRevision(named(superseded.id, 1, { 'a.jpg': 'thumbnail' }));
        await tx.insertRevision(named(superseded.id, 2, {}));
      });
      const found = async (name: string, since = '2026-01-01T00:00:00Z', site = 'north') => {
        const naming = await inTx((tx) => tx.scanNaming(joining({ administration, site, since }), name));
        return naming && [naming.scan.id, naming.role];
      };
      expect(await found('a.jpg')).toEqual([recent.id, 'snapshot']);
      expect(await found("it's.jpg")).toEqual([old.id, 'snapshot']);
      expect(await found("it's.jpg", '2026-01-01T10:30:00Z')).toBeUndefined();
      expect(await found('a.jpg', '2026-01-01T00:00:00Z', 'south')).toBeUndefined();
      expect(await found('b.jpg')).toBeUndefined();
    });

    it('finds the scan that names a file past texts that JSON has and PostgreSQL has not, whoever sent them', async () => {
      const administration = fresh('administration');
      const stored = async (owner: string, name: string, meta: Record<string, string>) => {
        const row = scanRow({ administration: owner, receivedAt: '2026-01-01T10:00:00.000Z' });
        const originals = [
          { name, role: 'r', bytes: 3, sha256: 'ab', complete: true, key: 'k', names: { [name]: 'preview' } },
        ];
        await inTx(async (tx) => {
          await tx.insertScan(row);
          await tx.insertRevision(revisionRow(row.id, { originals, meta }));
        });
        return row.id;
      };
      await stored(fresh('administration'), 'a\u0000.jpg', { scanner: 'one\ud83d', lane: '3' });
      await stored(administration, 'b\ude00.jpg', { scanner: 'one', lane: '\u0000' });
      const wanted = await stored(administration, 'a.jpg', { scanner: 'one😀', lane: '\\u0000 \u0000' });
      const named = (scanner: string) =>
        inTx((tx) => tx.scanNaming(joining({ administration, scanner }), 'a.jpg'));
      expect((await named('one😀'))?.scan.id).toBe(wanted);
      expect(await named('two')).toBeUndefined();
    });

    it('finds scans by container within a time of when they were taken, or else received', async () => {
      const administration = fresh('administration');
      const taken = scanRow({ administration, containers: ['A'], acquiredAt: '2026-01-01T00:00:00Z' });
      const received = scanRow({
        administration,
        containers: ['B', 'C'],
        receivedAt: '2026-01-02T00:00:00Z',
      });
      await inTx(async (tx) => {
        await tx.insertScan(taken);
        await tx.insertScan(received);
      });
      const found = async (containers: string[], from: string, to: string) =>
        (await inTx((tx) => tx.scansByContainer(administration, containers, from, to))).map((row) => row.id);
      const january = ['2026-01-01T00:00:00Z', '2026-01-31T00:00:00Z'] as const;
      expect(await found(['A', 'C', 'X'], ...january)).toEqual([taken.id, received.id]);
      expect(await found(['A'], '2026-01-01T00:00:01Z', january[1])).toEqual([]);
      expect(await found([], ...january)).toEqual([]);
    });

    it('gives revisions back as they were put in, and replaces what an update may replace', async () => {
      const scan = scanRow();
      const first = revisionRow(scan.id);
      const second = revisionRow(scan.id, { revision: 2 });
      await inTx(async (tx) => {
        await tx.insertScan(scan);
        await tx.insertRevision(second);
        await tx.insertRevision(first);
      });
      expect(await inTx((tx) => tx.revisions(scan.id))).toEqual([first, second]);
      const problem = { code: 'NII_MALFORMED', title: 't', detail: 'd', offset: 7 } as const;
      const failed = {
        ...second,
        state: 'failed',
        problem,
        converter: { id: 'fake', version: '2' },
      } as const;
      await inTx((tx) => tx.updateRevision({ ...failed, uploader: 'somebody else' }));
      expect(await inTx((tx) => tx.revision(scan.id, 2))).toEqual(failed);
      expect(await inTx((tx) => tx.revision(scan.id, 3))).toBeUndefined();
      const again = inTx((tx) => tx.insertRevision(first));
      await expect(again).rejects.toMatchObject({ code: 'NII_CONFLICT' });
    });

    it('finds the same content at the same site only', async () => {
      const [here, there] = [scanRow(), scanRow({ site: 'south' })];
      const contentHash = fresh('hash');
      const revision = revisionRow(here.id, { contentHash });
      await inTx(async (tx) => {
        await tx.insertScan(here);
        await tx.insertScan(there);
        await tx.insertRevision(revision);
        await tx.insertRevision(revisionRow(there.id, { contentHash }));
      });
      const at = (site: string, sender = 'key-1') =>
        inTx((tx) => tx.revisionsByContent({ ...scope, site, sender }, contentHash));
      expect(await at('north')).toEqual([revision]);
      expect((await at('south')).map(({ scanId }) => scanId)).toEqual([there.id]);
      expect(await at('west')).toEqual([]);
      expect(await at('north', 'key-2')).toEqual([]);
      const again = scanRow({ receivedAt: '2031-01-01T00:00:00.000Z' });
      const newer = revisionRow(again.id, { contentHash });
      await inTx(async (tx) => {
        await tx.insertScan(again);
        await tx.insertRevision(newer);
      });
      expect(await at('north')).toEqual([newer, revision]);
    });

    it('replaces object rows with the same key, also within one call, and lists them in order of key', async () => {
      const under = fresh('objects');
      const keys = ['a/b', 'a-b', 'a.b', 'a0', 'a_b', 'ab'].map((key) => `${under}/${key}`);
      const scanId = fresh('scan');
      const rows = keys.map((key) => objectRow(key, { scanId, parentSha256: 'ef' }));
      const later = rows.map((row) => objectRow(row.key, { ...row, kind: 'map', model: 'm@1' }));
      await inTx((tx) => tx.putObjects([...rows, ...later]));
      const found = await inTx((tx) => tx.objectsOf(scanId));
      expect(found).toEqual([...later].sort(byKey));
      const plain = objectRow(keys[0] ?? '', { scanId, revision: 2 });
      await inTx((tx) => tx.putObjects([plain]));
      expect(await inTx((tx) => tx.object(plain.key))).toEqual(plain);
      expect(await inTx((tx) => tx.objectsOf(scanId, 2))).toEqual([plain]);
      expect(await inTx((tx) => tx.object('absent'))).toBeUndefined();
    });

    it('pages through thousands of objects in order of key', async () => {
      const rows = Array.from({ length: 2500 }, (_, index) => objectRow(`thousands/${index}`));
      await inTx((tx) => tx.putObjects(rows));
      const seen: string[] = [];
      for (let after = 'thousands/'; ; ) {
        const page = await inTx((tx) => tx.allObjects(after, 700));
        const inside = page.filter((row) => row.key.startsWith('thousands/'));
        seen.push(...inside.map((row) => row.key));
        after = inside.at(-1)?.key ?? '';
        if (inside.length < 700) break;
      }
      expect(seen).toEqual([...rows].sort(byKey).map((row) => row.key));
    });

    it('replaces what the same version of a model said, and keeps what others said', async () => {
      const scanId = fresh('scan');
      const analysis = (version: string, milliseconds: number) => ({
        model: { id: 'm', version, sha256: 'a'.repeat(64) },
        status: 'analysed' as const,
        units: [{ unitId: 'u1', score: 0.1 + 0.2, anomalyPercentile: 99.9 }],
        findings: [],
        milliseconds,
      });
      await inTx(async (tx) => {
        await tx.putAnalysis({ scanId, revision: 1, analysis: analysis('1', 5) });
        await tx.putAnalysis({ scanId, revision: 1, analysis: analysis('2', 6) });
        await tx.putAnalysis({ scanId, revision: 2, analysis: analysis('1', 7) });
        await tx.putAnalysis({ scanId, revision: 1, analysis: analysis('1', 8) });
      });
      const found = await inTx((tx) => tx.analyses(scanId));
      expect(found.map((row) => row.analysis)).toEqual([
        analysis('1', 8),
        analysis('2', 6),
        analysis('1', 7),
      ]);
      expect(await inTx((tx) => tx.analyses(scanId, 2))).toHaveLength(1);
    });

    it('finds declarations by what they declare now, and pages through them', async () => {
      const administration = fresh('administration');
      const declaration = (ref: string, containers: string[], version = 1) => ({
        administration,
        site: 'north',
        ref,
        body: { containers, grossMassKg: 12_345.678 },
        updatedAt: '2026-01-02T03:04:05.678Z',
        version,
        ...(version > 1 && { statedBy: ['a-person', 'a-key'] }),
      });
      await inTx(async (tx) => {
        await tx.putDeclaration(declaration('r1', ['A', 'B', 'A']));
        await tx.putDeclaration(declaration('r2', ['B']));
        await tx.putDeclaration(declaration('r3', []));
        await tx.putDeclaration(declaration('r1', ['C', 'B'], 2));
      });
      const by = async (...containers: string[]) =>
        (await inTx((tx) => tx.declarationsByContainer({ administration, site: 'north' }, containers))).map(
          (one) => one.ref,
        );
      expect(await by('A')).toEqual([]);
      expect(await by('B', 'C')).toEqual(['r1', 'r2']);
      expect(await by()).toEqual([]);
      expect(await inTx((tx) => tx.declaration({ administration, site: '*' }, 'r1'))).toEqual(
        declaration('r1', ['C', 'B'], 2),
      );
      const first = await inTx((tx) => tx.declarations({ administration, site: '*' }, 2));
      const rest = await inTx((tx) => tx.declarations({ administration, site: '*' }, 2, first.next));
      expect([...first.rows, ...rest.rows].map((one) => one.ref)).toEqual(['r1', 'r2', 'r3']);
      expect(rest.next).toBeUndefined();
      const naming = (container: string, cursor?: string) =>
        inTx((tx) => tx.declarations({ administration, site: '*' }, 1, cursor, container));
      const firstOfB = await naming('B');
      const restOfB = await naming('B', firstOfB.next);
      expect([...firstOfB.rows, ...restOfB.rows].map((one) => one.ref)).toEqual(['r1', 'r2']);
      expect(restOfB.next).toBeUndefined();
      expect(await naming('A')).toEqual({ rows: [] });
    });

    it('gives any JSON back with the same numbers, names, order and characters', async () => {
      await fc.assert(
        fc.asyncProperty(fc.jsonValue(), async (value) => {
          const [actor, key] = [fresh('actor'), 'k'];
          const answer = { requestSha256: 'ab', status: 202, body: value };
          await inTx((tx) => tx.putAnswer(actor, key, answer));
          const found = await inTx((tx) => tx.answered(actor, key));
          expect(JSON.stringify(found?.body)).toBe(JSON.stringify(value));
        }),
        { numRuns: runs(60), examples: [['\u0000\ud800'], [{ b: 1, a: [1e21, 1e-7, 0.1] }]] },
      );
    });

    it('keeps the first answer to an idempotency key', async () => {
      const answer = { requestSha256: 'ab', status: 202, body: { a: 1 } };
      const actor = fresh('actor');
      await inTx((tx) => tx.putAnswer(actor, 'k', answer));
      const second = inTx((tx) => tx.putAnswer(actor, 'k', { ...answer, status: 500 }));
      await expect(second).rejects.toMatchObject({ code: 'NII_CONFLICT' });
      expect(await inTx((tx) => tx.answered(actor, 'k'))).toEqual(answer);
      expect(await inTx((tx) => tx.answered(actor, 'other'))).toBeUndefined();
      await inTx((tx) => tx.forgetAnswers(3600));
      expect(await inTx((tx) => tx.answered(actor, 'k'))).toEqual(answer);
      expect(await inTx((tx) => tx.forgetAnswers(0))).toBeGreaterThan(0);
      expect(await inTx((tx) => tx.answered(actor, 'k'))).toBeUndefined();
    });

    it('keeps keys, replaces them, and lists them by administration', async () => {
      const administration = fresh('administration');
      const key = {
        keyId: fresh('key'),
        roles: ['analyst'] as const,
        administration,
        site: '*',
        name: 'Анна',
        secretSha256: 'ab',
        createdAt: '2026-01-02T03:04:05.678Z',
      };
      await inTx((tx) => tx.putKey(key));
      expect(await inTx((tx) => tx.key(key.keyId))).toEqual(key);
      const revoked = { ...key, revokedAt: '2026-01-03T03:04:05.678Z' };
      await inTx((tx) => tx.putKey(revoked));
      expect(await inTx((tx) => tx.keys(administration))).toEqual([revoked]);
      expect((await inTx((tx) => tx.keys())).map((one) => one.keyId)).toContain(key.keyId);
      expect(await inTx((tx) => tx.key('absent'))).toBeUndefined();
    });

    it('refuses a text that cannot be stored as the sender’s mistake', async () => {
      const row = scanRow({ groupKey: 'nul\u0000' });
      await expect(inTx((tx) => tx.insertScan(row))).rejects.toMatchObject({ code: 'NII_BAD_REQUEST' });
    });

    it('is ready', async () => {
      await records.ready();
    });

    it('removes everything but keys and the audit when it is cleared', async () => {
      const scan = scanRow();
      const key = {
        keyId: fresh('key'),
        roles: ['lane'] as const,
        ...scope,
        name: 'n',
        secretSha256: 'a',
        createdAt: 'c',
      };
      await inTx(async (tx) => {
        await tx.insertScan(scan);
        await tx.insertRevision(revisionRow(scan.id));
        await tx.saveCase(caseOf({ scanId: scan.id }));
        await tx.appendChange({ ...scope, kind: 'scan.received', subject: scan.id });
        await tx.audit({
          actor: { ...scope, keyId: key.keyId, role: 'lane' },
          action: 'view scan',
          subject: scan.id,
          detail: {},
        });
        await tx.putKey(key);
        await tx.enqueue(jobOf());
      });
      const { cursor } = await inTx((tx) => tx.changes(scope, 1000));
      await records.clear();
      await inTx(async (tx) => {
        expect((await tx.scans(anySite, {}, 10)).rows).toEqual([]);
        expect(await tx.revisions(scan.id)).toEqual([]);
        expect(await tx.casesOfScan(scan.id)).toEqual([]);
        expect(await tx.waitingJobs()).toBe(0);
        expect((await tx.changes(anySite, 10)).rows).toEqual([]);
        expect(await tx.key(key.keyId)).toEqual(key);
        const trail = await tx.auditTrail({ administration: scope.administration, site: '*' }, 1000);
        expect(trail.rows.some((row) => row.subject === scan.id)).toBe(true);
      });
      await expect(inTx((tx) => tx.changes(scope, 10, cursor))).rejects.toMatchObject({
        code: 'NII_CURSOR_EXPIRED',
      });
    });
  });
}

function byKey(a: { readonly key: string }, b: { readonly key: string }): number {
  return a.key < b.key ? -1 : 1;
}
