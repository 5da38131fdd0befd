import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Role } from '../../../../src/core/access.ts';
import type { IssuedLaneInstruction } from '../../../../src/core/case/lane.ts';
import { withCheckDigit } from '../../../../src/core/check-digits.ts';
import type { Hold } from '../../../../src/core/radiation/hold.ts';
import { reindex } from '../../../../src/maintenance/reindex/reindex.ts';
import { fakeScan } from '../../../support/fake-scan.ts';
import { ADMINISTRATION, type Harness, openHarness, SITE } from '../../../support/harness.ts';
import { type LaneController, openLane } from '../../../support/http/lane-controller.ts';
import { movableClock, promisedRecords } from '../../../support/stage.ts';
import { type Passage, portalLines } from '../../../support/vendors/portal.ts';

let service: Harness;
let controller: LaneController;
const clock = movableClock('2026-07-01T08:00:00.000Z');
let seed = 0;
const DAY = 24 * 3600;

beforeAll(async () => {
  controller = await openLane();
  service = await openHarness({ deps: { clock, lane: controller.lane } });
});
afterAll(async () => {
  await service.close();
  controller.close();
  expect(service.wrongAnswers).toEqual([]);
});
// A week apart, what one test sends is near to nothing of another
beforeEach(() => {
  clock.advance(7 * DAY);
  controller.told.splice(0);
});

const time = (second: number) => new Date(clock.now().getTime() + second * 1000).toISOString();
const post = (role: 'supervisor' | 'scanner' | 'lane', url: string, payload: Buffer | object = {}) => {
  const headers = Buffer.isBuffer(payload) ? { 'content-type': 'application/octet-stream' } : {};
  return service.as(role, { method: 'POST', url, payload, headers });
};

async function sent(name: string, payload: Buffer, query: string): Promise<string> {
  const answer = await post('scanner', `/v1/scans?name=${name}&${query}`, payload);
  expect(answer.statusCode, answer.body).toBe(202);
  await service.work();
  return answer.json().scans[0].scanId;
}

function xray(visit: string | undefined, second = 0, more: object = {}): Promise<string> {
  seed += 1;
  const query = visit === undefined ? 'lane=3' : `lane=3&visit=${visit}`;
  return sent(`${seed}.fake`, fakeScan({ seed, acquired: time(second), ...more }), query);
}

function portal(visit: string, passages: readonly Passage[]): Promise<string> {
  seed += 1;
  return sent(`${seed}.csv`, portalLines(passages), `lane=3&visit=${visit}`);
}

const alarm = (second: number): Passage => ({ from: time(second), number: seed + 1, alarm: 'gamma' });

async function decide(scanId: string, kind: 'normal' | 'scan-again'): Promise<void> {
  const cases = await service.deps.records.transaction((tx) => tx.casesOfScan(scanId));
  expect(cases.length).toBeGreaterThan(0);
  for (const { id } of cases) {
    await post('supervisor', `/v1/cases/${id}/claim`);
    const decided = await post('supervisor', `/v1/cases/${id}/verdict`, { kind, reason: 'other' });
    expect(decided.statusCode, decided.body).toBe(200);
  }
  clock.advance(1);
  await service.work();
}

const lane = async (scanId: string): Promise<IssuedLaneInstruction> =>
  (await service.as('lane', { url: `/v1/scans/${scanId}/lane-instruction` })).json();
const instructions = async (...scans: readonly string[]) => {
  const answers = [];
  for (const scanId of scans) answers.push((await lane(scanId)).instruction);
  return answers;
};
const codes = async (scanId: string) => (await lane(scanId)).reasons?.map(({ code }) => code);
const holdOf = async (record: string): Promise<Hold | undefined> =>
  (await service.as('radiation-officer', { url: '/v1/holds?limit=200' }))
    .json()
    .items.find(({ scanId }: Hold) => scanId === record);

