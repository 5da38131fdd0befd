import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Adjudication } from '../../../src/core/radiation/adjudication.ts';
import { type Hold, scansOfJoin } from '../../../src/core/radiation/hold.ts';
import { HoldState } from '../../../src/core/radiation/hold-states.ts';
import { adjudicateHold, duplicateHold } from '../../../src/features/holds/decide.ts';
import { reindex } from '../../../src/maintenance/reindex/reindex.ts';
import { getLaneInstruction, getScan } from '../../../src/queries/read.ts';
import { fakeScan } from '../../support/fake-scan.ts';
import { type Harness, openHarness, SITE } from '../../support/harness.ts';
import { actor, movableClock, promisedRecords, send } from '../../support/stage.ts';
import { type Passage, portalLines } from '../../support/vendors/portal.ts';

/** A portal's log comes again and again, longer each time (decision 21). */

let service: Harness;
const clock = movableClock('2026-03-04T06:00:00.000Z');
const rita = { actor: actor('radiation-officer', 'rita') };
/** When the test began, ms, and a number of its own. */
let begin = 0;
let test = 0;

beforeAll(async () => {
  service = await openHarness({ deps: { clock } });
});
afterAll(async () => {
  await service.close();
  expect(service.wrongAnswers).toEqual([]);
});
// A week apart, what one test sends is near to nothing of another
beforeEach(() => {
  clock.advance(7 * 24 * 3600);
  begin = clock.now().getTime();
  test += 1;
});

const time = (second: number) => new Date(begin + second * 1000).toISOString();
const passage = (second: number, more: Partial<Passage> = {}): Passage => ({
  from: time(second),
  to: time(second + 10),
  number: second,
  ...more,
});
const alarm = (second: number, more: Partial<Passage> = {}) => passage(second, { alarm: 'gamma', ...more });

async function sent(name: string, bytes: Uint8Array, meta = {}) {
  const [accepted] = await send(service.deps, [{ name, bytes }], { lane: `lane-${test}`, ...meta });
  await service.work();
  return accepted!;
}
const log = (passages: readonly Passage[], meta = {}, name = `log-${test}.csv`) =>
  sent(name, portalLines(passages), meta);
const xray = (second: number) =>
  sent(`${test}-${second}.fake`, fakeScan({ seed: test * 1000 + second, acquired: time(second) }));

/** Every hold of this test, in the order of its occupancies. */
async function holds(): Promise<readonly Hold[]> {
  const scope = { administration: 'utopia', site: SITE };
  const { rows } = await service.deps.records.transaction((tx) =>
    tx.holds(scope, { states: HoldState.enum }, 500),
  );
  const own = rows.filter(({ openedAt }) => Date.parse(openedAt) >= begin);
  return own.toSorted((a, b) => (a.occupancy ?? 0) - (b.occupancy ?? 0));
}
const radiationOf = async (scanId: string) => (await getScan(service.deps, rita.actor, scanId)).radiation;
const lane = (scanId: string) => getLaneInstruction(service.deps, actor('lane'), scanId);
const rolf = { actor: actor('radiation-officer', 'rolf') };
const nothing = {
  decision: 'false',
  secondaryInspection: 'nothing-found',
  identification: { nuclides: [], by: 'riid' },
} satisfies Adjudication;
const said = async (id: string, given: Adjudication = nothing) =>
  (await adjudicateHold(service.deps, rita, id, given)).hold;
/** By two officers. */
const ended = async (id: string, given: Adjudication = nothing) => {
  await adjudicateHold(service.deps, rolf, id, given);
  return said(id, given);
};

