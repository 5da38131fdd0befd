import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StoredAnnotation } from '../../../../src/core/case/annotation.ts';
import type { LanePassage } from '../../../../src/core/case/lane-passage.ts';
import type { StoredPhotograph } from '../../../../src/core/case/photograph.ts';
import type { Page } from '../../../../src/core/page.ts';
import type { Records, RecordsTx } from '../../../../src/core/ports/records.ts';
import type { StoredVehicleHold } from '../../../../src/core/rules/vehicle-hold.ts';
import {
  annotationDocument,
  passageDocument,
  photographDocument,
  vehicleHoldDocument,
  vehicleHoldPath,
} from '../../../../src/stored/document-kinds.ts';
import { caseOf, event, fresh, scanRow } from '../sample-records.ts';

/** Work lists: of searches, of releases while something was open, of scans that are no analysts' case, and of passages. */
export function listsContract(name: string, open: () => Promise<Records>): void {
  describe(`the contract of work lists on ${name}`, () => {
    let records: Records;
    beforeAll(async () => {
      records = await open();
    });
    afterAll(() => records?.close());
    const inTx = <T>(work: (tx: RecordsTx) => Promise<T>): Promise<T> => records.transaction(work);

    /** Every page of so many rows, as one. */
    async function all<Row>(
      limit: number,
      read: (tx: RecordsTx, limit: number, cursor?: string) => Promise<Page<Row>>,
    ): Promise<readonly Row[]> {
      const found: Row[] = [];
      let cursor: string | undefined;
      do {
        const page: Page<Row> = await inTx((tx) => read(tx, limit, cursor));
        expect(page.rows.length).toBeLessThanOrEqual(limit);
        found.push(...page.rows);
        cursor = page.next;
      } while (cursor !== undefined);
      return found;
    }

    const at = (minute: number) => `2026-03-04T05:${String(minute).padStart(2, '0')}:00.000Z`;

    it('gives the cases in search from the one that was referred first, those of its site alone', async () => {
      const administration = fresh('administration');
      const sent = (minute: number, changes = {}) =>
        caseOf({
          administration,
          state: 'search',
          history: [event(1), event(2, { kind: 'referred', at: at(minute) })],
          ...changes,
        });
      const cases = [sent(7), sent(3), sent(5), sent(3)];
      const elsewhere = sent(1, { site: 'south' });
      const ended = sent(2, { state: 'closed' });
      for (const one of [...cases, elsewhere, ended, caseOf({ administration })])
        await inTx((tx) => tx.saveCase(one));
      const inOrder = [cases[1], cases[3], cases[2], cases[0]].map((one) => one?.id);
      for (const limit of [1, 2, 10]) {
        const own = await all(limit, (tx, ...page) =>
          tx.searches({ administration, site: 'north' }, ...page),
        );
        expect(own.map(({ id }) => id)).toEqual(inOrder);
      }
      const any = await all(3, (tx, ...page) => tx.searches({ administration, site: '*' }, ...page));
      expect(any.map(({ id }) => id)).toEqual([elsewhere.id, ...inOrder]);
    });

    it('gives a release while something was open until it is reviewed, and counts it', async () => {
      const administration = fresh('administration');
      const scope = { administration, site: 'north' };
      const before = (await inTx((tx) => tx.backlog())).releasesWhileOpen;
      const plain = caseOf({ administration });
      const released = { ...plain, releasedWhileOpen: { at: at(4), open: [{ code: 'undecided' as const }] } };
      await inTx((tx) => tx.saveCase(released));
      expect((await inTx((tx) => tx.releasesWhileOpen(scope, 9))).rows).toEqual([released]);
      expect((await inTx((tx) => tx.backlog())).releasesWhileOpen).toBe(before + 1);
      expect((await inTx((tx) => tx.releasesWhileOpen({ ...scope, site: 'south' }, 9))).rows).toEqual([]);
      await inTx((tx) => tx.saveCase(plain));
      expect((await inTx((tx) => tx.releasesWhileOpen(scope, 9))).rows).toEqual([]);
      expect((await inTx((tx) => tx.backlog())).releasesWhileOpen).toBe(before);
    });

    it('gives the scans that are no case, newest first, with those that failed, each once', async () => {
      const administration = fresh('administration');
      const own = (minute: number, changes = {}) =>
        scanRow({ administration, receivedAt: at(minute), state: 'analysed', ...changes });
      const listed = own(5);
      const failedLater = own(6, { state: 'failed' });
      const failed = own(7, { state: 'failed' });
      const elsewhere = own(8, { site: 'south' });
      const gone = own(9);
      for (const scan of [listed, failedLater, failed, elsewhere, gone, own(4)])
        await inTx((tx) => tx.insertScan(scan));
      for (const scan of [listed, failedLater, elsewhere, gone])
        await inTx((tx) => tx.putNotAnalysed(scan, 'report-alone'));
      await inTx((tx) => tx.putNotAnalysed(listed, 'no-image'));
      await inTx((tx) => tx.removeNotAnalysed(gone.id));
      const expected = [
        { scanId: failed.id, reason: 'failed' },
        { scanId: failedLater.id, reason: 'failed' },
        { scanId: listed.id, reason: 'no-image' },
      ];
      for (const limit of [1, 2, 10]) {
        const scope = { administration, site: 'north' };
        expect(await all(limit, (tx, ...page) => tx.notAnalysed(scope, ...page))).toEqual(expected);
      }
      const any = await all(2, (tx, ...page) => tx.notAnalysed({ administration, site: '*' }, ...page));
      expect(any.map(({ scanId }) => scanId)).toEqual([
        elsewhere.id,
        ...expected.map(({ scanId }) => scanId),
      ]);
    });

    it('gives the annotations of a case in the order in which they were made, each in its newest version', async () => {
      const caseId = fresh('case');
      const drawn = (
        id: string,
        minute: number,
        changes: Partial<StoredAnnotation> = {},
      ): StoredAnnotation => ({
        id,
        caseId,
        administration: 'utopia',
        site: 'north',
        shape: 'point',
        view: 'main',
        points: [{ x: 1, y: 2 }],
        revision: 1,
        version: 1,
        opening: 0,
        madeBy: 'p',
        madeAt: `2026-03-01T08:0${minute}:00.000Z`,
        changedAt: `2026-03-01T08:0${minute}:00.000Z`,
        ...changes,
      });
      const [late, early] = [drawn('a', 5), drawn('b', 1)];
      const elsewhere = drawn('a', 3, { caseId: fresh('case') });
      await inTx(async (tx) => {
        for (const one of [late, early, elsewhere]) await tx.putDocuments(annotationDocument, [one]);
      });
      expect(await inTx((tx) => tx.documentsAbout(annotationDocument, caseId))).toEqual([early, late]);
      const removed = drawn('b', 1, { version: 2, removed: { by: 'p', at: late.madeAt } });
      await inTx((tx) => tx.putDocuments(annotationDocument, [removed]));
      expect(await inTx((tx) => tx.documentsAbout(annotationDocument, caseId))).toEqual([removed, late]);
      expect(await inTx((tx) => tx.documentsAbout(annotationDocument, elsewhere.caseId))).toEqual([
        elsewhere,
      ]);
    });

    it('gives the cases that somebody decided, by the last time, the newest first, and nobody else’s', async () => {
      const administration = fresh('administration');
      const read = async (readings: readonly (readonly [person: string, minute: number])[], changes = {}) => {
        const value = caseOf({ administration, ...changes });
        const { id: caseId, scanId, site } = value;
        const place = { caseId, scanId, administration, site, arrivedAt: at(0), dueAt: at(0) };
        const said = { verdict: 'normal', isSettlement: false } as const;
        const rows = readings.map(([person, minute], i) => ({ seq: i + 1, at: at(minute), person, ...said }));
        await inTx(async (tx) => {
          await tx.saveCase(value);
          await tx.saveMeasured({ value: place, readings: rows });
        });
        return caseId;
      };
      const ids = [
        await read([['p', 1]]),
        await read([
          ['p', 2],
          ['q', 3],
          ['p2', 9],
        ]),
        await read([['p', 5]], { site: 'south' }),
        await read([['p', 5]]),
      ];
      await read([['q', 4]]);
      const north = { administration, site: 'north' };
      for (const limit of [1, 2, 10]) {
        const own = await all(limit, (tx, ...page) => tx.decidedBy(north, ['p', 'p2'], ...page));
        expect(own.map(({ id }) => id)).toEqual([ids[1], ids[3], ids[0]]);
      }
      const any = await all(2, (tx, ...page) => tx.decidedBy({ administration, site: '*' }, ['p'], ...page));
      expect(new Set(any.map(({ id }) => id))).toEqual(new Set(ids));
      expect(await all(2, (tx, ...page) => tx.decidedBy(north, [], ...page))).toEqual([]);
    });

    it('gives the photographs of a case in the order in which they were added, each in its newest version', async () => {
      const caseId = fresh('case');
      const taken = (
        id: string,
        minute: number,
        changes: Partial<StoredPhotograph> = {},
      ): StoredPhotograph => ({
        id: id.repeat(64),
        caseId,
        administration: 'utopia',
        site: 'north',
        type: 'image/jpeg',
        bytes: 9,
        rows: 2,
        columns: 3,
        version: 1,
        shownSha256: 'f'.repeat(64),
        addedBy: 'p',
        addedAt: `2026-03-01T08:0${minute}:00.000Z`,
        ...changes,
      });
      const [late, early] = [taken('a', 5), taken('b', 1)];
      const elsewhere = taken('a', 3, { caseId: fresh('case') });
      await inTx(async (tx) => {
        for (const one of [late, early, elsewhere]) await tx.putDocuments(photographDocument, [one]);
      });
      expect(await inTx((tx) => tx.documentsAbout(photographDocument, caseId))).toEqual([early, late]);
      const again = taken('b', 7, { version: 3 });
      await inTx((tx) => tx.putDocuments(photographDocument, [again]));
      expect(await inTx((tx) => tx.documentsAbout(photographDocument, caseId))).toEqual([late, again]);
      expect(await inTx((tx) => tx.documentsAbout(photographDocument, elsewhere.caseId))).toEqual([
        elsewhere,
      ]);
    });

    it('gives of several documents at once what is in force of each, as of each alone', async () => {
      const administration = fresh('administration');
      const version = (
        site: string,
        number: number,
        state: StoredVehicleHold['state'],
      ): StoredVehicleHold => ({
        ...{ administration, site, mark: { kind: 'container', value: 'MSKU1234565' } },
        ...{ version: number, at: at(number), by: 'person', state },
        terms: { isHeld: true, reason: `version ${number}` },
      });
      const changed = [version('north', 1, 'in-force'), version('north', 2, 'in-force')];
      const proposed = [version('south', 1, 'in-force'), version('south', 2, 'proposed')];
      const never = [version('east', 1, 'proposed')];
      await inTx((tx) => tx.putDocuments(vehicleHoldDocument, [...changed, ...proposed, ...never]));
      const paths = [...changed, ...proposed, ...never, version('west', 1, 'in-force')].map(vehicleHoldPath);
      const found = await inTx((tx) => tx.documentsInForceAt(vehicleHoldDocument, paths));
      expect(found).toEqual([changed[1], proposed[0]]);
      for (const one of found)
        expect(one).toEqual(
          await inTx((tx) => tx.documentInForce(vehicleHoldDocument, vehicleHoldPath(one))),
        );
      expect(await inTx((tx) => tx.documentsInForceAt(vehicleHoldDocument, []))).toEqual([]);
    });

    it('gives the passages of a state in order of their time, and counts those that are open', async () => {
      const administration = fresh('administration');
      const passed = (minute: number, changes: Partial<LanePassage> = {}): LanePassage => ({
        id: fresh('passage'),
        administration,
        site: 'north',
        sender: 'lane-key',
        state: 'open',
        reason: 'none',
        report: { id: 'x', at: at(minute) },
        reported: { at: at(30), by: 'lane-key' },
        ...changes,
      });
      const path = (id: string) => [administration, id] as const;
      const before = (await inTx((tx) => tx.backlog())).passagesWithoutInstruction;
      const [late, early] = [passed(7), passed(3)];
      const elsewhere = passed(1, { site: 'south' });
      const valid = passed(2, { state: 'valid' });
      await inTx((tx) => tx.putDocuments(passageDocument, [late, early, elsewhere, valid]));
      await inTx((tx) => tx.putDocuments(passageDocument, []));
      const north = { administration, site: 'north' };
      for (const limit of [1, 2, 10])
        expect(
          await all(limit, (tx, ...page) =>
            tx.listDocuments(passageDocument, north, { state: 'open' }, ...page),
          ),
        ).toEqual([early, late]);
      const any = { administration, site: '*' };
      const open = await all(2, (tx, ...page) =>
        tx.listDocuments(passageDocument, any, { state: 'open' }, ...page),
      );
      expect(open).toEqual([elsewhere, early, late]);
      const south = { state: 'open', site: 'south' } as const;
      expect((await inTx((tx) => tx.listDocuments(passageDocument, any, south, 9))).rows).toEqual([
        elsewhere,
      ]);
      expect((await inTx((tx) => tx.listDocuments(passageDocument, north, south, 9))).rows).toEqual([]);
      expect((await inTx((tx) => tx.backlog())).passagesWithoutInstruction).toBe(before + 3);
      const kept = await inTx((tx) =>
        tx.lockDocuments(passageDocument, [valid.id, late.id, 'not-here'].map(path)),
      );
      expect(new Set(kept)).toEqual(new Set([valid, late]));
      expect(await inTx((tx) => tx.lockDocuments(passageDocument, []))).toEqual([]);

      const settled: LanePassage = {
        ...late,
        state: 'settled',
        settled: { at: at(40), by: 'person', outcome: 'accepted', why: 'x' },
      };
      await inTx((tx) => tx.putDocuments(passageDocument, [settled]));
      expect(await inTx((tx) => tx.lockDocuments(passageDocument, [path(late.id)]))).toEqual([settled]);
      expect(await inTx((tx) => tx.lockDocuments(passageDocument, [['x', late.id]]))).toEqual([]);
      expect(
        (await inTx((tx) => tx.listDocuments(passageDocument, north, { state: 'settled' }, 9))).rows,
      ).toEqual([settled]);
      expect((await inTx((tx) => tx.backlog())).passagesWithoutInstruction).toBe(before + 2);
    });

    it('finds the passages of a place by scan, container and visit, the newest first, and counts those with a fact', async () => {
      const administration = fresh('administration');
      const place = { administration, site: 'north' };
      const scanId = fresh('scan');
      const passed = (minute: number, report: object, changes: Partial<LanePassage> = {}): LanePassage => ({
        ...{ id: fresh('passage'), ...place, sender: 'lane-key', state: 'valid' },
        report: { id: 'x', at: at(minute), ...report },
        reported: { at: at(30), by: 'lane-key' },
        ...changes,
      });
      const proceed = { instruction: 'proceed', issuedAt: at(0), expiresAt: at(9) } as const;
      const byScan = passed(3, { instruction: { scanId, ...proceed } });
      const byBox = passed(5, { containers: ['msku 123456-5', '.'], visit: 'V 1' });
      const both = passed(4, { scanId, containers: ['MSKU1234565'] });
      const elsewhere = passed(4, { scanId }, { site: 'south' });
      const before = (await inTx((tx) => tx.backlog())).vehiclesLeftWithFact;
      await inTx((tx) => tx.putDocuments(passageDocument, [byScan, byBox, both, elsewhere]));
      const found = (marks: readonly string[], from = at(0), limit = 9) =>
        inTx((tx) => tx.documentsMarked(passageDocument, place, marks, from, limit));
      expect(await found([`scan:${scanId}`])).toEqual([both, byScan]);
      expect(await found([`scan:${scanId}`, 'container:MSKU1234565'])).toEqual([byBox, both, byScan]);
      expect(await found([`scan:${scanId}`, 'visit:V1'], at(4))).toEqual([byBox, both]);
      expect(await found([`scan:${scanId}`], at(0), 1)).toEqual([both]);
      expect(await found(['visit:V 1'])).toEqual([]);
      expect(await found([])).toEqual([]);
      const fact = { code: 'suspect', text: 'the image is suspect', since: at(8), scanId } as const;
      const noted: LanePassage = {
        ...byScan,
        ...{ version: 2, state: 'open', reason: 'left-with-fact', since: at(8), facts: [fact] },
      };
      await inTx((tx) => tx.putDocuments(passageDocument, [noted]));
      expect(await found([`scan:${scanId}`])).toEqual([both, noted]);
      expect((await inTx((tx) => tx.backlog())).vehiclesLeftWithFact).toBe(before + 1);
    });

    it('reject a cursor that is none of theirs', async () => {
      const scope = { administration: 'ZZ-customs', site: 'north' };
      const wrong = { code: 'NII_BAD_REQUEST' };
      await expect(inTx((tx) => tx.searches(scope, 5, 'x'))).rejects.toMatchObject(wrong);
      await expect(inTx((tx) => tx.releasesWhileOpen(scope, 5, 'x'))).rejects.toMatchObject(wrong);
      await expect(inTx((tx) => tx.notAnalysed(scope, 5, 'x'))).rejects.toMatchObject(wrong);
      const passages = inTx((tx) => tx.listDocuments(passageDocument, scope, { state: 'open' }, 5, 'x'));
      await expect(passages).rejects.toMatchObject(wrong);
    });
  });
}