describe('an alarm and a scan of one visit', () => {
  test.each(['scan', 'portal'] as const)(
    'are joined surely, whatever their clocks say, the %s first',
    async (first) => {
      const visit = `far-${first}`;
      const send = { scan: () => xray(visit, 5 * 3600), portal: () => portal(visit, [alarm(0)]) };
      const early = await send[first]();
      const late = await send[first === 'scan' ? 'portal' : 'scan']();
      const [scan, record] = first === 'scan' ? [early, late] : [late, early];
      const other = await xray(undefined, 60);
      expect((await holdOf(record))?.join).toMatchObject({ kind: 'joined', scanId: scan, by: 'visit' });
      await decide(scan, 'normal');
      await decide(other, 'normal');
      expect(await instructions(scan, other)).toEqual(['hold', 'proceed']);
    },
  );

  test.each(['scan', 'portal'] as const)(
    'are joined when the clock of the %s is wrong by years',
    async (wrong) => {
      const years = -20 * 365 * DAY;
      const visit = `years-${wrong}`;
      const record = await portal(visit, [alarm(wrong === 'portal' ? years : 0)]);
      const scan = await xray(visit, wrong === 'scan' ? years : 0);
      expect((await holdOf(record))?.join).toMatchObject({ scanId: scan, by: 'visit' });
      await decide(scan, 'normal');
      expect(await instructions(scan)).toEqual(['hold']);
    },
  );

  test('hold every scan of the vehicle, not only the one that is joined', async () => {
    const scans = [await xray('three', 10), await xray('three', 300)];
    await portal('three', [alarm(0)]);
    for (const scanId of scans) await decide(scanId, 'normal');
    for (const scanId of scans) expect(await codes(scanId)).toEqual(['alarm-waits', 'normal', 'normal']);
  });

  test('two days apart are not joined, but the alarm holds the scan unless the policy says that visit ids repeat', async () => {
    const record = await portal('repeats', [alarm(0)]);
    clock.advance(2 * DAY);
    const later = await xray('repeats', 0);
    expect((await holdOf(record))?.join.kind).toBe('none');
    await decide(later, 'normal');
    expect(await codes(later)).toEqual(['alarm-waits', 'normal']);
    const { version: _, undoWindowSeconds: __, dangerDueMinutes: ___, ...terms } = service.deps.policy;
    const payload = { ...terms, visitDays: 1 };
    const headers = { 'if-match': '"0"' };
    const first = await service.newToken('administrator', ADMINISTRATION, '*');
    const put = await service.ask(first, { method: 'PUT', url: '/v1/policy', payload, headers });
    expect(put.statusCode, 'it takes two').toBe(202);
    expect(await instructions(later)).toEqual(['hold']);
    const second = await service.newToken('administrator', ADMINISTRATION, '*');
    const confirmed = await service.ask(second, {
      method: 'POST',
      url: '/v1/policy/confirmation',
      payload: {},
      headers: { 'if-match': String(put.headers.etag) },
    });
    expect(confirmed.statusCode, confirmed.body).toBe(200);
    expect(await codes(later)).toEqual(['normal']);
  });

  test('of which a time alone would join another visit stay apart, and the scan holds as one near it', async () => {
    const record = await portal('mine', [alarm(0)]);
    const other = await xray('theirs', 5);
    expect((await holdOf(record))?.join).toMatchObject({ kind: 'none' });
    expect(await codes(other)).toContain('alarm-near');
    const own = await xray('mine', 900);
    expect((await holdOf(record))?.join).toMatchObject({ scanId: own, by: 'visit' });
    expect(await codes(other)).not.toContain('alarm-near');
  });

  test('are not told by what was sent beside a log of several vehicles', async () => {
    const scan = await xray('log', 4000);
    const record = await portal('log', [alarm(0), { ...alarm(60), number: 900 }]);
    expect((await holdOf(record))?.join).toMatchObject({ kind: 'none' });
    expect(await codes(scan), 'but the log is of the vehicle, as its sender says').toContain('alarm-waits');
  });
});