describe('a log that has grown', () => {
  it('is the next revision of the one that it begins with, and moves no hold but those of what is new', async () => {
    const scan = await xray(12);
    const first = await log([alarm(1), alarm(300)]);
    const [early, later] = await holds();
    const judged = await ended(early!.id);
    clock.advance(600);
    const second = await log([alarm(1), alarm(300), passage(500), alarm(900)]);
    expect(second).toMatchObject({ scanId: first.scanId, revision: 2, result: 'new-revision' });
    const after = await holds();
    expect(after.slice(0, 2)).toEqual([judged, later]);
    expect(after.slice(2)).toMatchObject([
      { occupancy: 900, openedAt: clock.now().toISOString(), revision: 2 },
    ]);
    expect(await lane(scan.scanId)).toMatchObject({ holds: [{ holdId: judged.id, state: 'false' }] });
  });

  it('is that also under another name', async () => {
    const first = await log([alarm(1)]);
    const second = await log([alarm(1), alarm(300)], {}, `renamed-${test}.csv`);
    expect(second).toMatchObject({ scanId: first.scanId, revision: 2 });
    expect(await holds()).toHaveLength(2);
  });

  it('is passed over when the shorter one comes after the longer', async () => {
    const whole = await log([alarm(1), alarm(300)]);
    expect(await log([alarm(1)])).toMatchObject({ scanId: whole.scanId, result: 'already-here' });
    expect(await holds()).toHaveLength(2);
  });

  it('does not take over the purpose of its first copy: its alarms hold', async () => {
    await log([alarm(1)], { purpose: 'calibration' });
    expect(await holds()).toEqual([]);
    await log([alarm(1), alarm(300)]);
    expect((await holds()).map(({ occupancy }) => occupancy)).toEqual([1, 300]);
  });

  it('sent as training, and then the same bytes as operational, is a new fact that holds; told twice, it is one', async () => {
    const training = await log([alarm(1)], { purpose: 'training' });
    expect(await holds()).toEqual([]);
    const operational = await log([alarm(1)]);
    expect(operational).toMatchObject({ result: 'new-scan', revision: 1 });
    expect(operational.scanId).not.toBe(training.scanId);
    expect((await holds()).map(({ occupancy }) => occupancy)).toEqual([1]);
    expect(await log([alarm(1)])).toMatchObject({
      ...operational,
      result: 'already-here',
      state: 'analysed',
    });
    const again = await log([alarm(1)], { purpose: 'training' });
    expect(again).toMatchObject({ scanId: training.scanId, result: 'already-here' });
    expect((await holds()).map(({ state }) => state)).toEqual(['open']);
  });

  it('sent for another lane or visit is a new fact, and one that says nothing new is none', async () => {
    const first = await log([alarm(1)], { lane: '1' });
    const facts = [{ lane: '2' }, { lane: '1', visit: 'V-7' }];
    for (const meta of facts) {
      expect(await log([alarm(1)], meta)).toMatchObject({ result: 'new-scan' });
      expect(await log([alarm(1)], meta)).toMatchObject({ result: 'already-here' });
    }
    expect(await log([alarm(1)], { lane: '1' })).toMatchObject({ result: 'already-here' });
    expect((await holds()).some(({ scanId }) => scanId === first.scanId)).toBe(true);
  });

  it('sent again with another visit opens a hold of its own, and frees no vehicle', async () => {
    const own = await xray(12);
    await log([alarm(1)]);
    const [before] = await holds();
    expect(before?.join).toMatchObject({ scanId: own.scanId });
    const order = { seed: test * 1000 + 700, acquired: time(700) };
    const other = await sent(`${test}-other.fake`, fakeScan(order), { visit: `V-${test}` });
    await log([alarm(1)], { visit: `V-${test}` });
    const after = await holds();
    expect(after.find(({ id }) => id === before?.id)).toEqual(before);
    expect(after.find(({ id }) => id !== before?.id)).toMatchObject({
      join: { scanId: other.scanId },
      possiblySameAs: [before?.id],
    });
    expect((await lane(other.scanId)).instruction).toBe('hold');
    expect((await lane(own.scanId)).instruction).toBe('hold');
  });

  it('grown, with another visit, takes the vehicle of the first one out of no hold', async () => {
    const [first, second] = ['A', 'B'].map((name) => `V-${test}-${name}`);
    const image = (seed: number, visit = '') =>
      sent(`${test}-${seed}.fake`, fakeScan({ seed: test * 1000 + seed, acquired: time(seed) }), { visit });
    const own = await image(12, first);
    const other = await image(700, second);
    await log([alarm(1)], { visit: first });
    expect((await holds()).map(({ join }) => join)).toMatchObject([{ scanId: own.scanId, by: 'visit' }]);
    await log([alarm(1), passage(900)], { visit: second });
    expect((await holds()).some(({ join }) => scansOfJoin(join).includes(own.scanId))).toBe(true);
    expect((await lane(own.scanId)).instruction).toBe('hold');
    expect((await lane(other.scanId)).instruction).toBe('hold');
  });

  it('of an image with the visit that it lacked is the same scan, which is of that visit from then on', async () => {
    const first = await xray(12);
    const bytes = fakeScan({ seed: test * 1000 + 12, acquired: time(12) });
    const visit = `V-${test}`;
    const again = await sent(`${test}-12.fake`, bytes, { visit });
    expect(again).toMatchObject({ scanId: first.scanId, result: 'new-revision', revision: 2 });
    const { scan } = await getScan(service.deps, rita.actor, first.scanId);
    expect(scan).toMatchObject({ visit, revision: 2 });
    const known = await sent(`${test}-12.fake`, bytes, { visit });
    expect(known).toMatchObject({ scanId: first.scanId, result: 'already-here', revision: 2 });
  });

  it('of an image said to be of another visit is the same scan of its first visit: nobody draws a second reading', async () => {
    const bytes = fakeScan({ seed: test * 1000 + 12, acquired: time(12) });
    const first = await sent(`${test}-12.fake`, bytes, { visit: `V-${test}` });
    const again = await sent(`${test}-12.fake`, bytes, { visit: 'V-2' });
    expect(again).toMatchObject({ scanId: first.scanId, result: 'already-here', revision: 1 });
    const { scan } = await getScan(service.deps, rita.actor, first.scanId);
    expect(scan).toMatchObject({ visit: `V-${test}` });
  });

  it('joins nothing by the receipt of its first copy', async () => {
    const quiet = { number: 4 };
    await log([quiet]);
    const scan = await xray(5);
    clock.advance(3 * 3600);
    await log([quiet, { number: 5, alarm: 'gamma' }]);
    const [hold] = await holds();
    expect(hold).toMatchObject({
      join: { kind: 'none' },
      passage: { receivedAt: clock.now().toISOString() },
    });
    expect((await radiationOf(scan.scanId)).filter((one) => one.hold !== undefined)).toEqual([]);
  });

  it('opens its last occupancy again where that went on with more alarm after it was judged', async () => {
    const lines = portalLines([alarm(1)]).toString();
    const cut = lines.slice(0, lines.indexOf('NS,'));
    await sent(`log-${test}.csv`, Buffer.from(cut));
    const [hold] = await holds();
    await ended(hold!.id);
    const more = `GA,000900,000910,000920,000930,${time(5)}\r\n`;
    await sent(`log-${test}.csv`, Buffer.from(cut + more + lines.slice(cut.length)));
    expect(await holds()).toMatchObject([{ id: hold!.id, state: 'open', occupancy: 1 }]);
  });
});

