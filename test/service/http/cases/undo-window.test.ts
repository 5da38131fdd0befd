import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { finalizeExpired } from '../../../../src/commands/undo-window.ts';
import type { Case } from '../../../../src/core/case/case.ts';
import { reindex } from '../../../../src/maintenance/reindex/reindex.ts';
import { runWorker } from '../../../../src/steps/worker.ts';
import { defaultPolicy } from '../../../../src/triage/policy.ts';
import { eventually } from '../../../support/eventually.ts';
import { SITE } from '../../../support/harness.ts';
import { BorderPost } from '../../../support/http/border-post.ts';

/** Verdicts that can be taken back for ten seconds, as the service has it by default. */

let post: BorderPost;

beforeAll(async () => {
  post = await BorderPost.open({
    policy: { ...defaultPolicy, secondOpinionShare: 0, separation: 'small-post' },
  });
});
beforeEach(async () => {
  post.nextWeek();
  await wait(0);
  post.told.splice(0);
});
afterAll(async () => {
  await post.close();
  expect(post.service.wrongAnswers).toEqual([]);
});

/** As a worker does it twice a second. */
async function wait(seconds: number): Promise<number> {
  post.clock.advance(seconds);
  const count = await finalizeExpired(post.service.deps);
  await post.service.work();
  return count;
}

const caseOf = async (id: string): Promise<Case> => (await post.get('auditor', `/v1/cases/${id}`)).json();
const told = () => post.told.map(({ instruction }) => instruction);
const back = (id: string, by = 'supervisor') => post.post(by, `/v1/cases/${id}/verdict-taken-back`);
const reports = async ({ scanId }: Case): Promise<readonly object[]> => {
  const { items } = (await post.get('auditor', `/v1/scans/${scanId}/revisions/latest/tdr`)).json();
  return items.filter(({ producer }: { producer: string }) => producer === 'triage');
};