describe('an officer who says of which vehicle an alarm is', () => {
  const say = (id: string, verb: 'join' | 'unjoin', payload: object) =>
    service.as('radiation-officer', { method: 'POST', url: `/v1/holds/${id}/${verb}`, payload });

  const box = () => withCheckDigit(`MSKU${500_000 + seed}`);
  const near = (more: object = {}) => xray(undefined, 600, more);
  const real = async (id: string) => {
    const words = { decision: 'real', authority: 'Nuclear safety' };
    const url = `/v1/holds/${id}/adjudication`;
    const answer = await service.as('radiation-officer', { method: 'POST', url, payload: words });
    expect(answer.statusCode, answer.body).toBe(200);
  };

  test('names it by its container: its next scan is held, also once it is detained, and the others go on', async () => {
    const [containers, innocent] = [box(), await near()];
    await decide(innocent, 'normal');
    const record = await portal('by-mark', [alarm(0), { from: time(300), number: 900 }]);
    const { id } = (await holdOf(record)) as Hold;
    await real(id);
    expect(await codes(innocent)).toEqual(['alarm-near', 'normal']);
    const kept = { kind: 'detained', reference: 'A-17' };
    const nameless = await service.as('radiation-officer', {
      method: 'POST',
      url: `/v1/holds/${id}/close`,
      payload: kept,
    });
    expect(nameless.statusCode, 'it leads to no vehicle').toBe(409);
    expect(nameless.json().detail).toContain('join the alarm');
    const vehicle = { kind: 'container', value: containers.toLowerCase() };
    expect((await say(id, 'join', { why: 'x' })).statusCode).toBe(400);
    expect((await say(id, 'join', { vehicle, why: 'read off the truck' })).json().join.kind).toBe('none');
    const second = await service.newToken('radiation-officer', ADMINISTRATION, SITE);
    const payload = { vehicle, why: 'so do I' };
    const joined = await service.ask(second, { method: 'POST', url: `/v1/holds/${id}/join`, payload });
    expect(joined.json().join).toEqual({ kind: 'vehicle', mark: { kind: 'container', value: containers } });
    await service.work();
    expect(await codes(innocent)).toEqual(['normal']);
    const url = `/v1/sites/${SITE}/vehicles/container/${containers}`;
    const { entries } = (await service.as('radiation-officer', { url })).json();
    expect(entries.at(-1), 'its page, before it has a scan').toMatchObject({ id, event: 'joined' });
    const seen = await service.as('scanner', { url: `/v1/scans/${record}` });
    expect(seen.body, 'not what the officer read off the truck').not.toContain(containers);
    // for longer than the days of the policy, since it is not ended
    clock.advance(6 * DAY);
    controller.told.splice(0);
    const own = await near({ containers });
    await decide(own, 'normal');
    expect(await codes(own)).toEqual(['alarm-confirmed', 'normal']);
    await service.as('radiation-officer', { method: 'POST', url: `/v1/holds/${id}/close`, payload: kept });
    await service.work();
    expect(await codes(own)).toEqual(['alarm-kept', 'normal']);
    expect(controller.told.at(-1)).toMatchObject({ scanId: own, instruction: 'hold' });
    expect(await codes(await near({ containers: box() }))).not.toContain('alarm-kept');
    const left = { id: `left-${seed}`, at: time(0), containers: [containers], fallback: 'no answer' };
    await service.as('lane', {
      method: 'POST',
      url: '/v1/passages',
      payload: { site: SITE, passages: [left] },
    });
    await service.work();
    const { items } = (await service.as('supervisor', { url: '/v1/passages?state=open' })).json();
    const passage = items.find(({ report }: { report: { id: string } }) => report.id === left.id);
    expect(passage.facts).toContainEqual(expect.objectContaining({ code: 'alarm-kept', holdId: id }));
    expect((await reindex(service.deps)).damaged).toEqual([]);
    await service.work();
    expect(await codes(own), 'after a reindex').toEqual(['alarm-kept', 'normal']);
  });

  test('names one of neutrons with another officer, who says the same', async () => {
    const containers = box();
    const own = await near({ containers });
    await decide(own, 'normal');
    const record = await portal('neutron-mark', [
      { ...alarm(0), alarm: 'neutron' },
      { from: time(300), number: 900 },
    ]);
    const { id } = (await holdOf(record)) as Hold;
    const [first, other] = [
      { kind: 'container', value: containers },
      { kind: 'container', value: box() },
    ];
    expect((await say(id, 'join', { vehicle: other, why: 'x' })).json().join.kind).toBe('none');
    const second = await service.newToken('radiation-officer', ADMINISTRATION, SITE);
    const agreed = (vehicle: object) =>
      service.ask(second, { method: 'POST', url: `/v1/holds/${id}/join`, payload: { vehicle, why: 'x' } });
    expect((await agreed(first)).json().join.kind, 'another one').toBe('none');
    expect((await say(id, 'join', { vehicle: first, why: 'x' })).json().join.kind).toBe('vehicle');
    expect(await codes(own)).toContain('alarm-waits');
  });

  test('joins it with another officer: that scan holds, and the others go on', async () => {
    const second = await service.newToken('radiation-officer', ADMINISTRATION, SITE);
    const containers = box();
    const [own, other] = [await xray(undefined, 600, { containers }), await xray(undefined, 900)];
    const record = await portal('by-hand', [alarm(0)]);
    for (const scanId of [own, other]) await decide(scanId, 'normal');
    expect(await instructions(own, other)).toEqual(['hold', 'hold']);
    const { id } = (await holdOf(record)) as Hold;
    const seen = { scanId: own, why: 'the camera shows the plate' };
    await say(id, 'join', seen);
    await service.work();
    expect(await instructions(own, other), 'one officer frees nobody').toEqual(['hold', 'hold']);
    controller.told.splice(0);
    const joined = await service.ask(second, { method: 'POST', url: `/v1/holds/${id}/join`, payload: seen });
    expect(joined.json().join).toEqual({
      kind: 'joined',
      scanId: own,
      by: 'hand',
      secondsApart: 600,
      timeFrom: 'file',
      containers: [containers],
    });
    await service.work();
    expect(await instructions(own, other)).toEqual(['hold', 'proceed']);
    expect(new Set(controller.told.map(({ scanId }) => scanId))).toEqual(new Set([own, other, record]));
    const { radiation } = (await service.as('supervisor', { url: `/v1/scans/${own}` })).json();
    expect(radiation, 'and the scan shows it').toMatchObject([{ scanId: record, join: { by: 'hand' } }]);
    await xray(undefined, 1);
    expect((await holdOf(record))?.join).toMatchObject({ scanId: own });
  });

  test('takes it from a scan with another officer; that scan goes on, while the others near it hold', async () => {
    const second = await service.newToken('radiation-officer', ADMINISTRATION, SITE);
    const own = await xray(undefined, 60);
    const record = await portal('not-of', [alarm(0)]);
    const other = await xray(undefined, 900);
    for (const scanId of [own, other]) await decide(scanId, 'normal');
    const { id } = (await holdOf(record)) as Hold;
    expect(await instructions(own, other), 'a time is no proof').toEqual(['hold', 'hold']);
    const payload = { why: 'it was the truck behind' };
    await say(id, 'unjoin', payload);
    await service.ask(second, { method: 'POST', url: `/v1/holds/${id}/unjoin`, payload });
    await service.work();
    expect(await instructions(own, other)).toEqual(['proceed', 'hold']);
  });

  test('holds all images of the vehicle by joining one of them, also one that was separated before', async () => {
    const second = await service.newToken('radiation-officer', ADMINISTRATION, SITE);
    const containers = box();
    const first = await xray(undefined, 60, { containers });
    const record = await portal('separated', [alarm(0)]);
    const { id } = (await holdOf(record)) as Hold;
    const both = async (verb: 'join' | 'unjoin', payload: object) => {
      await say(id, verb, payload);
      return service.ask(second, { method: 'POST', url: `/v1/holds/${id}/${verb}`, payload });
    };
    expect((await both('unjoin', { scanId: first, why: 'the truck behind' })).json().notOf).toEqual([first]);
    const again = await xray(undefined, 600, { containers });
    for (const scanId of [first, again]) await decide(scanId, 'normal');
    const joined = await both('join', { scanId: again, why: 'it was this truck after all' });
    expect(joined.json().join).toMatchObject({ scanId: again, containers: [containers] });
    await service.work();
    expect(await instructions(first, again)).toEqual(['hold', 'hold']);
  });

  test('is answered what is wrong with it', async () => {
    const record = await portal('wrong', [alarm(0)]);
    const { id } = (await holdOf(record)) as Hold;
    for (const scanId of ['nowhere', record])
      expect((await say(id, 'join', { scanId, why: 'x' })).json()).toMatchObject({
        code: 'NII_BAD_REQUEST',
        field: 'scanId',
      });
    expect((await say(id, 'unjoin', { why: 'x' })).json()).toMatchObject({ code: 'NII_STATE_CONFLICT' });
    expect((await say(id, 'join', { scanId: record })).statusCode).toBe(400);
  });
});

