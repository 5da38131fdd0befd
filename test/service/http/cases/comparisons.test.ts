import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Case } from '../../../../src/core/case/case.ts';
import type { ComparisonPicture } from '../../../../src/features/comparisons/read.ts';
import { type Harness, openHarness } from '../../../support/harness.ts';
import { story } from '../../../support/vitest/story.ts';

/** Pictures beside that of a case: what is offered, to whom, and what is told of it. */

const DAY_MS = 86_400_000;
let service: Harness;
let now = Date.parse('2026-03-01T08:00:00Z');

beforeAll(async () => {
  service = await openHarness({ deps: { clock: { now: () => new Date(now) } } });
});
afterAll(async () => {
  await service.close();
  expect(service.wrongAnswers).toEqual([]);
});

async function post(role: 'analyst' | 'supervisor', url: string, payload: object = {}): Promise<Case> {
  const answer = await service.as(role, { method: 'POST', url, payload });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json();
}

async function scanned(seed: number, container: string, hsCodes: readonly string[]): Promise<string> {
  const payload = {
    containers: [container],
    hsCodes,
    description: 'crates\u0000',
    presentedAt: new Date(now).toISOString(),
  };
  const put = { method: 'PUT', url: `/v1/declarations/D${seed}`, payload } as const;
  expect((await service.as('administrator', put)).statusCode).toBeLessThan(300);
  return service.sendFake({ seed, rows: 20, columns: 20, containers: container });
}

async function settled(seed: number, container: string, hsCodes: readonly string[]): Promise<string> {
  const scanId = await scanned(seed, container, hsCodes);
  const { id } = await post('supervisor', '/v1/cases/next');
  await post('supervisor', `/v1/cases/${id}/verdict`, { kind: 'normal', reason: 'nothing-unusual' });
  await post('supervisor', `/v1/cases/${id}/customs-release`);
  const { state } = await post('supervisor', `/v1/cases/${id}/close`);
  expect(state).toBe('closed');
  return scanId;
}

async function beside(role: 'analyst' | 'supervisor', caseId: string): Promise<readonly ComparisonPicture[]> {
  const answer = await service.as(role, { url: `/v1/cases/${caseId}/comparisons` });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json().items;
}

// each goes on in the queue that the one before left
story('pictures beside a case', () => {
  test('earlier scans and references are offered to whoever has the case in hand, and results of closed visits alone', async () => {
    const earlier = await settled(1, 'CSQU3054383', ['8703']);
    const reference = await settled(2, 'MSKU1234565', ['840991']);
    await settled(3, 'TGHU7654325', ['0201']);
    now += 30 * DAY_MS;
    const sameVisit = await settled(4, 'CSQU3054383', ['9999']);
    now += DAY_MS / 24;
    const own = await scanned(5, 'CSQU3054383', ['840820']);
    const picture = `/v1/scans/${reference}/revisions/1/channels/main/high/samples`;
    expect((await service.as('analyst', { url: picture })).statusCode).toBe(404);
    const { id, scanId } = await post('analyst', '/v1/cases/next');
    expect(scanId).toBe(own);
    expect((await service.as('analyst', { url: picture })).statusCode).toBe(404);

    const items = await beside('analyst', id);
    expect(items.map(({ kind, scanId: of, because }) => [kind, of, because])).toEqual([
      ['earlier', sameVisit, 'same-container'],
      ['earlier', earlier, 'same-container'],
      ['reference', reference, 'same-chapter'],
    ]);
    expect(items[0]?.result).toBeUndefined();
    expect(items[1]?.result).toEqual({ verdict: 'normal' });
    expect(items[2]).toMatchObject({ chapter: '84', why: expect.stringContaining('HS chapter 84') });

    expect((await service.as('analyst', { url: picture })).statusCode).toBe(200);
    const { items: trail } = (await service.as('auditor', { url: '/v1/audit?limit=200' })).json();
    const actions = trail.map(
      ({ action, subject }: { action: string; subject: string }) => `${action} ${subject}`,
    );
    expect(actions).toContain(`view comparisons ${id}`);
    expect(actions).toContain(`view samples ${reference}`);

    await post('analyst', `/v1/cases/${id}/verdict`, { kind: 'normal', reason: 'nothing-unusual' });
    expect((await service.as('analyst', { url: picture })).statusCode).toBe(404);
  });

  test('an earlier scan of which a case is open tells no result', async () => {
    const first = await scanned(11, 'APZU4812090', ['4401']);
    const { id: open, scanId } = await post('supervisor', '/v1/cases/next');
    expect(scanId).toBe(first);
    await post('supervisor', `/v1/cases/${open}/verdict`, { kind: 'suspect', reason: 'shape' });
    now += 30 * DAY_MS;
    await scanned(12, 'APZU4812090', ['4402']);
    const { id } = await post('analyst', '/v1/cases/next');
    const [earlier, ...others] = await beside('analyst', id);
    expect(earlier).toMatchObject({ kind: 'earlier', scanId: first });
    expect(earlier?.result).toBeUndefined();
    expect(others).toEqual([]);
    await post('analyst', `/v1/cases/${id}/hand-back`, { why: 'the end of this test' });
  });

  test('a case of another administration does not exist, nor its pictures', async () => {
    await scanned(21, 'HLXU2008419', ['7208']);
    const { id } = await post('supervisor', '/v1/cases/next');
    const stranger = await service.newToken('supervisor', 'elsewhere', 'harbour');
    expect((await service.ask(stranger, { url: `/v1/cases/${id}/comparisons` })).statusCode).toBe(404);
  });
});
