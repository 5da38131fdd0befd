import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { BorderPost, nothingFound } from '../../../support/http/border-post.ts';
import { portalLines } from '../../../support/vendors/portal.ts';

/**
 * What once let a vehicle go that ought to have stayed, played from the upload to the barrier. Of the same kind are
 * elsewhere: a customs release while something is open (http/cases/releases), and a site in parallel mode (decide/sites).
 */

let post: BorderPost;
let analysts: readonly [string, string];

beforeAll(async () => {
  post = await BorderPost.open();
  analysts = [await post.newKey('supervisor'), await post.newKey('supervisor')];
});
beforeEach(() => post.nextWeek());
afterAll(async () => {
  await post.close();
  expect(post.service.wrongAnswers).toEqual([]);
});

const codesOf = async (scanId: string) => (await post.instruction(scanId)).reasons?.map(({ code }) => code);
const toldOf = (scanId: string) => post.told.filter((one) => one.scanId === scanId).at(-1);
const held = { instruction: 'hold', final: false };
const free = { instruction: 'proceed', final: true };

/** A gamma detector of the four counts nothing, from the first line to the last. */
function deadDetector(second: number): Buffer {
  const lines = portalLines([{ from: post.time(second), number: 1 }]).toString();
  return Buffer.from(lines.replaceAll('000060,000061', '000000,000061').replaceAll('000300,', '000000,'));
}

test('a dead detector holds the vehicle, is no innocent alarm, and ends by a new measurement', async () => {
  const scan = await post.xray(12);
  await post.decide(scan, 'normal');
  expect(await post.instruction(scan)).toMatchObject(free);
  const record = await post.send('dead.csv', deadDetector(0), 'lane-3', { visit: 'V-dead' });
  const { id } = await post.holdOf(record);
  expect(await post.hold(id)).toMatchObject({ alarms: [], notMeasured: ['dead-detector'] });
  expect(await post.instruction(scan)).toMatchObject(held);
  expect(await codesOf(scan)).toContain('not-measured');
  expect(toldOf(scan)).toMatchObject(held);

  const innocent = { decision: 'innocent', basis: 'declared-source', reference: 'L-7' };
  expect((await post.adjudicate(id, innocent)).json()).toMatchObject({
    status: 400,
    field: 'decision',
    detail: expect.stringContaining('did not measure it (dead-detector)'),
  });
  const fault = { decision: 'tamper-or-fault', workOrder: 'W-1' };
  expect((await post.adjudicate(id, fault)).json()).toMatchObject({ status: 400, field: 'newMeasurement' });
  const again = await post.portal([{ from: post.time(7200), number: 2 }], 'lane-3', { visit: 'V-dead' });
  const newMeasurement = { kind: 'passed-again', scanId: again, recordId: 'occupancy-1' };
  const ended = await post.adjudicate(id, { ...fault, newMeasurement });
  expect(ended.json()).toMatchObject({ state: 'measured-again' });
  expect(await post.instruction(scan)).toMatchObject(free);
  expect(toldOf(scan)).toMatchObject(free);
});

test('a neutron alarm whose portal writes its times in another zone holds what came with it in every lane, until two officers agree', async () => {
  const [here, elsewhere] = [
    await post.xray(1800),
    await post.xray(1800, { containers: 'CSQU3054383', lane: 'lane-4' }),
  ];
  for (const scan of [here, elsewhere]) await post.decide(scan, 'normal');
  const local = post.time(3 * 3600).replace('Z', '');
  const record = await post.portal([{ from: local, number: 7, alarm: 'neutron' }]);
  const { id, join } = await post.holdOf(record);
  expect(join).toMatchObject({ kind: 'none' });
  expect(await post.instruction(here)).toMatchObject(held);
  expect(await codesOf(here)).toEqual(['alarm-near', 'normal']);
  expect(await post.instruction(elsewhere), 'names of lanes go wrong').toMatchObject(held);

  await post.adjudicate(id, nothingFound);
  expect(await post.instruction(here), 'after the first of two').toMatchObject(held);
  await post.adjudicate(id, nothingFound, await post.secondOfficer());
  for (const scan of [here, elsewhere]) expect(await post.instruction(scan)).toMatchObject(free);
});

