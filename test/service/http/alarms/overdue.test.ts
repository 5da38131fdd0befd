import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { escalateOverdueHolds } from '../../../../src/commands/past-time.ts';
import type { ChangeRow } from '../../../../src/core/ports/records/changes.ts';
import type { Hold } from '../../../../src/core/radiation/hold.ts';
import { reindex } from '../../../../src/maintenance/reindex/reindex.ts';
import { runWorker } from '../../../../src/steps/worker.ts';
import { eventually } from '../../../support/eventually.ts';
import { BorderPost, nothingFound } from '../../../support/http/border-post.ts';
import { n42Document, portalLines } from '../../../support/vendors/portal.ts';

let post: BorderPost;

beforeAll(async () => {
  post = await BorderPost.open();
});
beforeEach(() => post.nextWeek());
afterAll(async () => {
  await post.close();
  expect(post.service.wrongAnswers).toEqual([]);
});

const alarm = (second = 0, kind: 'gamma' | 'neutron' = 'gamma') => ({
  from: post.time(second),
  number: second + 1,
  alarm: kind,
});

/** As a worker does it now and then. */
async function wait(minutes: number): Promise<number> {
  post.clock.advance(minutes * 60);
  const count = await escalateOverdueHolds(post.service.deps);
  await post.service.work();
  return count;
}

async function escalated(role = 'supervisor', more = ''): Promise<readonly string[]> {
  const { items } = (await post.get(role, `/v1/holds?limit=200&escalated=true${more}`)).json();
  return items.map(({ id }: Hold) => id);
}

/** In the feed, which waits for every transaction of the server that is under way. */
const escalationsOf = async (id: string) =>
  (await changesOf(id)).filter((kind) => kind === 'hold.escalated').length;

async function changesOf(id: string): Promise<readonly string[]> {
  const kinds: string[] = [];
  for (let cursor = '', more = true; more; ) {
    const page = (await post.get('supervisor', `/v1/changes?limit=200${cursor}`)).json();
    const rows: readonly ChangeRow[] = page.items;
    kinds.push(...rows.filter(({ subject }) => subject === id).map(({ kind }) => kind));
    cursor = `&cursor=${encodeURIComponent(page.cursor)}`;
    more = page.more;
  }
  return kinds;
}

describe('an alarm that no officer adjudicates', () => {
  test('says when it is due, escalates once then, and is listed for supervisors and officers', async () => {
    const { id, dueAt } = await post.holdOf(await post.portal([alarm()]));
    expect(dueAt).toBe(post.time(30 * 60));
    expect(await wait(30), 'at the very moment it is not late').toBe(0);
    expect(await escalated()).not.toContain(id);
    expect(await wait(1)).toBe(1);
    expect(await wait(60), 'once').toBe(0);
    const hold = await post.hold(id);
    expect(hold).toMatchObject({ state: 'open', escalatedAt: post.time(31 * 60) });
    expect(hold.history.at(-1)).toMatchObject({ kind: 'escalated', actor: 'system', detail: { dueAt } });
    for (const role of ['supervisor', 'radiation-officer']) expect(await escalated(role)).toContain(id);
    await expect.poll(() => escalationsOf(id)).toBe(1);
    await post.adjudicateByTwo(id);
  });

  test('moves nothing in what the lane is told', async () => {
    const scan = await post.xray(60);
    const record = await post.portal([alarm()]);
    const { id } = await post.holdOf(record);
    const before = [await post.instruction(scan), await post.instruction(record)];
    post.told.splice(0);
    expect(await wait(31)).toBe(1);
    const timeless = ({ number, issuedAt, expiresAt, ...said }: (typeof before)[number]) => said;
    const after = [await post.instruction(scan), await post.instruction(record)];
    expect(after.map(timeless)).toEqual(before.map(timeless));
    expect(post.told).toEqual([]);
    await post.adjudicateByTwo(id);
  });

  test('escalates also while the word of the first officer waits for the second', async () => {
    const { id } = await post.holdOf(await post.portal([alarm(0, 'neutron')]));
    expect((await post.adjudicate(id, nothingFound)).json()).toMatchObject({ state: 'open', proposal: {} });
    expect(await wait(31)).toBe(1);
    expect(await escalated()).toContain(id);
    expect((await post.adjudicate(id, nothingFound, await post.secondOfficer())).json().state).toBe('false');
    expect(await escalated()).not.toContain(id);
  });

  test('is one no more when it is confirmed or ended in time', async () => {
    const [real, ended] = [
      await post.holdOf(await post.portal([alarm()])),
      await post.holdOf(await post.portal([alarm(20)])),
    ];
    await post.adjudicate(real.id, { decision: 'real', authority: 'Nuclear safety' });
    await post.adjudicateByTwo(ended.id);
    expect(await wait(24 * 60)).toBe(0);
    await post.post('radiation-officer', `/v1/holds/${real.id}/close`, { kind: 'detained' });
    expect(await wait(24 * 60)).toBe(0);
    expect(await escalated('supervisor', '&state=confirmed&state=closed&state=false')).not.toContain(real.id);
  });

  test('is due anew when it is opened again, and may escalate again', async () => {
    const { id } = await post.holdOf(await post.portal([alarm()]));
    await wait(31);
    await post.adjudicateByTwo(id);
    const again = await post.post('radiation-officer', `/v1/holds/${id}/reopen`, { why: 'the other box' });
    expect(again.json()).toMatchObject({ state: 'open', dueAt: post.time(61 * 60) });
    expect(again.json()).not.toHaveProperty('escalatedAt');
    expect(await wait(30)).toBe(0);
    expect(await wait(1)).toBe(1);
    await expect.poll(() => escalationsOf(id)).toBe(2);
    await post.adjudicateByTwo(id);
  });

  test('is the same after a rebuild, and does not escalate again by it', async () => {
    const { id } = await post.holdOf(await post.portal([alarm()]));
    await wait(31);
    const before = [await post.hold(id), await post.metric('nii_alarms_overdue'), await escalated()];
    expect((await reindex(post.service.deps)).damaged).toEqual([]);
    await post.service.work();
    expect(await wait(1)).toBe(0);
    expect([await post.hold(id), await post.metric('nii_alarms_overdue'), await escalated()]).toEqual(before);
    await post.adjudicateByTwo(id);
  });

  test('is found by a worker that runs', async () => {
    const { id } = await post.holdOf(await post.portal([alarm()]));
    post.clock.advance(31 * 60);
    const stop = new AbortController();
    const worker = runWorker(post.service.deps, 'of the test', stop.signal);
    const isTold = async () => (await post.hold(id)).escalatedAt !== undefined;
    await eventually('the alarm has escalated', 30, isTold).finally(() => stop.abort());
    await worker;
    await post.adjudicateByTwo(id);
  });

  test('is of its administration and site alone', async () => {
    const { id } = await post.holdOf(await post.portal([alarm()]));
    await wait(31);
    const elsewhere = await post.service.newToken('supervisor', 'utopia', 'airport');
    expect(await escalated(elsewhere)).not.toContain(id);
    expect(await escalated('supervisor', '&site=elsewhere')).toEqual([]);
    await post.adjudicateByTwo(id);
  });
});

