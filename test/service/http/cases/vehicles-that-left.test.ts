import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { IssuedLaneInstruction } from '../../../../src/core/case/lane.ts';
import type { LanePassage } from '../../../../src/core/case/lane-passage.ts';
import { withCheckDigit } from '../../../../src/core/check-digits.ts';
import { reindex } from '../../../../src/maintenance/reindex/reindex.ts';
import { SITE } from '../../../support/harness.ts';
import { BorderPost } from '../../../support/http/border-post.ts';

/** What left is watched: a passage is compared with what the service knows, then and afterwards. */

let post: BorderPost;
let second: string;
let box: string;
let number = 0;
let reports = 0;

beforeAll(async () => {
  post = await BorderPost.open();
  second = await post.newKey('supervisor');
});
beforeEach(() => {
  post.nextWeek();
  number += 1;
  box = withCheckDigit(`TGHU${300_000 + number}`);
});
afterAll(async () => {
  await post.close();
  expect(post.service.wrongAnswers).toEqual([]);
});

interface Listed extends LanePassage {
  readonly ageSeconds: number;
}

interface Answer {
  readonly passageId: string;
  readonly state: string;
  readonly reason?: string;
  readonly result: string;
}

const now = () => post.clock.now().toISOString();

/** Scanned and decided normal. */
async function cleared(containers = box): Promise<string> {
  const scanId = await post.xray(0, { containers });
  await post.decide(scanId, 'normal');
  return scanId;
}

const claimOf = ({ scanId, instruction, issuedAt, expiresAt }: IssuedLaneInstruction) => ({
  scanId,
  instruction,
  issuedAt,
  expiresAt,
});

/** Reported by the lane a second after the vehicle passed. */
async function passed(more: object, at = now()): Promise<Answer> {
  reports += 1;
  post.clock.advance(1);
  const passage = { id: `barrier-${reports}`, at, lane: 'lane-3', ...more };
  const answer = await post.post('lane', '/v1/passages', { site: SITE, passages: [passage] });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json().passages[0];
}

async function left(scanId: string): Promise<Answer> {
  const answer = await passed({ containers: [box], instruction: claimOf(await post.instruction(scanId)) });
  expect(answer).toMatchObject({ state: 'valid' });
  post.clock.advance(600);
  return answer;
}

async function listed({ passageId }: Answer, state = 'open'): Promise<Listed | undefined> {
  const { items } = (await post.get('supervisor', `/v1/passages?state=${state}&limit=200`)).json();
  return items.find(({ id }: Listed) => id === passageId);
}

const codesOf = (found: Listed | undefined) => found?.facts?.map(({ code }) => code);

async function changesOf(subject: string): Promise<readonly string[]> {
  const kinds: string[] = [];
  for (let cursor = '', more = true; more; ) {
    const url = `/v1/changes?limit=200${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`;
    const page = (await post.get('auditor', url)).json();
    const rows: { kind: string; subject: string }[] = page.items;
    kinds.push(...rows.filter((row) => row.subject === subject).map(({ kind }) => kind));
    ({ cursor, more } = page);
  }
  return kinds;
}

const LOUDEST = 'vehicle.left-with-open-fact';
const isLoud = ({ passageId }: Answer) => expect.poll(() => changesOf(passageId)).toContain(LOUDEST);

const find = { kind: 'found', what: 'cigarettes', where: 'floor', method: 'unloaded', extent: 'full' };

const settle = ({ passageId }: Answer, outcome: string) =>
  post.post('supervisor', `/v1/passages/${passageId}/settle`, { outcome, why: 'the port police knows' });

async function neutrons(): Promise<string> {
  const { id } = await post.holdOf(await post.portal([{ from: post.time(0), number, alarm: 'neutron' }]));
  return id;
}

async function recall(scanId: string, by = 'supervisor'): Promise<string> {
  const [value] = await post.service.deps.records.transaction((tx) => tx.casesOfScan(scanId));
  const answer = await post.post(by, `/v1/cases/${value?.id}/reopen`, { why: 'the declaration is false' });
  expect(answer.statusCode, answer.body).toBe(200);
  return String(value?.id);
}