describe('two scans of one visit', () => {
  test('proceed together, when both are normal, and the lane is told of both each time', async () => {
    const [side, top] = [await xray('pair', 0), await xray('pair', 30)];
    await decide(side, 'normal');
    expect(await instructions(side, top)).toEqual(['hold', 'hold']);
    expect(await lane(side)).toMatchObject({ visit: 'pair', otherScans: [top] });
    expect((await lane(side)).reasons).toContainEqual(
      expect.objectContaining({ code: 'undecided', scanId: top }),
    );
    controller.told.splice(0);
    await decide(top, 'normal');
    expect(await instructions(side, top)).toEqual(['proceed', 'proceed']);
    const last = new Map(controller.told.map(({ scanId, instruction }) => [scanId, instruction]));
    expect(last).toEqual(new Map([side, top].map((scanId) => [scanId, 'proceed'])));
  });

  test('of which the first was to be made again go by the second', async () => {
    const first = await xray('again', 0);
    await decide(first, 'scan-again');
    expect(await instructions(first)).toEqual(['rescan']);
    const second = await xray('again', 200);
    expect(await instructions(first, second)).toEqual(['hold', 'hold']);
    await decide(second, 'normal');
    expect(await instructions(first, second)).toEqual(['proceed', 'proceed']);
  });

  test('of which the second was there before anybody asked for it still wait for another', async () => {
    const [first, second] = [await xray('both', 0), await xray('both', 20)];
    clock.advance(60);
    await decide(second, 'normal');
    await decide(first, 'scan-again');
    expect(await instructions(first, second)).toEqual(['rescan', 'rescan']);
  });

  test('of which the first failed hold until the second is decided', async () => {
    const failed = await xray('failed', 0, { behaviour: 'throw' });
    expect(await codes(failed)).toEqual(['scan-failed']);
    clock.advance(60);
    const good = await xray('failed', 60);
    expect(await codes(failed)).toEqual(['undecided']);
    await decide(good, 'normal');
    expect(await instructions(failed, good)).toEqual(['proceed', 'proceed']);
  });

  test('one of which fails last hold, whatever was decided before', async () => {
    const good = await xray('worse', 0);
    await decide(good, 'normal');
    await xray('worse', 60, { behaviour: 'throw' });
    expect(await codes(good)).toEqual(['scan-failed', 'normal']);
  });
});