test('an alarm that comes after the image was judged normal takes the instruction back', async () => {
  const visit = { visit: 'V-tiles' };
  await post.declare('D-tiles', { containers: ['MSKU1234565'], hsCodes: ['690721'] });
  const scan = await post.xray(12, visit);
  await post.decide(scan, 'normal');
  expect(toldOf(scan)).toMatchObject(free);
  const { id } = await post.holdOf(
    await post.portal([{ from: post.time(0), number: 1, alarm: 'gamma' }], 'lane-3', visit),
  );
  expect(toldOf(scan)).toMatchObject(held);
  expect(await codesOf(scan)).toEqual(['alarm-waits', 'normal']);
  await post.adjudicate(id, {
    decision: 'innocent',
    basis: 'norm',
    goodsHs: '6907',
    identification: { nuclides: ['K-40'], by: 'riid' },
  });
  expect(toldOf(scan)).toMatchObject(free);
});

test('a search of one spot that found nothing holds, until a supervisor says why that is enough', async () => {
  const scan = await post.xray(12);
  const id = await post.decide(scan, 'suspect', 'shape');
  await post.post('supervisor', `/v1/cases/${id}/refer`);
  expect(await codesOf(scan)).toEqual(['in-search']);
  const outcome = { kind: 'nothing-found', method: 'opened', extent: 'spot' };
  const reported = await post.post('searcher', `/v1/cases/${id}/outcome`, outcome);
  expect(reported.json(), reported.body).toMatchObject({ state: 'searched' });
  expect(await post.instruction(scan)).toMatchObject(held);
  expect(await codesOf(scan)).toEqual(['searched-in-part']);
  await post.post('supervisor', `/v1/cases/${id}/search-acceptance`, { why: 'the suspect box was opened' });
  expect(await post.instruction(scan)).toMatchObject(free);
  expect(await codesOf(scan)).toEqual(['search-accepted']);
});

test('a suspect image that a second reader calls normal is disputed, and holds until one who has not read it settles it', async () => {
  const scan = await post.xray(12);
  const id = await post.decide(scan, 'suspect', 'shape', analysts[0]);
  await post.post(analysts[0], `/v1/cases/${id}/second-opinion`, { why: 'not sure' });
  await post.decide(scan, 'normal', 'nothing-unusual', analysts[1]);
  expect(await post.instruction(scan)).toMatchObject(held);
  expect(await codesOf(scan)).toEqual(['disputed']);
  const settle = (by: string) =>
    post.post(by, `/v1/cases/${id}/settlement`, { kind: 'normal', reason: 'nothing-unusual' });
  expect((await settle(analysts[0])).json(), 'who has read it').toMatchObject({ code: 'NII_STATE_CONFLICT' });
  expect(await post.instruction(scan)).toMatchObject(held);
  expect((await settle('supervisor')).statusCode).toBe(200);
  expect(await post.instruction(scan)).toMatchObject(free);
});

test('an image that two readers cannot read holds, also when its case is closed so', async () => {
  const scan = await post.xray(12);
  const id = await post.decide(scan, 'inconclusive', 'other', analysts[0]);
  expect(await post.instruction(scan), 'a second reader is asked').toMatchObject(held);
  await post.decide(scan, 'inconclusive', 'other', analysts[1]);
  expect(await post.instruction(scan)).toMatchObject(held);
  expect(await codesOf(scan)).toEqual(['inconclusive']);
  const closed = await post.post('supervisor', `/v1/cases/${id}/close`, { why: 'the vehicle went back' });
  expect(closed.json(), closed.body).toMatchObject({ state: 'closed' });
  expect(await post.instruction(scan)).toMatchObject({ instruction: 'hold', final: true });
  expect(await codesOf(scan)).toEqual(['left-undecided']);
});
