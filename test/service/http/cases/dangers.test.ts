import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { escalateDangers } from '../../../../src/commands/past-time.ts';
import type { Case } from '../../../../src/core/case/case.ts';
import { issueKey } from '../../../../src/features/persons/keys.ts';
import { reindex } from '../../../../src/maintenance/reindex/reindex.ts';
import { BorderPost } from '../../../support/http/border-post.ts';

let post: BorderPost;

beforeAll(async () => {
  post = await BorderPost.open();
});
beforeEach(() => post.nextWeek());
afterAll(async () => {
  await post.close();
  expect(post.service.wrongAnswers).toEqual([]);
});

/** A case in the hand of the supervisor. */
async function inHand(second = 0): Promise<{ readonly id: string; readonly scanId: string }> {
  const scanId = await post.xray(second);
  const [value] = await post.service.deps.records.transaction((tx) => tx.casesOfScan(scanId));
  await post.post('supervisor', `/v1/cases/${value?.id}/claim`);
  return { id: value?.id ?? '', scanId };
}

const raise = (id: string, note = 'two persons') =>
  post.post('supervisor', `/v1/cases/${id}/danger`, { note });
const acknowledge = (id: string, by = 'radiation-officer') =>
  post.post(by, `/v1/cases/${id}/danger-acknowledgement`, { why: 'the crew opens it' });
const decide = (id: string, kind: string, reason: string) =>
  post.post('supervisor', `/v1/cases/${id}/verdict`, { kind, reason });
const dangers = async (by: string) => (await post.get(by, '/v1/dangers')).json().items;
const caseOf = async (id: string): Promise<Case> => (await post.get('auditor', `/v1/cases/${id}`)).json();

test('a person in danger is an alarm at once, and the vehicle holds until somebody sees to it', async () => {
  const { id, scanId } = await inHand();
  post.told.splice(0);
  expect((await raise(id)).json()).toMatchObject({ caseId: id, note: 'two persons', dueAt: post.time(120) });
  expect(post.told).toMatchObject([{ instruction: 'hold', reasons: [{ code: 'person-in-danger' }] }]);
  for (const role of ['supervisor', 'radiation-officer', 'auditor'])
    expect(await dangers(role)).toMatchObject([{ caseId: id, container: 'MSKU1234565' }]);
  expect((await raise(id, 'again')).json(), 'one alarm').toMatchObject({ note: 'two persons' });
  await decide(id, 'normal', 'other');
  expect((await post.instruction(scanId)).instruction, 'whatever the verdict is').toBe('hold');
  const seen = (await acknowledge(id)).json();
  expect(seen.acknowledged).toMatchObject({ words: 'the crew opens it' });
  expect(await dangers('supervisor')).toEqual([]);
  expect((await post.instruction(scanId)).instruction).toBe('proceed');
  expect((await acknowledge(id)).json()).toMatchObject({ code: 'NII_STATE_CONFLICT' });
  const { items } = (await post.get('auditor', '/v1/audit?limit=200')).json();
  const actions = items.map(({ action }: { action: string }) => action);
  for (const one of ['raise a danger', 'acknowledge a danger'])
    expect(actions).toContain(`change case: ${one}`);
});

test('is acknowledged by nobody who raised it, be they the second', async () => {
  const { id, scanId } = await inHand();
  await raise(id);
  const second = await post.newKey('supervisor');
  for (const note of ['I see them, too', 'still there'])
    expect((await post.post(second, `/v1/cases/${id}/danger`, { note })).json()).toMatchObject({
      note: 'two persons',
    });
  const raised = (await caseOf(id)).history.filter(({ kind }) => kind === 'danger-raised');
  expect(raised.map(({ detail }) => detail.note)).toEqual(['two persons', 'I see them, too']);
  expect((await acknowledge(id, second)).json()).toMatchObject({ code: 'NII_STATE_CONFLICT' });
  await decide(id, 'normal', 'other');
  expect((await post.instruction(scanId)).instruction).toBe('hold');
  expect((await acknowledge(id)).statusCode).toBe(200);
  expect((await post.instruction(scanId)).instruction).toBe('proceed');
});

