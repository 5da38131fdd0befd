import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { defaultLimits } from '../../../../src/core/limits.ts';
import { fakeScan } from '../../../support/fake-scan.ts';
import { BorderPost } from '../../../support/http/border-post.ts';
import { n42Document, portalLines } from '../../../support/vendors/portal.ts';

/** What was acknowledged is in force, while no worker runs and while images wait. */

let post: BorderPost;

beforeAll(async () => {
  post = await BorderPost.open({ limits: { ...defaultLimits, queuedJobs: 2 } });
});
beforeEach(() => post.nextWeek());
afterAll(async () => {
  await post.close();
  expect(post.service.wrongAnswers).toEqual([]);
});

const headers = { 'content-type': 'application/octet-stream' };

/** Sends a file, and runs no job. */
function sendOnly(name: string, payload: Buffer) {
  const url = `/v1/scans?name=${name}&lane=lane-3`;
  return post.service.as('scanner', { method: 'POST', url, payload, headers });
}

const portalLog = (alarm?: 'gamma') =>
  portalLines([{ from: post.time(0), number: 1, ...(alarm && { alarm }) }]);

async function cleared(): Promise<string> {
  const scanId = await post.xray(20);
  await post.decide(scanId, 'normal');
  expect(await post.instruction(scanId)).toMatchObject({ instruction: 'proceed', final: true });
  return scanId;
}

describe('a portal record that was acknowledged', () => {
  test.each([
    ['an alarm', 'gamma', { instruction: 'hold', reasons: [{ code: 'alarm-waits' }, { code: 'normal' }] }],
    ['no alarm', undefined, { instruction: 'proceed', final: true }],
  ] as const)(
    'with %s holds each vehicle of the site before a worker has read it',
    async (_, alarm, after) => {
      const scanId = await cleared();
      const sent = await sendOnly('late.csv', portalLog(alarm));
      expect(sent.statusCode).toBe(202);
      expect(await post.instruction(scanId)).toMatchObject({
        instruction: 'hold',
        final: false,
        reasons: [{ code: 'record-unread' }, { code: 'normal' }],
        units: [{ instruction: 'hold' }],
      });
      await post.service.work();
      expect(await post.instruction(scanId)).toMatchObject(after);
    },
  );

  test('is taken, and read first, while the queue of images is full', async () => {
    const scanId = await cleared();
    const answers: number[] = [];
    for (let seed = 1; seed <= 3; seed += 1)
      answers.push((await sendOnly(`full-${seed}.fake`, fakeScan({ seed: 900 + seed }))).statusCode);
    expect(answers).toEqual([202, 202, 429]);
    // whose earlier scans took long waits for their turn, so the record is another sender's
    const portal = await post.newKey('scanner');
    const url = '/v1/scans?name=full.csv&lane=lane-3';
    const sent = await post.service.ask(portal, {
      method: 'POST',
      url,
      payload: portalLog('gamma'),
      headers,
    });
    expect(sent.statusCode).toBe(202);
    const first = await post.service.deps.jobs.claim(['convert', 'read-radiation'], 'test', 30);
    expect(first?.kind).toBe('read-radiation');
    await post.service.deps.jobs.freeLeases('test');
    await post.service.work();
    expect((await post.instruction(scanId)).instruction).toBe('hold');
  });

  test('and cannot be read holds each vehicle near its receipt, until an officer says how they were measured', async () => {
    const scanId = await cleared();
    const sent = await sendOnly('cut.n42', n42Document('MSKU1234565', post.time(0)).subarray(0, -40));
    expect(sent.statusCode).toBe(202);
    await post.service.work();
    const { instruction, reasons } = await post.instruction(scanId);
    expect(instruction).toBe('hold');
    expect(reasons?.map(({ code }) => code)).toEqual(['alarm-near', 'normal']);
    const record: string = sent.json().scans[0].scanId;
    const hold = await post.holdOf(record);
    expect(hold).toMatchObject({ notMeasured: ['record-unreadable'], alarms: [], recordId: 'unreadable-1' });
    const inspected = { kind: 'inspected', by: 'officer of the lane', with: 'a hand-held instrument' };
    const given = { decision: 'tamper-or-fault', workOrder: 'W-1', newMeasurement: inspected };
    await post.adjudicateByTwo(hold.id, given);
    expect(await post.instruction(scanId)).toMatchObject({ instruction: 'proceed', final: true });
  });
});