async function holdByHand(container: string): Promise<void> {
  const url = `/v1/sites/${SITE}/vehicle-holds/container/${container}`;
  const answer = await post.service.as('supervisor', {
    ...{ method: 'PUT', url, headers: { 'if-match': '"0"' } },
    payload: { isHeld: true, reason: 'the neighbour asks for it' },
  });
  expect(answer.statusCode, answer.body).toBe(200);
  await post.service.work();
}

describe('one instruction', () => {
  test('one proceed used for three passages: the second and third are listed', async () => {
    const scanId = await cleared();
    const instruction = claimOf(await post.instruction(scanId));
    const answers = [];
    for (let i = 0; i < 3; i += 1) answers.push(await passed({ instruction }));
    expect(answers.map(({ state, reason }) => reason ?? state)).toEqual([
      'valid',
      'used-before',
      'used-before',
    ]);
    for (const answer of answers.slice(1))
      expect(await listed(answer)).toMatchObject({ reason: 'used-before' });
  });

  test('used three times in one report is used once', async () => {
    const instruction = claimOf(await post.instruction(await cleared()));
    const passages = ['a', 'b', 'c'].map((id) => ({ id: `once-${id}`, at: now(), instruction }));
    const answer = await post.post('lane', '/v1/passages', { site: SITE, passages });
    expect(answer.json().passages.map(({ state }: Answer) => state)).toEqual(['valid', 'open', 'open']);
  });

  test('the same report sent twice is one passage', async () => {
    const instruction = claimOf(await post.instruction(await cleared()));
    const report = { site: SITE, passages: [{ id: 'sent-twice', at: now(), instruction }] };
    const [first, again] = [
      await post.post('lane', '/v1/passages', report),
      await post.post('lane', '/v1/passages', report),
    ].map((answer) => answer.json().passages[0]);
    expect(first).toMatchObject({ result: 'new', state: 'valid' });
    expect(again).toEqual({ ...first, result: 'already-here' });
  });

  test('that is older than one by which the vehicle has passed is listed', async () => {
    const scanId = await cleared();
    const older = claimOf(await post.instruction(scanId));
    post.clock.advance(30);
    const newer = claimOf(await post.instruction(scanId));
    expect(await passed({ instruction: { ...newer, number: 7 } })).toMatchObject({ state: 'valid' });
    const answer = await passed({ instruction: { ...older, number: 6 } });
    expect(answer).toMatchObject({ reason: 'older-instruction' });
    expect(await passed({ instruction: { ...older, issuedAt: now(), number: 7 } }, now())).toMatchObject({
      reason: 'used-before',
    });
  });
});

