import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Harness, openHarness } from '../../../support/harness.ts';

let service: Harness;

beforeAll(async () => {
  service = await openHarness();
});
afterAll(async () => {
  await service.close();
  expect(service.wrongAnswers).toEqual([]);
});

test('a declaration is stated and found under a name as long as the interface allows', async () => {
  const url = `/v1/declarations/${'D'.repeat(128)}`;
  const payload = { containers: ['MSCU1234566'] };
  const stated = await service.as('administrator', { method: 'PUT', url, payload });
  expect(stated.statusCode, stated.body).toBe(201);
  expect((await service.as('supervisor', { url })).statusCode).toBe(200);
});

test('a name that is longer is wrong, and not unknown', async () => {
  const answer = await service.as('supervisor', { url: `/v1/declarations/${'D'.repeat(129)}` });
  expect(answer.json()).toMatchObject({ status: 400, code: 'NII_BAD_REQUEST' });
});

test('a list of frames as long as the interface allows is looked for', async () => {
  const frames = Array.from({ length: 1000 }, (_, i) => i + 1).join(',');
  const url = `/dicomweb/studies/1.2/series/1.3/instances/1.4/frames/${frames}`;
  const answer = await service.as('supervisor', { url });
  expect(answer.json()).toMatchObject({ code: 'NII_NOT_FOUND', detail: expect.stringMatching(/instance/) });
});
