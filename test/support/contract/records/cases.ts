import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Case } from '../../../../src/core/case/case.ts';
import type { Drawing } from '../../../../src/core/ports/records/cases.ts';
import type { Records, RecordsTx } from '../../../../src/core/ports/records.ts';
import { caseIdOf } from '../../../../src/stored/identity.ts';
import { pause } from '../../eventually.ts';
import { runs } from '../../search-size.ts';
import { caseOf, event, fresh, scope } from '../sample-records.ts';

/** For one linked reader without conflicts; nothing is urgent. */
function drawing(over: Partial<Drawing> = {}): Drawing {
  const urgentBefore = '1970-01-01T00:00:00.000Z';
  return { reader: ['a'], isLinked: true, containers: [], declarations: [], urgentBefore, ...over };
}

/** Cases: saving without losing a move, the queue, and drawing from it. */
export function casesContract(name: string, open: () => Promise<Records>): void {
  describe(`the contract of cases on ${name}`, () => {
    let records: Records;
    beforeAll(async () => {
      records = await open();
    });
    afterAll(async () => {
      await records?.close();
    });
    const inTx = <T>(work: (tx: RecordsTx) => Promise<T>): Promise<T> => records.transaction(work);
    const save = (value: Case): Promise<void> => inTx((tx) => tx.saveCase(value));

    it('gives a case back exactly as it was saved', async () => {
      const value = caseOf({
        container: 'MSCU1234565',
        claim: { analyst: 'k', until: '2026-01-02T03:04:05Z', revision: 1 },
      });
      await save(value);
      const found = await inTx((tx) => tx.case(scope, value.id));
      expect(JSON.stringify(found)).toBe(JSON.stringify(value));
      expect(await inTx((tx) => tx.case({ ...scope, site: 'south' }, value.id))).toBeUndefined();
      expect(await inTx((tx) => tx.lockCase({ ...scope, site: '*' }, value.id))).toEqual(value);
      expect(await inTx((tx) => tx.casesOfScan(value.scanId))).toContainEqual(value);
    });

    it('saves a history that goes on from the stored one, also unchanged, and no other', async () => {
      const base = caseOf({ history: [event(1), event(2, { kind: 'analysed' })] });
      await save(base);
      await save({ ...base, priority: 5 });
      await save({ ...base, history: [...base.history, event(3), event(4)] });
      const conflict = { code: 'NII_CONFLICT' };
      await expect(save(base)).rejects.toMatchObject(conflict);
      const other = [...base.history, event(3, { actor: 'somebody else' }), event(4), event(5)];
      await expect(save({ ...base, history: other })).rejects.toMatchObject(conflict);
      expect((await inTx((tx) => tx.case(scope, base.id)))?.history).toHaveLength(4);
    });

    it('lets exactly one of many save a move that all made from the same case', async () => {
      const base = caseOf();
      await save(base);
      const moves = Array.from({ length: 12 }, (_, index) => ({
        ...base,
        history: [...base.history, event(2, { kind: 'claimed', actor: `analyst-${index}` })],
      }));
      const outcomes = await Promise.allSettled(moves.map(save));
      expect(outcomes.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
      for (const one of outcomes) {
        if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'NII_CONFLICT' });
      }
    });

    it('lets exactly one of many open the same case differently', async () => {
      const id = fresh('case');
      const cases = Array.from({ length: 8 }, (_, index) =>
        caseOf({ id, history: [event(1, { actor: `worker-${index}` })] }),
      );
      const outcomes = await Promise.allSettled(cases.map(save));
      expect(outcomes.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
    });

    it('makes a second locker wait for the first, and then see what it saved', async () => {
      const base = caseOf();
      await save(base);
      const order: string[] = [];
      let locked: () => void = () => undefined;
      const isLocked = new Promise<void>((done) => {
        locked = done;
      });
      const first = inTx(async (tx) => {
        await tx.lockCase(scope, base.id);
        locked();
        await pause(150, 'work');
        await tx.saveCase({ ...base, history: [...base.history, event(2)] });
        order.push('first');
      });
      await isLocked;
      const second = inTx(async (tx) => {
        const seen = await tx.lockCase(scope, base.id);
        order.push('second');
        return seen?.history.length;
      });
      expect(await second).toBe(2);
      await first;
      expect(order).toEqual(['first', 'second']);
    });

    it('does again the work of one of two that block each other, so that both succeed', async () => {
      const [one, two] = [caseOf(), caseOf()];
      await save(one);
      await save(two);
      const lockBoth = (a: Case, b: Case) =>
        inTx(async (tx) => {
          await tx.lockCase(scope, a.id);
          await pause(100, 'work');
          await tx.lockCase(scope, b.id);
        });
      await Promise.all([lockBoth(one, two), lockBoth(two, one)]);
    });

    it('pages through the queue by priority, then id, each case exactly once', async () => {
      const priorities = fc.array(fc.constantFrom(-3.5, 0, 0.1, 1e9, 1_772_600_000.125), {
        minLength: 1,
        maxLength: 15,
      });
      await fc.assert(
        fc.asyncProperty(priorities, fc.integer({ min: 1, max: 6 }), async (values, limit) => {
          const administration = fresh('administration');
          const cases = values.map((priority) => caseOf({ administration, priority }));
          for (const one of cases) await save(one);
          await save(caseOf({ administration, state: 'decided', priority: 0 }));
          const seen: string[] = [];
          let cursor: string | undefined;
          do {
            const page = await inTx((tx) =>
              tx.queue({ administration, site: '*' }, { states: ['queued', 'claimed'] }, limit, cursor),
            );
            seen.push(...page.rows.map((row) => row.id));
            cursor = page.next;
          } while (cursor !== undefined);
          const inOrder = [...cases].sort((a, b) => a.priority - b.priority || (a.id < b.id ? -1 : 1));
          expect(seen).toEqual(inOrder.map((one) => one.id));
        }),
        { numRuns: runs(12) },
      );
    });

    it('filters the queue by site and container', async () => {
      const administration = fresh('administration');
      const one = caseOf({ administration, container: 'A' });
      const two = caseOf({ administration, site: 'south' });
      await save(one);
      await save(two);
      const ids = async (site: string, container?: string) => {
        const filter = { states: ['queued'] as const, ...(container === undefined ? {} : { container }) };
        return (await inTx((tx) => tx.queue({ administration, site }, filter, 9))).rows.map((row) => row.id);
      };
      expect(await ids('*', 'A')).toEqual([one.id]);
      expect(await ids('south')).toEqual([two.id]);
      expect(await ids('south', 'A')).toEqual([]);
      const none = await inTx((tx) => tx.queue({ administration, site: '*' }, { states: [] }, 9));
      expect(none.rows).toEqual([]);
    });

    it('counts the queued cases of a site by band, and those of them that are past due', async () => {
      const administration = fresh('administration');
      const dueAt = '2026-03-01T08:00:00.000Z';
      await save(caseOf({ administration, band: 'high', dueAt }));
      await save(caseOf({ administration, band: 'routine', dueAt: '2026-03-01T10:00:00.000Z' }));
      await save(caseOf({ administration, band: 'routine', site: 'south', dueAt }));
      await save(caseOf({ administration, band: 'high', state: 'closed', dueAt }));
      const counts = (site: string) =>
        inTx((tx) => tx.countQueue({ administration, site }, '2026-03-01T09:00:00.000Z'));
      expect(await counts('*')).toEqual({ bands: { high: 1, raised: 0, routine: 2 }, pastDue: 2 });
      expect(await counts('south')).toEqual({ bands: { high: 0, raised: 0, routine: 1 }, pastDue: 1 });
    });

    it('counts what is not closed by state and band, with the first that is due', async () => {
      const administration = fresh('administration');
      const [early, late] = ['2026-03-01T08:00:00.000Z', '2026-03-01T10:00:00.000Z'];
      await save(caseOf({ administration, band: 'high', dueAt: late }));
      await save(caseOf({ administration, band: 'high', dueAt: early }));
      await save(caseOf({ administration, band: 'high', state: 'disputed', dueAt: late }));
      await save(caseOf({ administration, band: 'routine', site: 'south', dueAt: late }));
      await save(caseOf({ administration, band: 'high', state: 'closed', dueAt: early }));
      const load = (site: string) =>
        inTx((tx) => tx.loadOfCases({ administration, site }, '2026-03-01T09:00:00.000Z'));
      const all = await load('*');
      expect(all).toHaveLength(3);
      expect(all).toContainEqual({ state: 'queued', band: 'high', cases: 2, pastDue: 1, firstDueAt: early });
      expect(all).toContainEqual({ state: 'disputed', band: 'high', cases: 1, pastDue: 0, firstDueAt: late });
      const south = { state: 'queued', band: 'routine', cases: 1, pastDue: 0, firstDueAt: late };
      expect(await load('south')).toEqual([south]);
    });

    it('draws from the highest band that has a case for this analyst', async () => {
      const administration = fresh('administration');
      const everywhere = { administration, site: '*' };
      const verdict = {
        kind: 'suspect',
        reason: 'shape',
        analyst: 'anna',
        at: '2026-01-02T03:04:05Z',
        revision: 1,
      } as const;
      const seen = caseOf({ administration, band: 'high', verdicts: [verdict] });
      const theirs = caseOf({ administration, band: 'high', container: 'INTEREST' });
      const raised = caseOf({ administration, band: 'raised', container: 'OTHER' });
      const routine = caseOf({ administration });
      for (const one of [seen, theirs, raised, routine]) await save(one);
      const draw = (analyst: string, containers: string[]) =>
        inTx(async (tx) => (await tx.drawCase(everywhere, drawing({ reader: [analyst], containers })))?.id);
      expect(await draw('anna', ['INTEREST'])).toBe(raised.id);
      expect(await draw('anna', [])).toBe(theirs.id);
      expect(await draw('boris', ['INTEREST'])).toBe(seen.id);
      expect(await draw('anna', ['INTEREST', 'OTHER'])).toBe(routine.id);
      const nothing = inTx((tx) => tx.drawCase({ administration, site: 'south' }, drawing()));
      expect(await nothing).toBeUndefined();
    });

    it('draws what is urgent before every band, and of it what has been so for long more often', async () => {
      const administration = fresh('administration');
      const due = (dueAt: string, band: Case['band'] = 'routine') => caseOf({ administration, band, dueAt });
      const [late, soon] = [due('2026-01-02T01:00:00.000Z'), due('2026-01-02T02:59:00.000Z')];
      const high = due('2026-01-02T09:00:00.000Z', 'high');
      for (const one of [late, soon, high]) await save(one);
      const everywhere = { administration, site: '*' };
      const urgent = drawing({ urgentBefore: '2026-01-02T03:00:00.000Z' });
      const drawn: (string | undefined)[] = [];
      for (let times = 0; times < 60; times += 1)
        drawn.push((await inTx((tx) => tx.drawCase(everywhere, urgent)))?.id);
      expect(drawn).not.toContain(high.id);
      // Its weight is 121 of 123; fewer than 50 of 60 has a chance below one in 10^9
      expect(drawn.filter((id) => id === late.id).length).toBeGreaterThan(50);
      expect((await inTx((tx) => tx.drawCase(everywhere, drawing())))?.id).toBe(high.id);
    });

    it('draws by urgency and band among more cases than a draw looks at', async () => {
      const administration = fresh('administration');
      const everywhere = { administration, site: '*' };
      const dueAt = '2026-01-02T09:00:00.000Z';
      const of = (band: Case['band'], count: number) =>
        Array.from({ length: count }, () => caseOf({ administration, band, dueAt }));
      const urgent = caseOf({ administration, band: 'routine', dueAt: '2026-01-02T01:00:00.000Z' });
      const high = of('high', 2);
      const other = [...of('raised', 300), ...of('routine', 300)];
      await inTx(async (tx) => {
        for (const one of [...other, ...high, urgent]) await tx.saveCase(one);
      });
      const drawn = await inTx(async (tx) => {
        const ids: (string | undefined)[] = [];
        for (let times = 0; times < 20; times += 1) {
          const found = await tx.drawCase(everywhere, drawing({ urgentBefore: '2026-01-02T03:00:00.000Z' }));
          ids.push(found?.id);
          ids.push((await tx.drawCase(everywhere, drawing()))?.band);
        }
        return new Set(ids);
      });
      expect(drawn).toEqual(new Set([urgent.id, 'high']));
    });

    it('draws another band where all urgent cases that it looks at are locked', async () => {
      const administration = fresh('administration');
      const everywhere = { administration, site: '*' };
      const late = '2026-01-02T01:00:00.000Z';
      const urgent = Array.from({ length: 260 }, () => caseOf({ administration, band: 'high', dueAt: late }));
      const routine = caseOf({ administration, band: 'routine', dueAt: '2026-01-02T09:00:00.000Z' });
      await inTx(async (tx) => {
        for (const one of [...urgent, routine]) await tx.saveCase(one);
      });
      const found = await inTx(async (tx) => {
        for (const { id } of urgent) await tx.lockCase(everywhere, id);
        return inTx((other) =>
          other.drawCase(everywhere, drawing({ urgentBefore: '2026-01-02T03:00:00.000Z' })),
        );
      });
      expect(found?.id).toBe(routine.id);
    });

    it('does not deal what somebody gave back to him again, nor a second reading to who is unlinked', async () => {
      const administration = fresh('administration');
      const everywhere = { administration, site: '*' };
      const given = caseOf({
        administration,
        history: [
          event(1),
          event(2, { kind: 'claimed' }),
          event(3, { kind: 'released', actor: 'anna', detail: { why: 'ill' } }),
        ],
      });
      const lapsed = caseOf({
        administration,
        history: [event(1), event(2, { kind: 'lease-over', actor: 'system', detail: { analyst: 'boris' } })],
      });
      for (const one of [given, lapsed]) await save(one);
      const draw = (over: Partial<Drawing>) =>
        inTx(async (tx) => (await tx.drawCase(everywhere, drawing(over)))?.id);
      expect(await draw({ reader: ['anna'] })).toBe(lapsed.id);
      expect(await draw({ reader: ['boris', 'former'] })).toBe(given.id);
      const [since, before] = ['2001-01-01T00:00:00Z', '2100-01-01T00:00:00Z'];
      expect(await inTx((tx) => tx.handBacksSince(administration, ['anna'], since))).toBe(1);
      expect(await inTx((tx) => tx.handBacksSince(administration, ['anna'], before))).toBe(0);
      const listed = await inTx((tx) => tx.handBacksOf(administration, ['anna', 'boris'], 9));
      expect(listed).toHaveLength(2);
      expect(listed).toContainEqual(expect.objectContaining({ caseId: lapsed.id, kind: 'lease-over' }));
      expect(listed).toContainEqual(
        expect.objectContaining({ caseId: given.id, kind: 'handed-back', why: 'ill' }),
      );
      const verdict = {
        kind: 'normal',
        reason: 'other',
        analyst: 'carl',
        at: '2026-01-02T03:04:05Z',
        revision: 1,
      } as const;
      const other = fresh('administration');
      const second = caseOf({ administration: other, verdicts: [verdict] });
      await save(second);
      const ofOther = (isLinked: boolean) =>
        inTx(
          async (tx) => (await tx.drawCase({ administration: other, site: '*' }, drawing({ isLinked })))?.id,
        );
      expect([await ofOther(false), await ofOther(true)]).toEqual([undefined, second.id]);
    });

    it('finds the case in hand of a person by any of its names, at any site', async () => {
      const administration = fresh('administration');
      const claim = { analyst: 'anna', until: '2100-01-01T00:00:00Z', revision: 1 };
      const held = caseOf({ administration, state: 'claimed', claim });
      await save(held);
      expect(await inTx((tx) => tx.caseInHand(administration, ['x', 'anna']))).toEqual(held);
      expect(await inTx((tx) => tx.caseInHand(administration, ['boris']))).toBeUndefined();
      expect(await inTx((tx) => tx.caseInHand('elsewhere', ['anna']))).toBeUndefined();
    });

    it('names each case that is past due until it was told of, or passed over', async () => {
      const due = (dueAt: string, over: Partial<Case> = {}) => caseOf({ dueAt, ...over });
      const early = due('2001-02-01T00:00:00.000Z');
      const told = due('2001-02-01T00:00:00.000Z', { escalatedAt: '2001-02-01T00:01:00.000Z' });
      const closed = due('2001-02-01T00:00:00.000Z', { state: 'closed' });
      const later = due('2001-02-01T00:00:00.002Z');
      for (const one of [early, told, closed, later]) await save(one);
      const past = () => inTx((tx) => tx.casesPastDue('2001-02-01T00:00:00.001Z', 10));
      expect(await past()).toEqual([early]);
      await inTx((tx) => tx.passOverDue(early.id));
      expect(await past()).toEqual([]);
      await save(early);
      expect(await past()).toEqual([early]);
      await save({ ...early, state: 'closed' });
      expect(await past()).toEqual([]);
      await save({ ...later, state: 'closed' });
    });

    it('draws at random within a band', async () => {
      const administration = fresh('administration');
      for (let index = 0; index < 6; index += 1) await save(caseOf({ administration, priority: index }));
      const drawn = new Map<string, number>();
      for (let times = 0; times < 120; times += 1) {
        const id = await inTx(
          async (tx) => (await tx.drawCase({ administration, site: '*' }, drawing()))?.id,
        );
        drawn.set(id ?? 'none', (drawn.get(id ?? 'none') ?? 0) + 1);
      }
      // Twenty of each expected; fewer than four of one has a chance below one in 10,000
      expect(drawn.size).toBe(6);
      for (const times of drawn.values()) expect(times).toBeGreaterThanOrEqual(4);
    });

    it('draws from all over a band of which it reads a part', async () => {
      const administration = fresh('administration');
      const waiting = Array.from({ length: 700 }, (_, at) =>
        caseOf({ administration, id: caseIdOf(administration, String(at)) }),
      );
      await inTx(async (tx) => {
        for (const one of waiting) await tx.saveCase(one);
      });
      const order = waiting.map(({ id }) => id).toSorted((a, b) => (a < b ? -1 : 1));
      const places: number[] = [];
      for (let times = 0; times < 150; times += 1) {
        const found = await inTx((tx) => tx.drawCase({ administration, site: '*' }, drawing()));
        places.push(order.indexOf(found?.id ?? ''));
      }
      expect(places).not.toContain(-1);
      // Fifteen of each tenth expected; none of one has a chance below one in 100,000, and 135 different ones are expected
      expect(new Set(places.map((place) => Math.floor(place / 70))).size).toBe(10);
      expect(new Set(places).size).toBeGreaterThan(110);
    });

    it('gives every one of many analysts who draw at once a case of their own', async () => {
      const administration = fresh('administration');
      for (let index = 0; index < 8; index += 1) await save(caseOf({ administration }));
      const drawn = await Promise.all(
        Array.from({ length: 8 }, (_, index) =>
          inTx(async (tx) => {
            const found = await tx.drawCase(
              { administration, site: '*' },
              drawing({ reader: [`a${index}`] }),
            );
            await pause(100, 'work');
            if (found !== undefined) {
              await tx.saveCase({ ...found, state: 'claimed', history: [...found.history, event(2)] });
            }
            return found?.id;
          }),
        ),
      );
      expect(new Set(drawn).size).toBe(8);
      expect(drawn).not.toContain(undefined);
    });

    it('finds the claimed cases whose lease is over', async () => {
      const until = (time: string) =>
        ({ state: 'claimed', claim: { analyst: 'a', until: time, revision: 1 } }) as const;
      const over = caseOf(until('2001-01-01T00:00:00.000Z'));
      const running = caseOf(until('2001-01-01T00:00:00.002Z'));
      await save(over);
      await save(running);
      const found = await inTx((tx) => tx.casesPastLease('2001-01-01T00:00:00.001Z', 10));
      expect(found).toEqual([over]);
    });
  });
}