describe('a vehicle', () => {
  test('a vehicle with other container numbers is listed, and the same number in another spelling is not', async () => {
    const scanId = await cleared();
    const instruction = claimOf(await post.instruction(scanId));
    const other = withCheckDigit(`TGHU${400_000 + number}`);
    const answer = await passed({ containers: [box, other], instruction });
    expect(answer).toMatchObject({ reason: 'other-vehicle' });
    post.clock.advance(5);
    const spelt = `${box.slice(0, 4).toLowerCase()} ${box.slice(4)}`;
    const own = await passed({ containers: [spelt], instruction: claimOf(await post.instruction(scanId)) });
    expect(own).toMatchObject({ state: 'valid' });
  });

  test('a forged proceed during a neutron hold is listed, with the alarm', async () => {
    const scanId = await cleared();
    const holdId = await neutrons();
    post.clock.advance(60);
    const told = await post.instruction(scanId);
    expect(told.instruction).toBe('hold');
    const answer = await passed({ instruction: { ...claimOf(told), instruction: 'proceed' } });
    expect(answer).toMatchObject({ state: 'open', reason: 'something-open' });
    const found = await listed(answer);
    expect(found?.facts).toMatchObject([{ code: 'alarm-waits', holdId }]);
    expect(await post.metric('nii_vehicles_left_with_open_fact')).toBeGreaterThan(0);
    await isLoud(answer);
  });

  test('a forged proceed that is reported only after the alarm has ended is listed', async () => {
    const scanId = await cleared();
    const { id } = await post.holdOf(await post.portal([{ from: post.time(0), number, alarm: 'gamma' }]));
    post.clock.advance(60);
    const [at, told] = [now(), await post.instruction(scanId)];
    post.clock.advance(60);
    await post.adjudicateByTwo(id);
    expect(await post.instruction(scanId)).toMatchObject({ instruction: 'proceed' });
    const answer = await passed({ instruction: { ...claimOf(told), instruction: 'proceed' } }, at);
    expect(answer).toMatchObject({ reason: 'something-open' });
    expect(codesOf(await listed(answer))).toEqual(['alarm-waits']);
  });

  test('that is held by hand, and passes without a scan or an instruction, is listed with the hold', async () => {
    await holdByHand(box);
    const answer = await passed({ containers: [box], fallback: 'the officer looked at the papers' });
    expect(codesOf(await listed(answer))).toEqual(['held-by-hand']);
    await isLoud(answer);
  });

  test('that passes without an instruction while its image is undecided is listed, and not as loudly as a suspect one', async () => {
    const scanId = await post.xray(0, { containers: box });
    const undecided = await passed({ containers: [box], fallback: 'the officer looked at the papers' });
    expect(await listed(undecided)).not.toHaveProperty('facts');
    await post.decide(scanId, 'suspect', 'shape');
    const found = await listed(undecided);
    expect([found?.reason, codesOf(found)]).toEqual(['none', ['suspect']]);
    await isLoud(undecided);
  });
});

