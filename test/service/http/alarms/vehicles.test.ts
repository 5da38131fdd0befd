import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { withCheckDigit } from '../../../../src/core/check-digits.ts';
import { fakeScan } from '../../../support/fake-scan.ts';
import { BorderPost } from '../../../support/http/border-post.ts';
import { n42Document, portalLines } from '../../../support/vendors/portal.ts';

/** What is open against a vehicle goes with it: to another scan, lane, visit, spelling and day. */

let post: BorderPost;

beforeAll(async () => {
  post = await BorderPost.open();
});
beforeEach(() => {
  post.nextWeek();
  number += 1;
  [box, other] = [withCheckDigit(`MSKU${100_000 + number}`), withCheckDigit(`TGHU${100_000 + number}`)];
});
afterAll(async () => {
  await post.close();
  expect(post.service.wrongAnswers).toEqual([]);
});

const HOUR = 3600;
/** Of this test alone. */
let box: string;
let other: string;
let number = 0;

async function codesOf(scanId: string) {
  const { instruction, final, reasons = [] } = await post.instruction(scanId);
  return { instruction, final, codes: reasons.map(({ code }) => code) };
}

const held = (...codes: string[]) => ({ instruction: 'hold', final: false, codes });
const free = { instruction: 'proceed', final: true, codes: ['normal'] };

/** It was made so many seconds into the week, and sent at once. */
function scanned(second: number, place: { containers?: string; lane?: string; visit?: string } = {}) {
  post.clock.advance((Date.parse(post.time(second)) - post.clock.now().getTime()) / 1000);
  return post.xray(second, { containers: box, ...place });
}

async function readNormal(
  second: number,
  place: { containers?: string; lane?: string; visit?: string } = {},
) {
  const scanId = await scanned(second, place);
  await post.decide(scanId, 'normal');
  return scanId;
}

describe('a vehicle is known by its container', () => {
  test('an N42 alarm that names it holds it, whatever portal and scanner call the lane', async () => {
    await post.send('gate.n42', n42Document(box, post.time(0)), 'gate-3');
    const scanId = await readNormal(2 * HOUR, { lane: 'scanner-1' });
    expect(await codesOf(scanId)).toEqual(held('alarm-waits', 'normal'));
  });

  test('an alarm holds it again when it comes back after 25 hours', async () => {
    await post.send('gate.n42', n42Document(box, post.time(0)), 'lane-3');
    await readNormal(60);
    const again = await readNormal(25 * HOUR);
    expect(await codesOf(again)).toMatchObject({ instruction: 'hold', final: false });
  });

  test.each([
    ['detained', 'hold: alarm-kept normal'],
    ['released', 'proceed: normal'],
  ])('an alarm that was real and ended %s before the image came counts for it', async (kind, told) => {
    const record = await post.send('gate.n42', n42Document(box, post.time(0)), 'gate-3');
    const { id } = await post.holdOf(record);
    await post.adjudicate(id, { decision: 'real', authority: 'Nuclear safety' });
    const other = await post.newKey('radiation-officer');
    const before = await scanned(2 * HOUR, { lane: 'lane-9' });
    if (kind === 'detained') await post.joinContainerByTwo(id, box);
    await post.post(other, `/v1/holds/${id}/close`, { kind });
    const after = await scanned(3 * HOUR, { lane: 'lane-9' });
    for (const scanId of [before, after]) await post.decide(scanId, 'normal');
    for (const scanId of [before, after]) {
      const { instruction, reasons = [] } = await post.instruction(scanId);
      expect(`${instruction}: ${reasons.map(({ code }) => code).join(' ')}`).toBe(told);
    }
  });

  test('a suspect image holds its next scan, until a search of the first one ends it', async () => {
    const first = await scanned(0);
    const caseId = await post.decide(first, 'suspect');
    const second = await readNormal(HOUR, { lane: 'lane-9' });
    expect(await codesOf(second)).toEqual(held('suspect', 'normal'));
    await post.post('supervisor', `/v1/cases/${caseId}/reopen`, { why: 'another look' });
    const reopened = await codesOf(second);
    expect(reopened, 'a reopening takes nothing off it').toEqual(held('undecided', 'suspect', 'normal'));
    const reader = await post.newKey('supervisor');
    await post.post(reader, `/v1/cases/${caseId}/claim`);
    await post.post(reader, `/v1/cases/${caseId}/verdict`, { kind: 'suspect', reason: 'other' });
    await post.post('supervisor', `/v1/cases/${caseId}/refer`);
    expect(await codesOf(second)).toEqual(held('in-search', 'normal'));
    await post.post('searcher', `/v1/cases/${caseId}/outcome`, {
      kind: 'nothing-found',
      method: 'unloaded',
      extent: 'full',
    });
    expect(await codesOf(second)).toEqual(free);
  });

  test('what is open against it ends to count after the days of the policy, and counts for no other', async () => {
    const first = await scanned(0);
    await post.decide(first, 'suspect');
    expect(await codesOf(await readNormal(HOUR, { containers: other }))).toEqual(free);
    expect(await codesOf(await readNormal(71 * HOUR))).toEqual(held('suspect', 'normal'));
    expect(await codesOf(await readNormal(146 * HOUR))).toEqual(free);
  });

  test('an image that nobody has read yet holds its next scan until it is read', async () => {
    const first = await scanned(0);
    const second = await readNormal(HOUR, { lane: 'lane-9' });
    expect(await codesOf(second)).toEqual(held('undecided', 'normal'));
    expect(await codesOf(await readNormal(HOUR + 60, { containers: other }))).toEqual(free);
    await post.decide(first, 'normal');
    expect(await codesOf(second)).toEqual(free);
  });

  test('an image that is to be made again holds its next scan, unless that is the one that was asked for', async () => {
    const first = await scanned(0);
    const before = await readNormal(HOUR, { lane: 'lane-9' });
    await post.decide(first, 'scan-again');
    expect(await codesOf(before)).toEqual({
      instruction: 'rescan',
      final: true,
      codes: ['rescan', 'normal'],
    });
    const again = await readNormal(2 * HOUR);
    for (const scanId of [first, before, again])
      expect(await codesOf(scanId)).toMatchObject({ instruction: 'proceed', final: true });
  });
});