test('alarms are due by the policy of the administration', async () => {
  const administrator = await post.service.newToken('administrator', 'utopia', '*');
  const read = await post.get(administrator, '/v1/policy');
  const { terms } = read.json();
  const put = (alarmDueMinutes: number, version: number) =>
    post.service.ask(administrator, {
      method: 'PUT',
      url: '/v1/policy',
      headers: { 'if-match': `"${version}"` },
      payload: { ...terms, alarmDueMinutes },
    });
  const later = await put(90, 0);
  expect(later.statusCode, 'later, and nothing lets go sooner: one person decides').toBe(200);
  onTestFinished(async () => {
    expect((await put(30, 1)).statusCode).toBe(200);
  });
  const { id, dueAt } = await post.holdOf(await post.portal([alarm()]));
  expect(dueAt).toBe(post.time(90 * 60));
  expect(await wait(90)).toBe(0);
  expect(await wait(1)).toBe(1);
  await post.adjudicateByTwo(id);
  for (const minutes of [0, 1441])
    expect((await put(minutes, 1)).json()).toMatchObject({ status: 400, field: 'alarmDueMinutes' });
});

describe('the count of overdue alarms', () => {
  const counts = async () => [
    await post.metric('nii_alarms_overdue'),
    await post.metric('nii_alarms_unjoined'),
  ];

  test('goes down when one is adjudicated', async () => {
    const before = await counts();
    const { id } = await post.holdOf(await post.portal([alarm()]));
    await wait(31);
    expect(await counts()).toEqual(before.map((count) => count + 1));
    await post.adjudicate(id, { decision: 'real', authority: 'Nuclear safety' });
    expect(await counts(), 'a real one of no scan goes on holding').toEqual([before[0], before[1]! + 1]);
    await post.post(await post.secondOfficer(), `/v1/holds/${id}/close`, { kind: 'released' });
    expect(await counts()).toEqual(before);
  });

  test('goes down when one is settled as a duplicate', async () => {
    const one = portalLines([{ number: 5, alarm: 'gamma' }]);
    const before = await counts();
    const record = await post.send('twice.csv', Buffer.concat([one, one]));
    expect(await wait(31)).toBe(2);
    expect(await counts()).toEqual(before.map((count) => count + 2));
    const { items } = (await post.get('radiation-officer', '/v1/holds?limit=200')).json();
    const own: readonly Hold[] = items.filter(({ scanId }: Hold) => scanId === record);
    const copy = own.find(({ possiblySameAs }) => possiblySameAs !== undefined);
    const [of] = copy?.possiblySameAs ?? [];
    await post.duplicateByTwo(String(copy?.id), String(of));
    expect(await counts()).toEqual(before.map((count) => count + 1));
    await post.adjudicateByTwo(String(of));
    expect(await counts()).toEqual(before);
  });

  test('keeps one that is surely joined, which holds its own vehicle alone until it is adjudicated', async () => {
    const before = await counts();
    const record = await post.send('named.n42', n42Document('MSKU1234565', post.time(0)));
    await wait(31);
    await post.xray(60);
    const { id, join } = await post.holdOf(record);
    expect(join).toMatchObject({ kind: 'joined', by: 'container' });
    expect(await counts()).toEqual([before[0]! + 1, before[1]]);
    await post.adjudicateByTwo(id);
    expect(await counts()).toEqual(before);
  });
});