describe('a verdict', () => {
  test('that lets a vehicle go is told when its ten seconds are over, and not before', async () => {
    const scanId = await post.xray(0);
    post.told.splice(0);
    const id = await post.decide(scanId, 'normal');
    const value = await caseOf(id);
    expect(value).toMatchObject({ state: 'decided', undoWindow: { until: post.time(10) } });
    expect(await wait(9)).toBe(0);
    expect(await post.instruction(scanId)).toMatchObject({ instruction: 'hold', final: false });
    expect([told(), await reports(value)], 'nothing is written of it before it stands').toEqual([[], []]);
    expect(await wait(1)).toBe(1);
    expect(await post.instruction(scanId)).toMatchObject({ instruction: 'proceed', final: true });
    expect(told()).toEqual(['proceed']);
    expect(await reports(value)).toHaveLength(1);
    expect(await wait(60), 'once').toBe(0);
  });

  test('is final once its reader gives the next one, so that nobody goes through the queue and keeps the case they want', async () => {
    const [first, second] = [await post.xray(0), await post.xray(30, { containers: 'CSQU3054383' })];
    const one = await post.decide(first, 'normal');
    expect((await post.instruction(first)).instruction).toBe('hold');
    const two = await post.decide(second, 'normal');
    expect(await post.instruction(first)).toMatchObject({ instruction: 'proceed', final: true });
    expect((await back(one)).json().code).toBe('NII_STATE_CONFLICT');
    expect((await back(two)).statusCode).toBe(200);
    const again = { kind: 'normal', reason: 'other' };
    expect((await post.post('supervisor', `/v1/cases/${two}/verdict`, again)).statusCode).toBe(200);
  });

  test('that holds a vehicle is told at once, and no one person turns it into a proceed', async () => {
    const scanId = await post.xray(0);
    post.told.splice(0);
    const id = await post.decide(scanId, 'suspect');
    const answer = await back(id);
    expect(answer.json()).toMatchObject({ code: 'NII_STATE_CONFLICT', detail: /ask for another reading/ });
    expect((await caseOf(id)).verdicts).toMatchObject([{ kind: 'suspect' }]);
    expect(post.told).toMatchObject([{ instruction: 'hold', reasons: [{ code: 'suspect' }] }]);
    await wait(10);
    expect(told()).toEqual(['hold']);
  });

  test('is taken back by who gave it: the case is in hand, the lane hears of nothing, and it is audited', async () => {
    const scanId = await post.xray(0);
    post.told.splice(0);
    const id = await post.decide(scanId, 'normal');
    await wait(5);
    const stranger = await post.newKey('supervisor');
    expect((await back(id, stranger)).json()).toMatchObject({ code: 'NII_STATE_CONFLICT' });
    const answer = await back(id);
    expect(answer.json()).toMatchObject({ id, state: 'claimed', verdicts: [] });
    expect(await wait(60)).toBe(0);
    expect([told(), (await post.instruction(scanId)).instruction]).toEqual([[], 'hold']);
    const { items } = (await post.get('auditor', '/v1/audit?limit=200')).json();
    expect(items.map(({ action }: { action: string }) => action)).toContain(
      'change case: take the verdict back',
    );
    await post.post('supervisor', `/v1/cases/${id}/verdict`, { kind: 'normal', reason: 'other' });
    expect(await wait(10)).toBe(1);
    expect(told()).toEqual(['proceed']);
    expect((await back(id)).json()).toMatchObject({ code: 'NII_STATE_CONFLICT' });
  });

  test('of an analyst comes back although they have claimed the next case, and they get it first', async () => {
    const [first, second] = [await post.xray(0), await post.xray(5, { containers: 'CSQU3054383' })];
    const analyst = await post.newKey('analyst');
    const next = async () => (await post.post(analyst, '/v1/cases/next')).json();
    const { id } = await next();
    const sent = await post.post(analyst, `/v1/cases/${id}/verdict`, { kind: 'normal', reason: 'other' });
    expect(sent.json(), 'she sees her own').toMatchObject({ verdicts: [{ kind: 'normal' }] });
    const other = await next();
    expect(new Set([first, second])).toContain(other.scanId);
    post.clock.advance(2);
    expect((await back(id, analyst)).json()).toMatchObject({ state: 'claimed' });
    expect((await next()).id).toBe(id);
    await post.post(analyst, `/v1/cases/${id}/verdict`, { kind: 'suspect', reason: 'shape' });
    expect((await next()).id).toBe(other.id);
    await post.post(analyst, `/v1/cases/${other.id}/verdict`, { kind: 'normal', reason: 'other' });
  });

  test('is hidden from every other reader until it stands', async () => {
    const id = await post.decide(await post.xray(0), 'normal');
    const other = await post.newKey('supervisor');
    expect((await post.get(other, `/v1/cases/${id}`)).json().verdicts).toEqual([]);
    const own = (await post.get('supervisor', `/v1/cases/${id}`)).json();
    expect(own.verdicts).toMatchObject([{ kind: 'normal' }]);
    await wait(10);
    expect((await post.get(other, `/v1/cases/${id}`)).json().verdicts).toMatchObject([{ kind: 'normal' }]);
  });

  test('of marks outside the image is rejected when it is given, not when it stands', async () => {
    const scanId = await post.xray(0);
    const [value] = await post.service.deps.records.transaction((tx) => tx.casesOfScan(scanId));
    const home = `/v1/cases/${value?.id}`;
    await post.post('supervisor', `${home}/claim`);
    const regions = [{ view: 'main', x: 100_000, y: 0, width: 4, height: 4 }];
    const answer = await post.post('supervisor', `${home}/verdict`, {
      kind: 'suspect',
      reason: 'shape',
      regions,
    });
    expect(answer.json()).toMatchObject({ code: 'NII_BAD_REQUEST' });
    await post.post('supervisor', `${home}/verdict`, { kind: 'normal', reason: 'other' });
  });

  test('stands at once for who goes on from it, unless that would let the vehicle go early', async () => {
    const suspect = await post.decide(await post.xray(0), 'suspect');
    expect((await post.post('supervisor', `/v1/cases/${suspect}/refer`, {})).json().state).toBe('search');
    expect(await reports(await caseOf(suspect))).toHaveLength(1);
    const normal = await post.decide(await post.xray(5, { containers: 'CSQU3054383' }), 'normal');
    const early = await post.post('supervisor', `/v1/cases/${normal}/close`);
    expect(early.json()).toMatchObject({ code: 'NII_STATE_CONFLICT', detail: /can be taken back until/ });
    await wait(10);
    expect((await post.post('supervisor', `/v1/cases/${normal}/close`)).json().state).toBe('closed');
  });

  test('stands before a find is accepted, so that no acceptance is of a find that comes later', async () => {
    const scanId = await post.xray(0);
    const id = await post.decide(scanId, 'suspect');
    const move = async (by: string, what: string, body: object = {}) =>
      (await post.post(by, `/v1/cases/${id}/${what}`, body)).statusCode;
    const [sue, sid] = [await post.newKey('supervisor'), await post.newKey('supervisor')];
    const found = { kind: 'found', what: 'cigarettes', where: 'floor' };
    expect(await move('supervisor', 'refer')).toBe(200);
    expect(await move('searcher', 'outcome', found)).toBe(200);
    expect(await move('supervisor', 'reopen', { why: 'customs asks' })).toBe(200);
    await post.decide(scanId, 'normal', 'other', await post.newKey('supervisor'));
    expect(await move(sid, 'search-acceptance', { why: 'seized' }), 'readers disagree').toBe(409);
    await wait(10);
    expect(await caseOf(id)).toMatchObject({ state: 'disputed' });
    expect(await move(sue, 'refer')).toBe(200);
    expect(await move('searcher', 'outcome', { ...found, what: 'weapons' })).toBe(200);
    expect(await post.instruction(scanId)).toMatchObject({
      instruction: 'hold',
      reasons: [{ code: 'found' }],
    });
    expect(await move(sid, 'search-acceptance', { why: 'seized, both' })).toBe(200);
    expect(await post.instruction(scanId)).toMatchObject({ instruction: 'proceed' });
  });

  test('does not let a vehicle go that an alarm joins within the ten seconds', async () => {
    const scanId = await post.xray(60);
    post.told.splice(0);
    await post.decide(scanId, 'normal');
    const record = await post.portal([{ from: post.time(0), number: 1, alarm: 'gamma' }]);
    await wait(10);
    expect(await post.instruction(scanId)).toMatchObject({ instruction: 'hold' });
    expect(told()).not.toContain('proceed');
    const { id } = await post.holdOf(record);
    await post.adjudicateByTwo(id);
    expect(await post.instruction(scanId)).toMatchObject({ instruction: 'proceed' });
  });

  test('is of the rules of the site: another time there, and none with 0, which two persons decide', async () => {
    const put = (version: number, terms: object) =>
      post.service.as('administrator', {
        method: 'PUT',
        url: `/v1/sites/${SITE}`,
        headers: { 'if-match': `"${version}"` },
        payload: { mode: 'live', windows: [], ...terms },
      });
    expect((await put(0, { undoWindowSeconds: 20 })).statusCode).toBe(200);
    const id = await post.decide(await post.xray(0), 'normal');
    expect((await caseOf(id)).undoWindow).toEqual({ until: post.time(20) });
    await wait(20);
    expect((await put(1, { undoWindowSeconds: 0 })).statusCode, 'a proposal').toBe(202);
    const other = await post.newKey('administrator');
    const confirmed = await post.service.ask(other, {
      method: 'POST',
      url: `/v1/sites/${SITE}/confirmation`,
      headers: { 'if-match': '"2"' },
      payload: {},
    });
    expect(confirmed.statusCode).toBe(200);
    expect(await caseOf(await post.decide(await post.xray(30), 'normal'))).not.toHaveProperty('undoWindow');
    expect((await put(3, {})).statusCode).toBe(200);
  });

  test('stands after the database was lost and rebuilt from the objects', async () => {
    const scanId = await post.xray(0);
    const id = await post.decide(scanId, 'normal');
    await reindex(post.service.deps);
    await post.service.work();
    expect((await post.instruction(scanId)).instruction).toBe('hold');
    expect(await wait(10)).toBe(1);
    expect((await caseOf(id)).history.at(-1)).toMatchObject({ kind: 'verdict-stands' });
    expect((await post.instruction(scanId)).instruction).toBe('proceed');
  });

  test('is let stand at once by a worker that was started anew', async () => {
    const scanId = await post.xray(0);
    await post.decide(scanId, 'normal');
    post.clock.advance(10);
    const end = new AbortController();
    const started = performance.now();
    const worker = runWorker(post.service.deps, 'anew', end.signal);
    await eventually('the lane may proceed', 30, async () => {
      return (await post.instruction(scanId)).instruction === 'proceed';
    });
    expect(performance.now() - started).toBeLessThan(10_000);
    end.abort();
    await worker;
  });
});

