import type { InjectOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Case } from '../../../../src/core/case/case.ts';
import type { OperationId } from '../../../../src/http/routes/index.ts';
import { ADMINISTRATION, type Harness, openHarness, SITE } from '../../../support/harness.ts';
import { isOperationId, operations } from '../../../support/http/operations.ts';

/**
 * An analyst who wants a certain container, or wants to know what another said, tries every route and every field. The
 * numbers of the draws are those of a fair draw: a test that fails by chance does so once in ten thousand runs.
 */

let service: Harness;
let seed = 500;

beforeAll(async () => {
  service = await openHarness();
});
afterAll(async () => {
  await service?.close();
  expect(service.wrongAnswers).toEqual([]);
});

const ask = (token: string, request: InjectOptions) => service.ask(token, request);

async function newAnalyst() {
  const token = await service.newToken('analyst', ADMINISTRATION, SITE);
  const post = (url: string, payload: object = {}, headers: Record<string, string> = {}) =>
    ask(token, { method: 'POST', url, payload, headers });
  return { token, post, get: (url: string) => ask(token, { url }) };
}

async function sendScan(container: string): Promise<Case> {
  seed += 1;
  const scanId = await service.sendFake({ seed, containers: container });
  const [found] = await service.deps.records.transaction((tx) => tx.casesOfScan(scanId));
  if (found === undefined) throw new Error('no case');
  return found;
}

const as = (role: 'supervisor', url: string, payload: object) =>
  service.as(role, { method: 'POST', url, payload });

describe('who wants a certain container', () => {
  const containers = Array.from({ length: 8 }, (_, i) => `WANT${1_000_000 + i}`);
  const [wanted = '', ...others] = containers;
  let cases: readonly Case[];
  beforeAll(async () => {
    const made: Case[] = [];
    for (const container of containers) made.push(await sendScan(container));
    cases = made;
  });

  test('finds no route and no field that names it', async () => {
    const { post, get } = await newAnalyst();
    const target = cases[0];
    for (const payload of [
      { excludeContainers: others },
      { container: wanted },
      { caseId: target?.id },
      { scanId: target?.scanId },
      { band: 'high' },
    ])
      expect((await post('/v1/cases/next', payload)).statusCode).toBe(400);
    expect((await post(`/v1/cases/${target?.id}/claim`)).statusCode).toBe(403);
    for (const url of ['/v1/queue', `/v1/queue?container=${wanted}`])
      expect((await get(url)).statusCode).toBe(403);
    for (const url of [
      `/v1/cases/${target?.id}`,
      `/v1/scans/${target?.scanId}`,
      `/v1/scans/${target?.scanId}/revisions/latest`,
      `/v1/scans/${target?.scanId}/revisions/latest/preview`,
    ])
      expect((await get(url)).statusCode, url).toBe(404);
    for (const url of [`/v1/scans?container=${wanted}`, '/v1/scans', '/v1/declarations', '/v1/changes'])
      expect((await get(url)).json().items, url).toEqual([]);
    expect((await get(`/dicomweb/studies?PatientID=${wanted}`)).json()).toEqual([]);
    for (const move of ['verdict', 'hand-back', 'renewal', 'second-opinion', 'refer', 'close'])
      expect([400, 404]).toContain((await post(`/v1/cases/${target?.id}/${move}`)).statusCode);
    const reason = { kind: 'normal', reason: 'other' };
    expect((await post(`/v1/cases/${target?.id}/verdict`, reason)).statusCode).toBe(404);
  });

  test('gets it no more often than the draw gives it, by conflicts declared in all others', async () => {
    let hits = 0;
    const tries = 40;
    for (let i = 0; i < tries; i += 1) {
      const { post } = await newAnalyst();
      for (const value of others.slice(0, 3))
        await post('/v1/conflicts', { about: 'container', value, why: 'so that the other is left' });
      const drawn: Case = (await post('/v1/cases/next', {}, { 'idempotency-key': `try-${i}` })).json();
      if (drawn.container === wanted) hits += 1;
      await as('supervisor', `/v1/cases/${drawn.id}/hand-back`, { why: 'the test draws once more' });
    }
    // Five of 40 expected; 20 or more has a chance below one in a million
    expect(hits).toBeLessThan(20);
  }, 120_000);

  test('holds one case at a time, gets the same one on asking again, and hands back so often in a day', async () => {
    const { post } = await newAnalyst();
    const seen: string[] = [];
    const next = async (): Promise<Case> => (await post('/v1/cases/next')).json();
    for (let i = 0; ; i += 1) {
      const held = await next();
      expect((await next()).id, 'asked again').toBe(held.id);
      expect(seen, 'not dealt twice').not.toContain(held.id);
      seen.push(held.id);
      expect((await post(`/v1/cases/${held.id}/hand-back`)).json()).toMatchObject({
        status: 400,
        field: 'why',
      });
      const back = await post(`/v1/cases/${held.id}/hand-back`, { why: `attempt ${i}` });
      if (back.statusCode === 200) continue;
      expect(back.json()).toMatchObject({
        code: 'NII_STATE_CONFLICT',
        detail: expect.stringContaining('supervisor'),
      });
      break;
    }
    expect(seen).toHaveLength(service.deps.policy.handBacksPerDay + 1);
    const last = seen.at(-1);
    expect((await as('supervisor', `/v1/cases/${last}/hand-back`, { why: 'he asked' })).json().state).toBe(
      'queued',
    );
  });

  test('is seen to hand back by a supervisor, with the reasons', async () => {
    const { post } = await newAnalyst();
    const held: Case = (await post('/v1/cases/next')).json();
    await post(`/v1/cases/${held.id}/hand-back`, { why: 'a cousin drives it' });
    const listed = await service.as('supervisor', { url: `/v1/persons/${held.claim?.analyst}/hand-backs` });
    expect(listed.json().items).toMatchObject([
      { caseId: held.id, kind: 'handed-back', why: 'a cousin drives it' },
    ]);
  });

  test('is dealt, where all that is left is urgent, what has been so for longest, whoever asks', async () => {
    const rows = await service.deps.records.transaction((tx) =>
      tx.queue({ administration: ADMINISTRATION, site: SITE }, { states: ['queued'] }, 50),
    );
    expect(rows.rows.length).toBeGreaterThan(1);
    const old = rows.rows.at(-1);
    if (old === undefined) throw new Error('no case');
    await service.deps.records.transaction((tx) =>
      tx.saveCase({ ...old, dueAt: new Date(Date.now() - 3_600_000).toISOString() }),
    );
    const { post } = await newAnalyst();
    expect((await post('/v1/cases/next')).json().id).toBe(old.id);
  });
});