/** Sends a file with what its sender says beside it. */
async function sent(name: string, payload: Buffer, beside: string): Promise<string> {
  const headers = { 'content-type': 'application/octet-stream' };
  const url = `/v1/scans?name=${name}&${beside}`;
  const answer = await post.service.as('scanner', { method: 'POST', url, payload, headers });
  expect(answer.statusCode, answer.body).toBe(202);
  await post.service.work();
  return answer.json().scans[0].scanId;
}

const image = (seed: number, containers = '') =>
  fakeScan({ seed: 5000 + 10 * number + seed, acquired: post.time(0), ...(containers && { containers }) });

describe('found by the adversary', () => {
  test('a visit in another spelling is the same visit', async () => {
    const log = portalLines([{ from: post.time(-9 * HOUR), number: 1, alarm: 'gamma' }]);
    await sent('a.csv', log, 'lane=lane-1&visit=V-26-2');
    const scanId = await sent('b.fake', image(1), 'lane=lane-5&visit=v%2026%202');
    await post.decide(scanId, 'normal');
    expect(await codesOf(scanId)).toMatchObject({ instruction: 'hold', final: false });
  });

  test('of an alarm that nobody has ended holds the container for longer than the days of the policy', async () => {
    const day = 86_400;
    await post.send('gate.n42', n42Document(box, post.time(0)), 'gate-3');
    const { items } = (await post.get('radiation-officer', '/v1/holds?state=open&limit=200')).json();
    const hold = items.find(({ containers }: { containers: string[] }) => containers.includes(box));
    post.clock.advance(5 * day);
    const later = await readNormal(5 * day);
    expect(await codesOf(later)).toEqual(held('alarm-waits', 'normal'));
    expect(await codesOf(await readNormal(5 * day, { containers: other }))).toEqual(free);
    await post.adjudicate(hold.id, { decision: 'real', authority: 'Nuclear safety' });
    const detain = () => post.post('radiation-officer', `/v1/holds/${hold.id}/close`, { kind: 'detained' });
    expect((await detain()).statusCode, 'the container may be misread').toBe(409);
    await post.joinContainerByTwo(hold.id, box);
    expect((await detain()).statusCode).toBe(200);
    expect(await codesOf(later)).toMatchObject({ codes: ['alarm-kept', 'normal'] });
    post.clock.advance(5 * day);
    expect(await codesOf(await readNormal(10 * day))).toEqual(free);
  });

  test('an image of days ago that the lane asks by is of the vehicle as it is now', async () => {
    const old = await readNormal(0);
    await post.decide(await scanned(96 * HOUR), 'suspect');
    expect(await codesOf(old)).toEqual(held('suspect', 'normal'));
    await post.send('gate.n42', n42Document(other, post.time(97 * HOUR)), 'gate-3');
    const oldOther = await readNormal(0, { containers: other });
    post.clock.advance(97 * HOUR);
    expect(await codesOf(oldOther)).toMatchObject({ instruction: 'hold', final: false });
  });

  test('a search that is ordered days after the image holds the vehicle for the days after the order', async () => {
    const first = await scanned(0);
    post.clock.advance(60 * HOUR);
    const caseId = await post.decide(first, 'suspect');
    await post.post('supervisor', `/v1/cases/${caseId}/refer`);
    expect(await codesOf(await readNormal(120 * HOUR))).toEqual(held('in-search', 'normal'));
  });

  test('officers who join an alarm to another scan take nothing off the container that its record names', async () => {
    await post.send('gate.n42', n42Document(box, post.time(0)), 'gate-3');
    const own = await readNormal(60, { lane: 'lane-9' });
    const innocent = await readNormal(90, { containers: other, lane: 'lane-9' });
    const { items } = (await post.get('radiation-officer', '/v1/holds?state=open&limit=200')).json();
    const hold = items.find(({ containers }: { containers: string[] }) => containers.includes(box));
    expect((await post.joinByTwo(hold.id, innocent)).statusCode).toBe(200);
    expect(await codesOf(own)).toEqual(held('alarm-waits', 'normal'));
  });

  test('an image that was sent as training holds no vehicle of its visit', async () => {
    await sent('a.fake', image(1), `visit=T-${number}&purpose=training`);
    const scanId = await sent('b.fake', image(2), `visit=T-${number}`);
    await post.decide(scanId, 'normal');
    expect(await codesOf(scanId)).toMatchObject({ instruction: 'proceed', final: true });
  });
});