describe('before the verdict, what the lane would be told', () => {
  const outlook = async (by: string, id: string) =>
    (await post.get(by, `/v1/cases/${id}/verdict-outlook`)).json();

  test('is shown to who has the case in hand, and is what it is told', async () => {
    const scanId = await post.xray(60);
    const analyst = await post.newKey('analyst');
    const { id, scanId: dealt } = (await post.post(analyst, '/v1/cases/next')).json();
    expect(dealt, 'every other case is decided').toBe(scanId);
    const { undoWindowSeconds, verdicts } = await outlook(analyst, id);
    expect(undoWindowSeconds).toBe(10);
    expect(verdicts).toMatchObject([
      { kind: 'normal', instruction: 'proceed', told: 'when-it-stands' },
      { kind: 'suspect', instruction: 'hold', told: 'at-once', reasons: ['suspect'] },
      { kind: 'inconclusive', instruction: 'hold', told: 'at-once' },
      { kind: 'scan-again', instruction: 'rescan', told: 'when-it-stands' },
    ]);
    const other = await post.newKey('analyst');
    expect(await outlook(other, id), 'of another').toMatchObject({ code: 'NII_NOT_FOUND' });
    await post.portal([{ from: post.time(0), number: 1, alarm: 'gamma' }]);
    expect((await outlook(analyst, id)).verdicts[0]).toMatchObject({
      instruction: 'hold',
      reasons: ['alarm-waits'],
    });
    await post.post(analyst, `/v1/cases/${id}/verdict`, { kind: 'suspect', reason: 'shape' });
    expect((await post.instruction(scanId)).instruction).toBe('hold');
    expect(await outlook(analyst, id), 'it is given').toMatchObject({ code: 'NII_STATE_CONFLICT' });
  });

  test('is the same to a second reader as to the first', async () => {
    const scanId = await post.xray(0);
    const id = await post.decide(scanId, 'normal');
    const other = await post.newKey('supervisor');
    await post.post('supervisor', `/v1/cases/${id}/second-opinion`, { why: 'training' });
    await post.post(other, `/v1/cases/${id}/claim`);
    const asSecond = await outlook(other, id);
    await post.post(other, `/v1/cases/${id}/verdict`, { kind: 'suspect', reason: 'shape' });
    const first = await post.service.deps.records.transaction(async (tx) => tx.casesOfScan(scanId));
    expect(first[0]?.verdicts).toHaveLength(2);
    const freshScan = await post.xray(5, { containers: 'CSQU3054383' });
    const [fresh] = await post.service.deps.records.transaction((tx) => tx.casesOfScan(freshScan));
    await post.post('supervisor', `/v1/cases/${fresh?.id}/claim`);
    expect(await outlook('supervisor', fresh?.id ?? '')).toEqual(asSecond);
    await post.post('supervisor', `/v1/cases/${fresh?.id}/verdict`, { kind: 'normal', reason: 'other' });
  });
});
