import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Hold } from '../../../../src/core/radiation/hold.ts';
import { reindex } from '../../../../src/maintenance/reindex/reindex.ts';
import { BorderPost } from '../../../support/http/border-post.ts';
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

const real = { decision: 'real', authority: 'Nuclear safety' };
const gamma = () => post.portal([{ from: post.time(0), number: 1, alarm: 'gamma' }]);

/** Too far away to be joined, and near: ten minutes and half an hour after the portal. */
const vehiclesBehind = async () => [
  await post.xray(600),
  await post.xray(1800, { containers: 'CSQU3054383' }),
];

const heldBy = ({ history }: Hold) => history.flatMap(({ detail }) => detail.vehiclesHeld ?? []);

async function histogram() {
  const { body } = await post.get('auditor', '/metrics');
  const value = (name: string) =>
    Number(new RegExp(`^nii_alarm_vehicles_held${name} (\\d+)$`, 'm').exec(body)?.[1]);
  return {
    none: value('_bucket\\{le="0"\\}'),
    upTo2: value('_bucket\\{le="2"\\}'),
    sum: value('_sum'),
    count: value('_count'),
  };
}

describe('the scans that an alarm of no scan held', () => {
  test('are counted when it is adjudicated: those of its time, whatever the lane, without records of portals', async () => {
    const before = await histogram();
    const behind = await vehiclesBehind();
    await post.xray(600, { containers: 'SUDU3070079', lane: 'lane-4' });
    await post.portal([{ from: post.time(700), number: 9 }]);
    const { id } = await post.holdOf(await gamma());
    post.clock.advance(3 * 3600);
    await post.xray(3 * 3600, { containers: 'TEMU1234560' });
    for (const scan of behind)
      expect((await post.instruction(scan)).reasons?.[0]).toMatchObject({ code: 'alarm-near', holdId: id });
    const ended: Hold = (await post.adjudicateByTwo(id)).json();
    expect(ended.history.at(-1)).toMatchObject({ kind: 'adjudicated', detail: { vehiclesHeld: 3 } });
    expect(await post.hold(id), 'as it was answered').toEqual(ended);
    expect(await histogram()).toEqual({
      none: before.none,
      upTo2: before.upTo2,
      sum: before.sum + 3,
      count: before.count + 1,
    });
  });

  test('are counted when it is joined for certain, without its own scan', async () => {
    const record = await gamma();
    await vehiclesBehind();
    const own = await post.xray(60, { containers: 'SUDU3070079' });
    const { id, join } = await post.holdOf(record);
    expect(join, 'by time, which is no proof').toMatchObject({ kind: 'joined', scanId: own, by: 'time' });
    const hold: Hold = (await post.joinByTwo(id, own)).json();
    expect(hold.history.at(-1)).toMatchObject({ kind: 'joined', detail: { vehiclesHeld: 2 } });
    expect(heldBy((await post.adjudicateByTwo(hold.id)).json()), 'once').toEqual([2]);
  });

  test('are none where it was surely joined from the first, or nothing was near', async () => {
    const before = await histogram();
    const own = await post.xray(60);
    await vehiclesBehind();
    const document = n42Document('MSKU1234565', post.time(0));
    const joined = await post.holdOf(await post.send('named.n42', document));
    expect(joined.join).toMatchObject({ scanId: own });
    expect(heldBy((await post.adjudicateByTwo(joined.id)).json()), 'it never held others').toEqual([]);
    post.nextWeek();
    const alone = await post.holdOf(await gamma());
    expect(heldBy((await post.adjudicateByTwo(alone.id)).json())).toEqual([0]);
    const after = await histogram();
    expect([after.none, after.count]).toEqual([before.none + 1, before.count + 1]);
  });

  test('go on being held by a real alarm, and are counted when the authority has ended it', async () => {
    const behind = await vehiclesBehind();
    const { id } = await post.holdOf(await gamma());
    expect(heldBy((await post.adjudicate(id, real)).json())).toEqual([]);
    expect((await post.instruction(behind[0]!)).instruction).toBe('hold');
    const closed = await post.post(await post.secondOfficer(), `/v1/holds/${id}/close`, { kind: 'released' });
    expect(heldBy(closed.json())).toEqual([2]);
  });

  test('are counted again when it was opened again', async () => {
    await vehiclesBehind();
    const { id } = await post.holdOf(await gamma());
    await post.adjudicateByTwo(id);
    await post.post('radiation-officer', `/v1/holds/${id}/reopen`, { why: 'the papers were of another box' });
    expect(heldBy((await post.adjudicateByTwo(id)).json())).toEqual([2, 2]);
  });

  test('of a duplicate count with the alarm that goes on for it', async () => {
    const before = await histogram();
    await vehiclesBehind();
    const one = portalLines([{ number: 5, alarm: 'gamma' }]);
    const record = await post.send('twice.csv', Buffer.concat([one, one]));
    const { items } = (await post.get('radiation-officer', '/v1/holds?limit=200')).json();
    const own: readonly Hold[] = items.filter(({ scanId }: Hold) => scanId === record);
    const copy = own.find(({ possiblySameAs }) => possiblySameAs !== undefined);
    const of = String(copy?.possiblySameAs?.[0]);
    const settled = await post.duplicateByTwo(String(copy?.id), of);
    expect([settled.json().state, heldBy(settled.json())]).toEqual(['duplicate', []]);
    expect(heldBy((await post.adjudicateByTwo(of)).json())).toEqual([2]);
    expect((await histogram()).sum).toBe(before.sum + 2);
  });

  test('are known after a rebuild', async () => {
    await vehiclesBehind();
    const { id } = await post.holdOf(await gamma());
    await post.adjudicateByTwo(id);
    const before = [await histogram(), await post.hold(id)];
    expect((await reindex(post.service.deps)).damaged).toEqual([]);
    await post.service.work();
    expect([await histogram(), await post.hold(id)]).toEqual(before);
  });
});