describe('a time alone joins nothing surely', () => {
  test('of two vehicles nose to tail, both are held, and each can go once two officers have said which it was', async () => {
    const record = await post.portal([{ from: post.time(0), number: 1, alarm: 'gamma' }]);
    const before = await readNormal(-20, { containers: box });
    const after = await readNormal(25, { containers: other });
    for (const scanId of [before, after])
      expect(await codesOf(scanId), scanId).toMatchObject({ instruction: 'hold', final: false });
    const { id } = await post.holdOf(record);
    const seen = { scanId: after, why: 'seen by the camera' };
    const first = await post.post('radiation-officer', `/v1/holds/${id}/join`, seen);
    expect(first.json().joinProposal, 'the other may carry the source').toMatchObject({ scanId: after });
    expect(await codesOf(before)).toEqual(held('alarm-waits', 'normal'));
    await post.joinByTwo(id, after);
    expect(await codesOf(before)).toEqual(free);
    expect(await codesOf(after)).toEqual(held('alarm-waits', 'normal'));
    await post.adjudicateByTwo(id);
    expect(await codesOf(after)).toMatchObject({ instruction: 'proceed', final: true });
  });

  test('of an image without a number, another of the same truck goes on being held until two officers state a number', async () => {
    const record = await post.portal([{ from: post.time(0), number: 1, alarm: 'gamma' }]);
    const front = await readNormal(20, { containers: '' });
    const rear = await readNormal(40, { containers: box });
    const { id } = await post.holdOf(record);
    await post.joinByTwo(id, front);
    expect(await codesOf(front)).toEqual(held('alarm-waits', 'normal'));
    expect(await codesOf(rear)).toEqual(held('alarm-near', 'normal'));
    const vehicle = { kind: 'container', value: other };
    const said = { scanId: front, vehicle, why: 'read off the truck' };
    for (const officer of ['radiation-officer', await post.secondOfficer()])
      expect((await post.post(officer, `/v1/holds/${id}/join`, said)).statusCode).toBe(200);
    expect(await codesOf(rear)).toEqual(free);
    expect(await codesOf(front)).toEqual(held('alarm-waits', 'normal'));
  });

  test('of an image that is known by its visit alone, the neighbour can go', async () => {
    const record = await post.portal([{ from: post.time(0), number: 1, alarm: 'gamma' }]);
    const own = await readNormal(20, { containers: '', visit: `N-${number}` });
    const neighbour = await readNormal(40, { containers: box });
    await post.joinByTwo((await post.holdOf(record)).id, own);
    expect(await codesOf(neighbour)).toEqual(free);
  });
});