describe('a visit id', () => {
  test('finds the scans of the vehicle, and does not tell a scanner of the others', async () => {
    const scans = [await xray('found', 0), await xray('found', 60)];
    const { items } = (await service.as('supervisor', { url: '/v1/scans?visit=found' })).json();
    expect(items).toHaveLength(2);
    for (const { id, visit } of items) expect([scans.includes(id), visit]).toEqual([true, 'found']);
    const url = `/v1/scans/${scans[0]}/lane-instruction`;
    const shown = (await service.as('scanner', { url })).json();
    expect(shown).not.toHaveProperty('otherScans');
    expect(shown).not.toHaveProperty('reasons');
  });

  test('tells an analyst who has one of the scans in hand nothing of the other', async () => {
    const token = (role: Role) => service.newToken(role, 'elsewhere', SITE);
    const [scanner, supervisor, analyst] = [
      await token('scanner'),
      await token('supervisor'),
      await token('analyst'),
    ];
    for (const second of [0, 60]) {
      const payload = fakeScan({ seed: 9000 + second, acquired: time(second) });
      const headers = { 'content-type': 'application/octet-stream' };
      const url = `/v1/scans?name=${second}.fake&visit=read`;
      await service.ask(scanner, { method: 'POST', url, payload, headers });
    }
    await service.work();
    const first = (await service.ask(supervisor, { method: 'POST', url: '/v1/cases/next' })).json();
    const payload = { kind: 'normal', reason: 'nothing-unusual' };
    await service.ask(supervisor, { method: 'POST', url: `/v1/cases/${first.id}/verdict`, payload });
    const { scanId } = (await service.ask(analyst, { method: 'POST', url: '/v1/cases/next' })).json();
    const url = `/v1/scans/${scanId}/lane-instruction`;
    expect((await service.ask(supervisor, { url })).json().otherScans).toEqual([first.scanId]);
    const read = (await service.ask(analyst, { url })).json();
    expect(read).toMatchObject({ instruction: 'hold', units: [] });
    for (const name of ['reasons', 'otherScans']) expect(read).not.toHaveProperty(name);
  });

  test.each(['', 'x'.repeat(129), 'a%00b', 'a%0Ab'])('%j is refused, and nothing is kept', async (visit) => {
    const answer = await post('scanner', `/v1/scans?name=x.fake&visit=${visit}`, fakeScan({ seed: 1 }));
    expect(answer.json()).toMatchObject({ status: 400, code: 'NII_BAD_REQUEST' });
  });

  test('and the joins by it survive a reindex', async () => {
    await xray('kept', 0);
    await portal('kept', [alarm(4000)]);
    const before = await promisedRecords(service);
    expect((await reindex(service.deps)).damaged).toEqual([]);
    await service.work();
    expect(await promisedRecords(service)).toEqual(before);
  });
});