describe('an occupancy that comes in another file', () => {
  it('has the hold that there is, whatever became of it, and both records show it', async () => {
    const first = await log([alarm(1), alarm(300)]);
    const [early, later] = await holds();
    const judged = await ended(early!.id);
    const again = await log([alarm(300), alarm(1), alarm(600)], {}, `other-${test}.csv`);
    expect(again.result).toBe('new-scan');
    const after = await holds();
    expect(after).toHaveLength(3);
    expect(after.slice(0, 2)).toEqual([judged, later]);
    expect(await radiationOf(again.scanId)).toMatchObject([
      { link: { holdId: later!.id }, hold: { id: later!.id, scanId: first.scanId } },
      { link: { holdId: judged.id }, hold: { id: judged.id, state: 'false' } },
      { hold: { scanId: again.scanId, state: 'open' } },
    ]);
    expect(await lane(again.scanId)).toMatchObject({
      instruction: 'hold',
      holds: expect.arrayContaining([expect.objectContaining({ holdId: later!.id })]),
    });
  });

  it('with other alarms is a revision, which a new alarm opens again once', async () => {
    await log([alarm(1)]);
    const [hold] = await holds();
    await ended(hold!.id);
    const louder = [passage(1, { alarm: 'neutron' }), passage(700)];
    await log(louder, {}, `louder-${test}.csv`);
    const [opened] = await holds();
    expect(opened).toMatchObject({ id: hold!.id, state: 'open', alarms: [{ category: 'neutron' }] });
    await log([...louder, passage(800)], {}, `louder-${test}.csv`);
    await log([passage(2), ...louder], {}, `once-more-${test}.csv`);
    await xray(12);
    const [same, ...others] = await holds();
    expect(same?.history.filter(({ kind }) => kind !== 'joined')).toEqual(opened?.history);
    expect(others).toEqual([]);
  });

  it.each([
    ['another time', () => alarm(1, { from: time(3) }), {}],
    ['another number', () => alarm(1, { number: 77 }), {}],
    ['another lane', () => alarm(1), { lane: 'elsewhere' }],
  ])('with %s has a hold of its own', async (_, other, meta) => {
    await log([alarm(1)]);
    await log([other(), passage(2000)], meta, `other-${test}.csv`);
    expect(await holds()).toHaveLength(2);
  });

  it('of another sender is only possibly the same: a hold of its own is marked', async () => {
    await log([alarm(1)]);
    const [first] = await holds();
    const token = await service.newToken('scanner', 'utopia', SITE);
    const answer = await service.app.inject({
      method: 'POST',
      url: `/v1/scans?name=other-${test}.csv&lane=lane-${test}`,
      payload: portalLines([alarm(1), passage(50)]),
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' },
    });
    expect(answer.statusCode, answer.body).toBe(202);
    await service.work();
    const ids = (await holds()).map(({ id }) => id);
    expect(ids).toHaveLength(2);
    expect((await holds()).find(({ id }) => id !== first!.id)).toMatchObject({ possiblySameAs: [first!.id] });
  });

  it('is known again after a reindex, which gives equal records', async () => {
    await log([alarm(1), alarm(300)]);
    const [early] = await holds();
    await ended(early!.id);
    await log([alarm(300), alarm(1)], {}, `0-${test}.csv`);
    await log([alarm(1), alarm(300), passage(500)]);
    await xray(12);
    const before = await promisedRecords(service);
    expect((await reindex(service.deps)).damaged).toEqual([]);
    await service.work();
    expect(await promisedRecords(service)).toEqual(before);
    const known = await holds();
    await log([alarm(300), passage(900), alarm(1)], {}, `after-${test}.csv`);
    expect(await holds()).toEqual(known);
  });
});