describe('who reads after another', () => {
  /** Words that only the first reader, or who asked for another reading, knows. */
  const secrets = ['zebra-note', 'quagga-why', 'okapi-reopen', 'first-reader'];

  async function urlsOf({ id, scanId }: Case): Promise<readonly [OperationId, string][]> {
    const [instance] = (await service.deps.records.transaction((tx) => tx.instancesOfScan(scanId))).filter(
      ({ source }) => source === 'dicos',
    );
    const values: Record<string, string> = {
      scanId,
      caseId: id,
      n: 'latest',
      view: 'main',
      channel: 'high',
      name: 'machine-m-1.dcs',
      frames: '1',
      tag: '7FE00010',
      site: SITE,
      study: instance?.studyUid ?? '',
      series: instance?.seriesUid ?? '',
      instance: instance?.instanceUid ?? '',
    };
    return Object.entries(operations).flatMap(([operation, { method, url }]) => {
      if (method !== 'GET' || !isOperationId(operation)) return [];
      const names = [...url.matchAll(/:([A-Za-z0-9]+)/g)].map(([, name = '']) => name);
      if (names.some((name) => values[name] === undefined)) return [];
      const path = url.replaceAll(/:([A-Za-z0-9]+)/g, (_, name: string) => values[name] ?? '');
      // a stream of events stays open unless it is told not to
      if (operation === 'watchChanges') return [[operation, `${path}?wait=0`] as [OperationId, string]];
      return [[operation, path] as [OperationId, string]];
    });
  }

  /** A case that comes to its next reader after the first has spoken, and was asked about and opened again. */
  const pasts: Readonly<
    Record<string, (found: Case, first: Awaited<ReturnType<typeof newAnalyst>>) => Promise<unknown>>
  > = {
    'for the first time': async () => undefined,
    'a second time': async ({ id }, { post }) => {
      await post(`/v1/cases/${id}/verdict`, { kind: 'inconclusive', reason: 'shape', note: 'zebra-note' });
    },
    'a second time, as was asked': async ({ id }, { post }) => {
      await post(`/v1/cases/${id}/verdict`, { kind: 'suspect', reason: 'shape', note: 'zebra-note' });
      await as('supervisor', `/v1/cases/${id}/second-opinion`, { why: 'quagga-why' });
    },
    'after a hand-back': async ({ id }, { post }) => {
      await post(`/v1/cases/${id}/hand-back`, { why: 'quagga-why' });
    },
    'after it was opened again': async ({ id }, { post }) => {
      await post(`/v1/cases/${id}/verdict`, { kind: 'normal', reason: 'shape', note: 'zebra-note' });
      await as('supervisor', `/v1/cases/${id}/reopen`, { why: 'okapi-reopen' });
    },
  };
  const own: Record<string, unknown> = {};

  test.each(Object.keys(pasts))(
    '%s learns nothing of it from any route',
    async (past) => {
      await emptyQueue();
      const found = await sendScan('MSKU1234565');
      const first = await newAnalyst();
      if (past !== 'for the first time')
        expect((await first.post('/v1/cases/next')).json().id).toBe(found.id);
      await pasts[past]?.(found, first);
      const reader = await newAnalyst();
      // Who may still draw it: a supervisor before it is claimed, then the reader
      const bodies: [string, string][] = [];
      const collect = async (who: string, get: (url: string) => ReturnType<typeof ask>) => {
        for (const [operation, url] of await urlsOf(found)) {
          // the last one names the caller to himself
          if (['listPersons', 'listKeys', 'getOpenapi', 'readMetrics', 'getSession'].includes(operation))
            continue;
          const answer = await get(url);
          bodies.push([`${who} ${operation}`, `${JSON.stringify(answer.headers)}${answer.body}`]);
        }
      };
      await collect('supervisor', (url) => service.as('supervisor', { url }));
      const taken = await reader.post('/v1/cases/next');
      expect(taken.json().id, past).toBe(found.id);
      bodies.push(['reader takeNextCase', taken.body]);
      await collect('reader', reader.get);
      const names = new Set([...secrets, ...(await idsOfReaders(found.id, taken.json().claim.analyst))]);
      for (const [where, body] of bodies)
        for (const name of names) expect(body.includes(name), `${where}: ${name}`).toBe(false);
      own[past] = shapeOf(taken.json());
      expect(own[past], 'as for a first reading').toEqual(own['for the first time'] ?? own[past]);
      const feed = await service.as('supervisor', { url: '/v1/changes?limit=200' });
      expect(feed.json().items.filter(({ subject }: { subject: string }) => subject === found.id)).toEqual(
        [],
      );
      await reader.post(`/v1/cases/${found.id}/verdict`, { kind: 'normal', reason: 'nothing-unusual' });
    },
    120_000,
  );

  /** Everyone who moved the case but the system and who holds it now. */
  async function idsOfReaders(caseId: string, holder: string): Promise<readonly string[]> {
    const found: Case = (await service.as('auditor', { url: `/v1/cases/${caseId}` })).json();
    return found.history.map(({ actor }) => actor).filter((actor) => actor !== 'system' && actor !== holder);
  }

  /** All of a case but what is different for each. */
  function shapeOf({
    id,
    scanId,
    openedAt,
    dueAt,
    priority,
    claim,
    tag,
    history,
    linkedScan,
    ...rest
  }: Case) {
    const events = history.map(({ seq, kind, detail }) => ({ seq, kind, names: Object.keys(detail) }));
    return { ...rest, events, head: Math.round(Date.parse(dueAt) / 1000 - priority), names: [linkedScan] };
  }

  async function emptyQueue(): Promise<void> {
    const { rows } = await service.deps.records.transaction((tx) =>
      tx.queue({ administration: ADMINISTRATION, site: SITE }, { states: ['queued', 'claimed'] }, 100),
    );
    for (const { id, state } of rows) {
      if (state === 'claimed') await as('supervisor', `/v1/cases/${id}/hand-back`, { why: 'tidy' });
      const token = await service.newToken('supervisor', ADMINISTRATION, SITE);
      const post = (move: string, payload: object) =>
        ask(token, { method: 'POST', url: `/v1/cases/${id}/${move}`, payload });
      expect((await post('claim', {})).statusCode).toBe(200);
      await post('verdict', { kind: 'normal', reason: 'nothing-unusual' });
    }
  }
});
