import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Case } from '../../../../src/core/case/case.ts';
import { reindex } from '../../../../src/maintenance/reindex/reindex.ts';
import { ADMINISTRATION, type Harness, openHarness, SITE } from '../../../support/harness.ts';
import { movableClock } from '../../../support/stage.ts';

let service: Harness;
let seed = 900;
const clock = movableClock('2026-06-01T08:00:00.000Z');

beforeAll(async () => {
  service = await openHarness({ deps: { clock } });
});

afterAll(async () => {
  await service.close();
  expect(service.wrongAnswers).toEqual([]);
});

type Role = 'analyst' | 'supervisor' | 'searcher';

function post(role: Role, url: string, payload: object = {}) {
  return service.as(role, { method: 'POST', url, payload });
}

const regions = [{ view: 'main', x: 1, y: 2, width: 3, height: 4 }];
const suspect = { kind: 'suspect', reason: 'density', note: 'a block behind the door', regions };

/** A case that a supervisor found suspect and sent to a search. */
async function searched(note?: string): Promise<Case> {
  seed += 1;
  await service.sendFake({ seed, containers: 'MSKU1234565' });
  const [waiting] = (await service.as('supervisor', { url: '/v1/queue?state=queued' })).json().items;
  await post('supervisor', `/v1/cases/${waiting.id}/claim`);
  const reading = { findings: 'none', tools: ['window'], seconds: 3 };
  await post('supervisor', `/v1/cases/${waiting.id}/verdict`, { ...suspect, reading });
  clock.advance(60);
  const referred = await post(
    'supervisor',
    `/v1/cases/${waiting.id}/refer`,
    note === undefined ? {} : { note },
  );
  expect(referred.json().state, referred.body).toBe('search');
  return referred.json();
}

async function list(query = 'limit=200', role: Role = 'searcher') {
  return (await service.as(role, { url: `/v1/searches?${query}` })).json();
}
const idsOf = ({ items }: { items: { caseId: string }[] }) => items.map(({ caseId }) => caseId);

describe('the work list of searchers', () => {
  test('says where to look and what for, and not who said so', async () => {
    const value = await searched('bring the dog');
    const { items } = await list();
    const own = items.find(({ caseId }: { caseId: string }) => caseId === value.id);
    expect(own).toMatchObject({
      scanId: value.scanId,
      container: 'MSKU1234565',
      site: SITE,
      note: 'bring the dog',
      since: clock.now().toISOString(),
      verdict: { ...suspect, revision: 1 },
    });
    expect(JSON.stringify(own)).not.toContain('analyst');
  });

  test('is in the order in which cases were sent to it, page by page, and empty of those that ended', async () => {
    const values = [await searched(), await searched(), await searched()];
    const ids = values.map(({ id }) => id);
    const all = idsOf(await list());
    expect(all.filter((id) => ids.includes(id))).toEqual(ids);
    const paged: string[] = [];
    for (let cursor: string | undefined = ''; cursor !== undefined; ) {
      const page = await list(`limit=2${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`);
      paged.push(...idsOf(page));
      cursor = page.next;
    }
    expect(paged).toEqual(all);
    const outcome = { kind: 'nothing-found', method: 'unloaded', extent: 'part' };
    await post('searcher', `/v1/cases/${ids[0]}/outcome`, outcome);
    expect(idsOf(await list())).toEqual(all.filter((id) => id !== ids[0]));
    clock.advance(60);
    await post('supervisor', `/v1/cases/${ids[0]}/refer`, { note: 'all of it' });
    const again = await list();
    expect(idsOf(again).at(-1), 'further searched, it is the newest').toBe(ids[0]);
    expect(again.items.at(-1).note).toBe('all of it');
  });

  test('is the same after a reindex, and is of the sites of the key', async () => {
    const value = await searched();
    const before = await list();
    await reindex(service.deps);
    await service.work();
    expect(await list()).toEqual(before);
    expect(await list('limit=200', 'supervisor')).toEqual(before);
    const authorization = `Bearer ${await service.newToken('searcher', ADMINISTRATION, 'airport')}`;
    const other = await service.app.inject({ url: '/v1/searches', headers: { authorization } });
    expect(other.json()).toEqual({ items: [] });
    expect(idsOf(before)).toContain(value.id);
    expect((await service.as('analyst', { url: '/v1/searches' })).statusCode).toBe(403);
  });
});

test('everybody who reads cases is told how many wait at the site, and nobody of another site', async () => {
  seed += 1;
  await service.sendFake({ seed, containers: 'MSKU1234565' });
  const { items } = (await service.as('supervisor', { url: '/v1/queue?state=queued&limit=200' })).json();
  const counted = async (token: string) => {
    const { bands } = (await service.ask(token, { url: '/v1/queue/counts' })).json();
    return bands.high + bands.raised + bands.routine;
  };
  expect(items.length).toBeGreaterThan(0);
  for (const role of ['analyst', 'supervisor', 'searcher'] as const)
    expect([role, await counted(service.token(role))]).toEqual([role, items.length]);
  expect(await counted(await service.newToken('analyst', ADMINISTRATION, 'elsewhere'))).toBe(0);
});