describe('where nothing tells whether it is the same', () => {
  it('there are two holds, marked, and two officers settle one as a duplicate', async () => {
    const lines = portalLines([{ number: 5, alarm: 'gamma' }]).toString();
    const record = await sent(`log-${test}.csv`, Buffer.from(lines + lines));
    const [first, second] = (await holds()).toSorted((a, b) => (a.recordId < b.recordId ? -1 : 1));
    expect(second?.possiblySameAs).toEqual([first!.id]);
    const settle = (id: string, of: string, by = rita) =>
      duplicateHold(service.deps, by, id, { of, why: 'sent twice' });
    await expect(settle(second!.id, 'elsewhere')).rejects.toMatchObject({
      code: 'NII_BAD_REQUEST',
      field: 'of',
    });
    expect((await settle(second!.id, first!.id)).hold.state).toBe('open');
    const { hold } = await settle(second!.id, first!.id, rolf);
    expect(hold).toMatchObject({ state: 'duplicate', duplicateOf: first!.id });
    expect(await lane(record.scanId)).toMatchObject({
      reasons: expect.arrayContaining([
        expect.objectContaining({ code: 'alarm-duplicate' }),
        expect.objectContaining({ code: 'alarm-waits' }),
      ]),
    });
    await ended(first!.id);
    const { reasons } = await lane(record.scanId);
    expect(reasons?.map(({ code }) => code)).toEqual(['nothing-to-decide', 'alarm-false', 'alarm-duplicate']);
    const before = await promisedRecords(service);
    await reindex(service.deps);
    await service.work();
    expect(await promisedRecords(service)).toEqual(before);
  });

  it('a counter that restarts and a clock that jumps back hold each alarm once', async () => {
    const day = [alarm(10, { number: 99_999 }), alarm(60, { number: 1 }), alarm(30, { number: 2 })];
    await log(day);
    await log([...day, alarm(90, { number: 1 })]);
    expect((await holds()).map(({ occupancy }) => occupancy)).toEqual([1, 1, 2, 99_999]);
    expect((await holds()).flatMap(({ possiblySameAs = [] }) => possiblySameAs).length).toBeLessThanOrEqual(
      4,
    );
  });
});

