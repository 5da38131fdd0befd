import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Harness, openHarness } from '../../support/harness.ts';

let service: Harness;
beforeAll(async () => {
  service = await openHarness();
});
afterAll(() => service.close());

/** Longer than the second in which the delay of the loop is summed up, so that one of them has no reading. */
const STANDSTILL_MS = 1_300;

test('after a standstill of the whole process nobody is sent away for a delay that was not measured', async () => {
  const answers: number[] = [];
  for (let i = 0; i < 4; i += 1) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, STANDSTILL_MS);
    answers.push((await service.as('supervisor', { url: '/v1/queue' })).statusCode);
  }
  expect(answers).toEqual([200, 200, 200, 200]);
});
