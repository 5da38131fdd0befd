import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Records, RecordsTx } from '../../../../src/core/ports/records.ts';
import type { Hold, RadiationLink } from '../../../../src/core/radiation/hold.ts';
import { channelOf, scanOf } from '../../scan.ts';
import { fresh, revisionRow, scanRow, scope } from '../sample-records.ts';

function linkOf(scanId: string, changes: Partial<RadiationLink> = {}): RadiationLink {
  return {
    scanId,
    recordId: 'occupancy-1',
    revision: 1,
    from: '2026-03-04T05:06:00.000Z',
    to: '2026-03-04T05:06:10.000Z',
    timeFrom: 'file',
    containers: [],
    alarms: ['gamma'],
    join: { kind: 'none', why: 'no scan' },
    ...changes,
  };
}

function joinedTo(scanId: string): RadiationLink['join'] {
  return { kind: 'joined', scanId, by: 'time', secondsApart: 3, timeFrom: 'file' };
}

export function holdOf(changes: Partial<Hold> = {}): Hold {
  return {
    id: fresh('hold'),
    ...scope,
    scanId: fresh('portal'),
    recordId: 'occupancy-1',
    revision: 1,
    state: 'open',
    openedAt: '2026-03-04T05:06:07.089Z',
    containers: [],
    alarms: [{ category: 'gamma' }],
    join: { kind: 'none', why: 'no scan' },
    history: [{ seq: 1, at: '2026-03-04T05:06:07.089Z', actor: 'system', kind: 'opened', detail: {} }],
    ...changes,
  };
}