it('an alarm says how many others it held also where no lane is told of it', async () => {
  await log([alarm(1)]);
  await xray(600);
  const [hold] = await holds();
  expect((await ended(hold!.id)).history.at(-1)?.detail).toMatchObject({ vehiclesHeld: 1 });
});

describe('a vehicle that the portal did not measure', () => {
  const dead = () =>
    portalLines([passage(1)])
      .toString()
      .replaceAll('000060,000061', '000000,000000')
      .replaceAll('000300,000310', '000000,000000');

  it('is held without any alarm, until it was measured again', async () => {
    const scan = await xray(12);
    const visit = { visit: `V-${test}` };
    const record = await sent(`log-${test}.csv`, Buffer.from(dead()), visit);
    const [hold] = await holds();
    expect(hold).toMatchObject({ alarms: [], notMeasured: ['dead-detector'], state: 'open' });
    expect(await lane(scan.scanId)).toMatchObject({
      instruction: 'hold',
      final: false,
      reasons: expect.arrayContaining([expect.objectContaining({ code: 'not-measured', holdId: hold!.id })]),
    });
    await expect(said(hold!.id)).rejects.toMatchObject({ code: 'NII_BAD_REQUEST', field: 'decision' });
    const again = await log([passage(700)], visit, `again-${test}.csv`);
    const passed = (scanId: string): Adjudication => ({
      decision: 'tamper-or-fault',
      workOrder: 'W-1',
      newMeasurement: { kind: 'passed-again', scanId, recordId: 'occupancy-1' },
    });
    for (const wrong of [record.scanId, 'nowhere'])
      await expect(said(hold!.id, passed(wrong))).rejects.toMatchObject({ field: 'newMeasurement' });
    expect(await said(hold!.id, passed(again.scanId))).toMatchObject({ state: 'measured-again' });
    expect((await lane(scan.scanId)).reasons).toContainEqual(
      expect.objectContaining({ code: 'measured-again' }),
    );
  });

  it('is identified by a spectrum that was received, and by no other', async () => {
    await log([alarm(1)]);
    const [hold] = await holds();
    const bytes = portalLines([passage(4000)]);
    const spectrum = await sent(`riid-${test}.csv`, bytes, { lane: 'riid' });
    const row = await service.deps.records.transaction((tx) => tx.revision(spectrum.scanId, 1));
    const { sha256 } = row!.originals[0]!;
    const given = (scanId: string): Adjudication => ({
      ...nothing,
      identification: { ...nothing.identification, spectrum: { scanId, sha256 } },
    });
    await expect(said(hold!.id, given(hold!.scanId))).rejects.toMatchObject({ field: 'identification' });
    expect(await ended(hold!.id, given(spectrum.scanId))).toMatchObject({ state: 'false' });
  });
});