test('a verdict with that reason raises it, is suspect, and raises no second one', async () => {
  const { id } = await inHand();
  expect((await decide(id, 'normal', 'person-in-danger')).json()).toMatchObject({
    code: 'NII_BAD_REQUEST',
    field: 'reason',
  });
  expect((await decide(id, 'suspect', 'person-in-danger')).json()).toMatchObject({ state: 'decided' });
  expect((await caseOf(id)).history.map(({ kind }) => kind).slice(-2)).toEqual(['danger-raised', 'decided']);
  expect((await acknowledge(id, 'supervisor')).statusCode, 'who raised it').toBe(409);
  expect((await acknowledge(id)).statusCode).toBe(200);
});

test('that nobody acknowledges escalates once, is counted, and is told in the feed', async () => {
  const { id } = await inHand();
  await raise(id);
  const metrics = () => Promise.all(['nii_dangers', 'nii_dangers_overdue'].map((name) => post.metric(name)));
  expect(await metrics()).toEqual([1, 0]);
  post.clock.advance(121);
  expect([await escalateDangers(post.service.deps), await escalateDangers(post.service.deps)]).toEqual([
    1, 0,
  ]);
  expect(await dangers('supervisor')).toMatchObject([{ caseId: id, escalatedAt: post.time(121) }]);
  expect(await metrics()).toEqual([1, 1]);
  await reindex(post.service.deps);
  expect(await dangers('supervisor'), 'a rebuilt database knows it').toHaveLength(1);
  await acknowledge(id);
  expect(await metrics()).toEqual([0, 0]);
  await decide(id, 'suspect', 'shape');
});

test('is seen to by nobody who may be the one who raised it, such as the holder of an unlinked key', async () => {
  const { id } = await inHand();
  await raise(id);
  const key = { roles: ['supervisor'], administration: 'utopia', site: 'harbour', name: 'desk' } as const;
  const { token } = await issueKey(post.service.deps, key);
  expect((await acknowledge(id, token)).json()).toMatchObject({ code: 'NII_STATE_CONFLICT' });
  expect(await dangers('supervisor')).toMatchObject([{ caseId: id }]);
  expect((await acknowledge(id)).statusCode).toBe(200);
  await decide(id, 'suspect', 'shape');
});

test('that another reader sees is an alarm of its own, though somebody has seen to the first one', async () => {
  const { id } = await inHand();
  await raise(id);
  await acknowledge(id);
  await decide(id, 'suspect', 'person-in-danger');
  expect(await dangers('supervisor'), 'the same reader means the same danger').toEqual([]);
  await post.post('supervisor', `/v1/cases/${id}/second-opinion`, { why: 'is it sure?' });
  const bob = await post.newKey('analyst');
  expect((await post.post(bob, '/v1/cases/next')).json().id).toBe(id);
  await post.post(bob, `/v1/cases/${id}/verdict`, { kind: 'suspect', reason: 'person-in-danger' });
  expect(await dangers('supervisor')).toMatchObject([{ caseId: id }]);
  await acknowledge(id);
});

test('is told in the feed to who may not follow cases, and hidden from another site', async () => {
  const { id } = await inHand();
  await raise(id);
  await acknowledge(id);
  await decide(id, 'suspect', 'shape');
  const kindsTold = async () => {
    const kinds: string[] = [];
    for (let cursor = '', more = true; more; ) {
      const page = (await post.get('radiation-officer', `/v1/changes?limit=200${cursor}`)).json();
      const rows: readonly { readonly kind: string; readonly subject: string }[] = page.items;
      kinds.push(...rows.filter(({ subject }) => subject === id).map(({ kind }) => kind));
      cursor = `&cursor=${encodeURIComponent(page.cursor)}`;
      more = page.more;
    }
    return kinds;
  };
  await expect.poll(kindsTold).toEqual(expect.arrayContaining(['danger.raised', 'danger.acknowledged']));
  const elsewhere = await post.service.newToken('supervisor', 'utopia', 'airport');
  const other = await inHand(60);
  await raise(other.id);
  expect(await dangers(elsewhere)).toEqual([]);
  await acknowledge(other.id);
  await decide(other.id, 'suspect', 'shape');
});