/** Occupancies, holds, and the scans that occupancies are joined with. */
export function radiationContract(name: string, open: () => Promise<Records>): void {
  describe(`the contract of radiation on ${name}`, () => {
    let records: Records;
    beforeAll(async () => {
      records = await open();
    });
    afterAll(async () => {
      await records?.close();
    });
    const inTx = <T>(work: (tx: RecordsTx) => Promise<T>): Promise<T> => records.transaction(work);
    const save = (value: Hold): Promise<void> => inTx((tx) => tx.saveHold(value));

    it('replaces all occupancies of a scan, and gives them back in order as they were put in', async () => {
      const scanId = fresh('portal');
      const links = [linkOf(scanId, { recordId: 'b', lane: '3' }), linkOf(scanId, { recordId: 'a' })];
      await inTx((tx) => tx.putRadiation(scope, scanId, [...links, linkOf(scanId, { recordId: 'c' })]));
      await inTx((tx) => tx.putRadiation(scope, scanId, links));
      expect(await inTx((tx) => tx.radiationOf(scanId))).toEqual([links[1], links[0]]);
    });

    it('finds occupancies that touch a time at one site, and those that name a container', async () => {
      const site = fresh('site');
      const here = { ...scope, site };
      const named = linkOf(fresh('portal'), { containers: ['CSQU3054383'] });
      const timeless = { ...linkOf(fresh('portal')), timeFrom: 'receipt' as const };
      const { from, to, ...without } = timeless;
      for (const link of [named, without]) await inTx((tx) => tx.putRadiation(here, link.scanId, [link]));
      const near = (first: string, last: string, containers?: readonly string[]) =>
        inTx((tx) => tx.radiationNear(here, `2026-03-04T05:${first}Z`, `2026-03-04T05:${last}Z`, containers));
      expect(await near('06:10', '07:00')).toEqual([named]);
      expect(await near('05:00', '06:00', ['CSQU3054383', 'X'])).toEqual([named]);
      expect(await near('05:00', '06:00', ['X'])).toEqual([]);
      expect(await near('06:10.001', '07:00')).toEqual([]);
      const elsewhere = { ...scope, site: fresh('site') };
      expect(
        await inTx((tx) => tx.radiationNear(elsewhere, '2026-03-04T00:00:00Z', '2026-03-05T00:00:00Z')),
      ).toEqual([]);
    });

    it('finds earlier ones that still touch a time, however long they last', async () => {
      const site = fresh('site');
      const long = linkOf(fresh('portal'), {
        from: '2026-03-04T01:00:00.000Z',
        to: '2026-03-04T09:00:00.000Z',
      });
      const backward = linkOf(fresh('portal'), {
        from: '2026-03-04T05:00:00.000Z',
        to: '2026-03-04T04:00:00.000Z',
      });
      for (const link of [long, backward])
        await inTx((tx) => tx.putRadiation({ ...scope, site }, link.scanId, [link]));
      const near = (first: string, last: string) =>
        inTx((tx) => tx.radiationNear({ ...scope, site }, `2026-03-04T${first}Z`, `2026-03-04T${last}Z`));
      expect(await near('08:00:00', '08:30:00')).toEqual([long]);
      expect(await near('09:00:01', '09:30:00')).toEqual([]);
    });

    it('keeps of what was said of each occupancy what tells whether it has changed', async () => {
      const scanId = fresh('portal');
      const links = [linkOf(scanId, { recordId: 'a' }), linkOf(scanId, { recordId: 'b' })];
      await inTx((tx) => tx.putRadiation(scope, scanId, links, new Map([['a', 'said']])));
      expect(await inTx((tx) => tx.radiationContents(scanId))).toEqual(new Map([['a', 'said']]));
      expect(await inTx((tx) => tx.radiationOf(scanId))).toEqual(links);
    });

    it('finds the hold of an occupancy from every record that tells of it', async () => {
      const value = holdOf();
      await save(value);
      const [record, other] = [fresh('portal'), fresh('portal')];
      const link = linkOf(record, { holdId: value.id });
      await inTx((tx) => tx.putRadiation(scope, record, [link, linkOf(record, { recordId: 'b' })]));
      await inTx((tx) => tx.putRadiation(scope, other, [linkOf(other)]));
      expect(await inTx((tx) => tx.scansOfHold(value.id))).toEqual([record]);
      expect(await inTx((tx) => tx.holdsOn(record))).toEqual([value]);
      expect(await inTx((tx) => tx.holdsOn(other))).toEqual([]);
    });

    it('finds the holds of an occupancy at one site, the first first, and those of equal content, the newest first', async () => {
      const site = fresh('site');
      const [key, content] = [fresh('key'), fresh('content')];
      const identity = { key, content, ended: true };
      const [early, late] = [
        holdOf({ site, identity, openedAt: '2026-03-04T01:00:00.000Z' }),
        holdOf({ site, identity, openedAt: '2026-03-04T02:00:00.000Z' }),
      ];
      for (const one of [late, early, holdOf({ identity }), holdOf({ site })]) await save(one);
      const here = { ...scope, site };
      expect(await inTx((tx) => tx.holdsOfOccupancy(here, key))).toEqual([early, late]);
      expect(await inTx((tx) => tx.holdsOfContent(here, content))).toEqual([late, early]);
    });

    it('stores the occupancy of an older hold, also when the hold changes', async () => {
      const site = fresh('site');
      const here = { ...scope, site };
      const [value, key] = [holdOf({ site }), fresh('key')];
      await save(value);
      await inTx((tx) => tx.noteOccupancy(value.id, key));
      expect(await inTx((tx) => tx.holdsOfOccupancy(here, key))).toEqual([value]);
      const [opened] = value.history;
      const moved: Hold = { ...value, history: [...value.history, { ...opened!, seq: 2, kind: 'joined' }] };
      await save(moved);
      expect(await inTx((tx) => tx.holdsOfOccupancy(here, key))).toEqual([moved]);
    });

    it('finds the occupancies that are, or may be, of a scan', async () => {
      const [scan, other] = [fresh('scan'), fresh('scan')];
      const sure = linkOf(fresh('portal'), { join: joinedTo(scan) });
      const unsure = linkOf(fresh('portal'), { join: { kind: 'ambiguous', scanIds: [other, scan] } });
      for (const link of [sure, unsure]) await inTx((tx) => tx.putRadiation(scope, link.scanId, [link]));
      expect(await inTx((tx) => tx.radiationFor(scan))).toEqual([sure, unsure]);
      expect(await inTx((tx) => tx.radiationFor(other))).toEqual([unsure]);
    });

    it('gives a hold back exactly as it was saved, to its own site and administration only', async () => {
      const value = holdOf({
        occupancy: 7,
        join: joinedTo('s'),
        outcome: { kind: 'released', note: '\u0000' },
      });
      await save(value);
      expect(JSON.stringify(await inTx((tx) => tx.hold(scope, value.id)))).toBe(JSON.stringify(value));
      expect(await inTx((tx) => tx.lockHold({ ...scope, site: '*' }, value.id))).toEqual(value);
      expect(await inTx((tx) => tx.hold({ ...scope, site: 'south' }, value.id))).toBeUndefined();
      expect(await inTx((tx) => tx.hold({ ...scope, administration: 'other' }, value.id))).toBeUndefined();
    });

    it('saves a history that goes on from the stored one, and lets one of many make the next move', async () => {
      const base = holdOf();
      await save(base);
      const moves = Array.from({ length: 8 }, (_, i) => ({
        ...base,
        history: [
          ...base.history,
          { seq: 2, at: base.openedAt, actor: `officer-${i}`, kind: 'adjudicated' as const, detail: {} },
        ],
      }));
      const outcomes = await Promise.allSettled(moves.map(save));
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      await expect(save(base)).rejects.toMatchObject({ code: 'NII_CONFLICT' });
    });

    it('lists holds oldest first by state and site, each exactly once', async () => {
      const administration = fresh('administration');
      const hold = (second: number, changes: Partial<Hold> = {}) =>
        holdOf({ administration, openedAt: `2026-03-04T05:06:0${second}.000Z`, ...changes });
      const [c, a, b] = [hold(3), hold(1), hold(2, { site: 'south', state: 'confirmed' })];
      for (const one of [c, a, b, hold(0, { state: 'innocent' })]) await save(one);
      const everywhere = { administration, site: '*' };
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await inTx((tx) => tx.holds(everywhere, { states: ['open', 'confirmed'] }, 1, cursor));
        seen.push(...page.rows.map(({ id }) => id));
        cursor = page.next;
      } while (cursor !== undefined);
      expect(seen).toEqual([a.id, b.id, c.id]);
      const ids = async (site: string, wanted?: string) => {
        const filter = {
          states: ['open', 'confirmed'] as const,
          ...(wanted === undefined ? {} : { site: wanted }),
        };
        return (await inTx((tx) => tx.holds({ administration, site }, filter, 9))).rows.map(({ id }) => id);
      };
      expect(await ids('*', 'south')).toEqual([b.id]);
      expect(await ids('north', 'south')).toEqual([]);
      expect((await inTx((tx) => tx.holds(everywhere, { states: [] }, 9))).rows).toEqual([]);
    });

    it('finds the holds that bear on a scan, as record, joined or perhaps', async () => {
      const scan = fresh('scan');
      const own = holdOf({ scanId: scan });
      const joined = holdOf({ join: joinedTo(scan) });
      const perhaps = holdOf({ join: { kind: 'ambiguous', scanIds: ['x', scan] } });
      for (const one of [own, joined, perhaps, holdOf()]) await save(one);
      const found = await inTx((tx) => tx.holdsOn(scan));
      expect(found).toHaveLength(3);
      expect(found.map(({ id }) => id)).toEqual(expect.arrayContaining([own.id, joined.id, perhaps.id]));
    });

    it('names each open hold that is past due until it was escalated, of before by when it was opened', async () => {
      const openedAt = '2001-02-01T00:00:00.000Z';
      const hold = (changes: Partial<Hold> = {}) => holdOf({ openedAt, ...changes });
      const late = hold({ dueAt: '2001-02-01T00:10:00.000Z' });
      const ofBefore = hold();
      const others = [
        hold({ dueAt: '2001-02-01T00:45:00.001Z' }),
        hold({ escalatedAt: '2001-02-01T00:31:00.000Z' }),
        hold({ state: 'confirmed' }),
        hold({ state: 'innocent' }),
        holdOf({ openedAt: '2001-02-01T00:15:00.001Z' }),
      ];
      for (const one of [ofBefore, late, ...others]) await save(one);
      const past = async () =>
        (await inTx((tx) => tx.holdsPastDue('2001-02-01T00:45:00.001Z', 10))).map(({ id }) => id);
      expect(await past()).toEqual([late.id, ofBefore.id]);
      for (const one of [late, ofBefore]) {
        const [opened] = one.history;
        const history: Hold['history'] = [...one.history, { ...opened!, seq: 2, kind: 'escalated' }];
        await save({ ...one, escalatedAt: '2001-02-01T00:46:00.000Z', history });
      }
      expect(await past()).toEqual([]);
    });

    it('lists those that escalated alone, where that is asked for', async () => {
      const administration = fresh('administration');
      const escalated = holdOf({ administration, escalatedAt: '2026-03-04T05:40:00.000Z' });
      for (const one of [escalated, holdOf({ administration })]) await save(one);
      const filter = { states: ['open'] as const, escalated: true };
      const { rows } = await inTx((tx) => tx.holds({ administration, site: '*' }, filter, 9));
      expect(rows).toEqual([escalated]);
    });

    it('counts alarms that hold all scans near them, those that are overdue, and how many scans were held', async () => {
      const counts = async () => {
        const { unjoinedAlarms, overdueAlarms, vehiclesHeld } = await inTx((tx) => tx.backlog());
        const held = vehiclesHeld.find(({ value }) => value === 7_001)?.count ?? 0;
        return [unjoinedAlarms, overdueAlarms, held];
      };
      const before = await counts();
      const escalatedAt = '2026-03-04T05:40:00.000Z';
      const join = {
        kind: 'joined',
        scanId: 's',
        by: 'container',
        secondsApart: 1,
        timeFrom: 'file',
      } as const;
      const [opened] = holdOf().history;
      const stopped: Hold['history'] = [2, 3].map((seq) => ({
        ...opened!,
        seq,
        kind: 'adjudicated',
        detail: { vehiclesHeld: 7_001 },
      }));
      const values = [
        holdOf({ escalatedAt }),
        holdOf({ escalatedAt, join }),
        holdOf({ escalatedAt, state: 'confirmed' }),
        holdOf({ escalatedAt, state: 'duplicate' }),
        holdOf({ state: 'innocent', history: [opened!, ...stopped] }),
      ];
      for (const one of values) await save(one);
      const after = await counts();
      expect(after.map((count, i) => count - before[i]!)).toEqual([2, 2, 2]);
    });

    it('finds the scans of one site by the time that they were taken, or else received', async () => {
      const site = fresh('site');
      const taken = scanRow({ site, acquiredAt: '2026-03-04T01:00:00.000Z' });
      const received = scanRow({ site, receivedAt: '2026-03-04T01:00:05.000Z' });
      for (const row of [taken, received, scanRow({ acquiredAt: '2026-03-04T01:00:00.000Z' })]) {
        await inTx((tx) => tx.insertScan(row));
      }
      const between = (from: string, to: string, limit = 9) =>
        inTx((tx) =>
          tx.scansTaken({ ...scope, site }, `2026-03-04T01:00:${from}Z`, `2026-03-04T01:00:${to}Z`, limit),
        );
      expect((await between('00', '05')).map(({ id }) => id)).toEqual([taken.id, received.id]);
      expect((await between('00', '05', 1)).map(({ id }) => id)).toEqual([taken.id]);
      expect(await between('00.001', '04')).toEqual([]);
      const arrived = (from: string, to: string) =>
        inTx((tx) => tx.scansReceived({ ...scope, site }, `2026-03-04T01:00:${from}Z`, to, 9));
      expect((await arrived('05', taken.receivedAt)).map(({ id }) => id)).toEqual([received.id, taken.id]);
      expect(await arrived('05.001', '2026-03-04T01:00:06.000Z')).toEqual([]);
    });

    it('finds the newest converted revision of each of some scans that has one', async () => {
      const [one, two, unread] = [scanRow(), scanRow(), scanRow()];
      const scan = scanOf([channelOf()]);
      const rows = [
        revisionRow(one.id, { scan }),
        revisionRow(one.id, { revision: 2, scan }),
        revisionRow(one.id, { revision: 3 }),
        revisionRow(two.id, { scan }),
        revisionRow(unread.id),
      ];
      await inTx(async (tx) => {
        for (const row of [one, two, unread]) await tx.insertScan(row);
        for (const row of rows) await tx.insertRevision(row);
      });
      const found = await inTx((tx) => tx.newestConvertedOf([one.id, two.id, unread.id]));
      expect(new Map(found.map(({ scanId, revision }) => [scanId, revision]))).toEqual(
        new Map([
          [one.id, 2],
          [two.id, 1],
        ]),
      );
      expect(await inTx((tx) => tx.newestConvertedOf([]))).toEqual([]);
    });

    it('finds the holds of a site that are not surely of a scan and not ended, and no other', async () => {
      const site = fresh('site');
      const sure = { kind: 'joined', scanId: fresh('scan'), secondsApart: 3, timeFrom: 'file' } as const;
      const unsure = { ...sure, by: 'time', isZoneAssumed: true } as const;
      const none = { kind: 'none', why: 'no scan' } as const;
      const [alone, doubtful, perhaps] = [
        holdOf({ site, join: none, openedAt: '2026-03-04T01:00:00.000Z' }),
        holdOf({ site, join: unsure, state: 'confirmed', openedAt: '2026-03-04T02:00:00.000Z' }),
        holdOf({
          site,
          join: { kind: 'ambiguous', scanIds: ['x', 'y'] },
          openedAt: '2026-03-04T03:00:00.000Z',
        }),
      ];
      const others = [
        holdOf({ site, join: { ...sure, by: 'container' } }),
        holdOf({
          site,
          join: { ...sure, by: 'time', isPaired: true },
          passage: { isZoneStated: true, receivedAt: '2026-03-04T01:00:00.000Z' },
        }),
        holdOf({ site, join: none, state: 'innocent' }),
        holdOf({ site, join: none, state: 'closed' }),
        holdOf({ join: none }),
      ];
      for (const one of [doubtful, alone, perhaps, ...others]) await save(one);
      const found = await inTx((tx) => tx.unjoinedHolds({ ...scope, site }));
      expect(found.map(({ id }) => id)).toEqual([alone.id, doubtful.id, perhaps.id]);
    });

    it('finds the holds whose vehicle an officer has named by one of the marks, at the sites that are asked for', async () => {
      const [here, there] = ['named-here', 'named-there'];
      const named = (value: string, more: object) =>
        holdOf({ site: here, join: { kind: 'vehicle', mark: { kind: 'plate', value } }, ...more });
      const [first, closed] = [
        named('BAB1', { openedAt: '2026-03-04T00:00:00.000Z' }),
        named('BAB2', { state: 'closed', openedAt: '2026-03-04T01:00:00.000Z' }),
      ];
      for (const one of [closed, first, named('BAB3', {}), named('BAB1', { site: there })]) await save(one);
      const marks = ['BAB1', 'BAB2'].map((value) => ({ kind: 'plate' as const, value }));
      const place = { administration: scope.administration, sites: [here] };
      const ids = async (asked: typeof marks) =>
        (await inTx((tx) => tx.holdsOfMarks(place, asked))).map(({ id }) => id);
      expect(await ids(marks)).toEqual([first.id, closed.id]);
      expect(await ids(marks.map((mark) => ({ ...mark, kind: 'plate' as const, value: 'BAB9' })))).toEqual(
        [],
      );
      expect(await ids([])).toEqual([]);
    });
  });
}
