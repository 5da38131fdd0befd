import type { InjectOptions } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { reindex } from '../../../src/maintenance/reindex/reindex.ts';
import { ADMINISTRATION, type Harness, openHarness, SITE } from '../../support/harness.ts';
import { story } from '../../support/vitest/story.ts';

let service: Harness;
let ada: string;

beforeAll(async () => {
  service = await openHarness();
  ada = await service.newToken('administrator', ADMINISTRATION, '*');
});

afterAll(async () => {
  await service.close();
  expect(service.wrongAnswers).toEqual([]);
});

const ask = (request: InjectOptions) => service.ask(ada, request);

async function put(url: string, change: object) {
  const standing = await ask({ url });
  const { terms } = standing.json();
  const headers = { 'if-match': String(standing.headers.etag) };
  return ask({ method: 'PUT', url, payload: { ...terms, ...change }, headers });
}

const tyres = {
  code: 'tyres',
  labels: [
    { language: 'en', text: 'Tyres' },
    { language: 'pt-BR', text: 'Pneus' },
  ],
  state: 'active',
  usualFor: ['suspect'],
};
const items = async () => (await service.as('analyst', { url: '/v1/reasons' })).json().items;
const post = (url: string, payload: object = {}) => service.as('analyst', { method: 'POST', url, payload });

async function inHand(seed: number) {
  const scanId = await service.sendFake({ seed });
  const { id } = (await post('/v1/cases/next')).json();
  return { id, scanId };
}

story('the reasons of an administration', () => {
  test('a code of the administration is offered in its languages, kept with the verdict, and in the report', async () => {
    expect((await items()).map(({ code }: { code: string }) => code)).not.toContain('tyres');
    const { id, scanId } = await inHand(1);
    const verdict = { kind: 'suspect', reason: 'tyres' };
    expect((await post(`/v1/cases/${id}/verdict`, verdict)).json()).toMatchObject({
      code: 'NII_BAD_REQUEST',
      field: 'reason',
      detail: expect.stringMatching(/^Invalid reason "tyres": use nothing-unusual, /),
    });
    expect((await put('/v1/policy', { reasons: [tyres] })).statusCode, 'one person is enough').toBe(200);
    expect((await put(`/v1/sites/${SITE}`, { language: 'pt-BR' })).statusCode).toBe(200);
    expect(await items()).toContainEqual({ ...tyres, isBuiltIn: false });
    const decided = (await post(`/v1/cases/${id}/verdict`, verdict)).json();
    expect(decided.verdicts).toMatchObject([{ reason: 'tyres', reasonLabel: 'Pneus' }]);
    const reports = (await service.as('auditor', { url: `/v1/scans/${scanId}/revisions/1/tdr` })).json()
      .items;
    const own = reports.findLast(({ name }: { readonly name: string }) => name.startsWith(id));
    const { rawPayload } = await service.as('auditor', { url: own.href });
    expect(rawPayload.toString('utf8')).toContain('suspect: tyres (Pneus)');
  });

  test('a retired code is offered no more, and what has it stays readable', async () => {
    const { id } = await inHand(2);
    expect((await put('/v1/policy', { reasons: [] })).json()).toMatchObject({
      code: 'NII_BAD_REQUEST',
      field: 'reasons',
      detail: 'The reason "tyres" is missing: verdicts may use it, so keep it and retire it',
    });
    const retired = [
      { ...tyres, state: 'retired' },
      { code: 'shape', labels: [], state: 'retired' },
    ];
    expect((await put('/v1/policy', { reasons: retired })).statusCode).toBe(200);
    for (const reason of ['tyres', 'shape'])
      expect((await post(`/v1/cases/${id}/verdict`, { kind: 'suspect', reason })).json()).toMatchObject({
        detail: expect.stringMatching(`^Retired reason "${reason}"`),
      });
    await reindex(service.deps);
    expect(await items()).toContainEqual({ ...tyres, state: 'retired', isBuiltIn: false });
    const states = ['queued', 'claimed', 'decided', 'search'].map((state) => `state=${state}`).join('&');
    const { items: cases } = (await service.as('auditor', { url: `/v1/queue?${states}` })).json();
    expect(JSON.stringify(cases)).toContain('"reasonLabel":"Pneus"');
    expect((await post(`/v1/cases/${id}/verdict`, { kind: 'suspect', reason: 'density' })).statusCode).toBe(
      200,
    );
  });
});