describe('a fact that comes after the vehicle left', () => {
  test('an alarm that arrives after the vehicle left is listed with its age', async () => {
    const passage = await left(await cleared());
    expect(await listed(passage)).toBeUndefined();
    const holdId = await neutrons();
    post.clock.advance(90);
    const found = await listed(passage);
    expect(found).toMatchObject({ state: 'open', reason: 'left-with-fact', ageSeconds: 90 });
    expect(found?.facts).toMatchObject([
      { code: 'alarm-waits', holdId, text: expect.stringMatching(/neutron/i) },
    ]);
    await isLoud(passage);
    post.clock.advance(60);
    expect(await listed(passage)).toMatchObject({ ageSeconds: 150 });
  });

  test('an alarm near it is listed, too', async () => {
    const passage = await left(await cleared());
    const record = await post.portal([{ from: post.time(200), number, alarm: 'gamma' }], 'another-lane');
    expect((await post.holdOf(record)).state).toBe('open');
    expect(codesOf(await listed(passage))).toEqual(['alarm-near']);
  });

  test('a recall after it left is listed, and what comes of it is, too', async () => {
    const scanId = await cleared();
    const passage = await left(scanId);
    const at = now();
    await recall(scanId);
    expect((await listed(passage))?.facts).toMatchObject([{ code: 'undecided', scanId, since: at }]);
    await post.decide(scanId, 'suspect', 'shape', second);
    expect(codesOf(await listed(passage))).toEqual(['undecided', 'suspect']);
  });

  test('a find at another lane on the same container is listed with its scan', async () => {
    const passage = await left(await cleared());
    const again = await post.xray(700, { containers: box, lane: 'lane-9' });
    const id = await post.decide(again, 'suspect', 'shape');
    await post.post('supervisor', `/v1/cases/${id}/refer`);
    await post.post('searcher', `/v1/cases/${id}/outcome`, find);
    expect((await listed(passage))?.facts).toContainEqual(
      expect.objectContaining({ code: 'found', scanId: again }),
    );
  });

  test('a person in danger and a hold by hand after it left are listed', async () => {
    const scanId = await cleared();
    const passage = await left(scanId);
    const [value] = await post.service.deps.records.transaction((tx) => tx.casesOfScan(scanId));
    const raised = await post.post('supervisor', `/v1/cases/${value?.id}/danger`, { note: 'a heartbeat' });
    expect(raised.statusCode, raised.body).toBe(200);
    await holdByHand(box);
    expect(new Set(codesOf(await listed(passage)))).toEqual(new Set(['person-in-danger', 'held-by-hand']));
  });

  test('is listed while no worker runs', async () => {
    const scanId = await cleared();
    const passage = await left(scanId);
    const [value] = await post.service.deps.records.transaction((tx) => tx.casesOfScan(scanId));
    const payload = { why: 'the declaration is false' };
    await post.service.as('supervisor', { method: 'POST', url: `/v1/cases/${value?.id}/reopen`, payload });
    expect(codesOf(await listed(passage))).toEqual(['undecided']);
    await post.service.work();
    expect(codesOf(await listed(passage))).toEqual(['undecided']);
    await isLoud(passage);
  });

  test('that was reported late is listed at once', async () => {
    const scanId = await cleared();
    const [at, told] = [now(), await post.instruction(scanId)];
    post.clock.advance(30);
    await neutrons();
    post.clock.advance(3600);
    const answer = await passed({ instruction: claimOf(told) }, at);
    expect(answer).toMatchObject({ state: 'open', reason: 'left-with-fact' });
    await isLoud(answer);
  });

  test('is settled with an outcome, and listed again by the next fact, but not once it was brought back', async () => {
    const scanId = await cleared();
    const passage = await left(scanId);
    await recall(scanId);
    expect((await settle(passage, 'lost')).statusCode).toBe(400);
    const settled = await settle(passage, 'not-reached');
    expect(settled.json()).toMatchObject({ state: 'settled', settled: { outcome: 'not-reached' } });
    expect(await listed(passage)).toBeUndefined();
    post.clock.advance(60);
    await post.decide(scanId, 'suspect', 'shape', second);
    expect(codesOf(await listed(passage))).toEqual(['undecided', 'suspect']);
    const { items: trail } = (await post.get('auditor', '/v1/audit?limit=200')).json();
    const opened = trail.filter(
      ({ action, subject }: { action: string; subject: string }) =>
        action === 'security: passage opened again' && subject === passage.passageId,
    );
    expect(opened).toMatchObject([{ detail: { codes: ['undecided', 'suspect'], outcome: 'not-reached' } }]);
    expect((await settle(passage, 'recalled')).statusCode).toBe(200);
    await neutrons();
    expect(await listed(passage)).toBeUndefined();
    expect(codesOf(await listed(passage, 'settled'))).toEqual(['undecided', 'suspect']);
  });

  test('comes back by a reindex, and the next one is noted after it', async () => {
    const scanId = await cleared();
    const passage = await left(scanId);
    await recall(scanId);
    const before = await listed(passage);
    expect((await reindex(post.service.deps)).damaged).toEqual([]);
    await post.service.work();
    expect(await listed(passage)).toEqual(before);
    await post.decide(scanId, 'suspect', 'shape', second);
    expect(codesOf(await listed(passage))).toEqual(['undecided', 'suspect']);
  });

  test('days later is no concern of the passage', async () => {
    const scanId = await cleared();
    const passage = await left(scanId);
    post.clock.advance(4 * 24 * 3600);
    await recall(scanId);
    expect(await listed(passage)).toBeUndefined();
  });
});

test('a release by customs after a find is told as loudly', async () => {
  const scanId = await post.xray(0, { containers: box });
  const id = await post.decide(scanId, 'suspect', 'shape');
  await post.post('supervisor', `/v1/cases/${id}/refer`);
  await post.post('searcher', `/v1/cases/${id}/outcome`, find);
  const released = await post.post('lane', `/v1/cases/${id}/customs-release`, { reference: 'R 1' });
  expect(released.statusCode, released.body).toBe(200);
  await expect.poll(() => changesOf(id)).toContain(LOUDEST);
});
