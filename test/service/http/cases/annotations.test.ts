import { afterAll, beforeAll, expect, test } from 'vitest';
import { itemsOf, numbersOf, textOf } from '../../../../src/codec/dicom/data-set.ts';
import { readDicom } from '../../../../src/codec/dicom/read/read.ts';
import { takeBackLapsed } from '../../../../src/commands/claims.ts';
import type { Annotation } from '../../../../src/core/case/annotation.ts';
import type { Case } from '../../../../src/core/case/case.ts';
import { defaultLimits } from '../../../../src/core/limits.ts';
import type { ObjectStore } from '../../../../src/core/ports/objects.ts';
import { addAnnotation } from '../../../../src/features/annotations/decide.ts';
import { reindex } from '../../../../src/maintenance/reindex/reindex.ts';
import { annotationDocument } from '../../../../src/stored/document-kinds.ts';
import { ADMINISTRATION, type Harness, openHarness, SITE } from '../../../support/harness.ts';
import { actor, movableClock } from '../../../support/stage.ts';
import { story } from '../../../support/vitest/story.ts';

let service: Harness;
let second: string;
let seed = 900;
let drawn = 0;
const clock = movableClock('2026-06-01T08:00:00.000Z');

beforeAll(async () => {
  service = await openHarness({ deps: { clock } });
  second = await service.newToken('analyst', ADMINISTRATION, SITE);
});

afterAll(async () => {
  await service.close();
  expect(service.wrongAnswers).toEqual([]);
});

type Role = 'analyst' | 'supervisor' | 'searcher' | 'auditor';

function post(role: Role, url: string, payload: object = {}, headers: Record<string, string> = {}) {
  return service.as(role, { method: 'POST', url, payload, headers });
}

/** A claimed case of a scan of 16 rows and 16 columns, view `main`. */
async function claimed(role: 'analyst' | 'supervisor' = 'analyst'): Promise<Case> {
  seed += 1;
  const scanId = await service.sendFake({ seed, containers: `MSKU${String(seed).padStart(7, '0')}` });
  const [waiting] = await service.deps.records.transaction((tx) => tx.casesOfScan(scanId));
  const answer =
    role === 'analyst'
      ? await post('analyst', '/v1/cases/next')
      : await post('supervisor', `/v1/cases/${waiting?.id}/claim`);
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json();
}

const homeOf = ({ id }: Case) => `/v1/cases/${id}/annotations`;
/** The next that a sender would draw. */
const newId = () => (++drawn).toString(16).padStart(32, '0');
const point = (x: number, y: number) => ({ x, y });
const box = () => ({ id: newId(), shape: 'box', view: 'main', points: [point(2, 3), point(7, 9)] });
const suspect = { kind: 'suspect', reason: 'shape' };

async function add(value: Case, annotation: object, headers: Record<string, string> = {}) {
  return post('analyst', homeOf(value), annotation, headers);
}

async function seen(role: Role, value: Case, query = ''): Promise<Annotation[]> {
  const answer = await service.as(role, { url: `${homeOf(value)}${query}` });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json().items;
}

const change = (value: Case, id: string, payload: object, headers: Record<string, string> = {}) =>
  service.as('analyst', { method: 'PATCH', url: `${homeOf(value)}/${id}`, payload, headers });
const remove = (value: Case, id: string) =>
  service.as('analyst', { method: 'DELETE', url: `${homeOf(value)}/${id}` });
const handBack = (value: Case) => post('analyst', `/v1/cases/${value.id}/hand-back`, { why: 'called away' });

/** Ends what a test has in hand. */
async function decide(value: Case, decision: object = suspect): Promise<Case> {
  const answer = await post('analyst', `/v1/cases/${value.id}/verdict`, decision);
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json();
}

story('an annotation, from the first that is drawn', () => {
  test('is kept at once, changed and removed, and each step is an object and an entry of the audit', async () => {
    const value = await claimed();
    const wanted = box();
    const added = await add(value, wanted);
    expect([added.statusCode, added.headers.etag]).toEqual([200, '"1"']);
    expect(added.json()).toMatchObject({ ...wanted, revision: 1, version: 1 });
    clock.advance(60_000);
    const changed = await change(value, wanted.id, {
      text: 'two blocks',
      points: [point(1, 3), point(7, 9)],
    });
    expect(changed.json()).toMatchObject({ version: 2, text: 'two blocks', points: [{ x: 1 }, { x: 7 }] });
    expect(changed.json().changedAt > changed.json().madeAt).toBe(true);
    expect(await seen('analyst', value)).toEqual([changed.json()]);
    const removed = (await remove(value, wanted.id)).json();
    expect(removed.removed).toEqual({ by: removed.madeBy, at: clock.now().toISOString() });
    expect(await seen('analyst', value)).toEqual([]);
    expect(await seen('analyst', value, '?removed=true')).toEqual([removed]);
    const kept: string[] = [];
    for await (const { key } of service.deps.objects.list(
      `annotations/${ADMINISTRATION}/${SITE}/${value.id}/`,
    ))
      kept.push(key.split('/').slice(-2).join('/'));
    expect(kept).toEqual([1, 2, 3].map((version) => `${wanted.id}/00000${version}.json`));
    const { items } = (await service.as('auditor', { url: '/v1/audit?limit=200' })).json();
    const actions = items
      .filter(
        ({ subject, action }: { subject: string; action: string }) =>
          subject === value.id && action.includes('annotation: '),
      )
      .map(({ action, detail }: { action: string; detail: object }) => [action, detail]);
    const detail = (version: number) => ({ annotation: wanted.id, shape: 'box', version });
    expect(actions.sort()).toEqual([
      ['change annotation: add', detail(1)],
      ['change annotation: change', detail(2)],
      ['change annotation: remove', detail(3)],
    ]);
    await decide(value);
  });

  test('that is sent twice is kept once, by its id and by the key of the request', async () => {
    const value = await claimed();
    const wanted = box();
    const first = await add(value, wanted);
    const again = await add(value, wanted);
    expect(again.json()).toEqual(first.json());
    expect(again.headers['idempotency-replayed']).toBe('true');
    await change(value, wanted.id, { text: 'x' });
    expect((await add(value, wanted)).json()).toMatchObject({ version: 2, text: 'x' });
    const other = await add(value, { ...box(), id: newId() }, { 'idempotency-key': 'k-1' });
    expect(other.statusCode).toBe(200);
    expect((await add(value, box(), { 'idempotency-key': 'k-1' })).json()).toMatchObject({
      code: 'NII_IDEMPOTENCY_MISMATCH',
    });
    expect(await seen('analyst', value)).toHaveLength(2);
    const fresh = { ...wanted, id: other.json().id, points: [point(0, 0), point(1, 1)] };
    expect((await add(value, fresh)).json()).toMatchObject({ status: 409, code: 'NII_CONFLICT' });
    await remove(value, wanted.id);
    expect((await remove(value, wanted.id)).headers['idempotency-replayed']).toBe('true');
    expect((await change(value, wanted.id, { text: 'y' })).json().code).toBe('NII_STATE_CONFLICT');
    await decide(value);
  });

  test('is written only by who holds the case, on the version that was seen', async () => {
    const value = await claimed();
    const wanted = box();
    expect((await post('supervisor', homeOf(value), box())).json().code).toBe('NII_STATE_CONFLICT');
    expect((await post('searcher', homeOf(value), box())).statusCode).toBe(403);
    const byOther = { method: 'POST', url: homeOf(value), payload: box() } as const;
    expect((await service.ask(second, byOther)).statusCode).toBe(404);
    expect((await add(value, box(), { 'if-match': '"abc"' })).statusCode).toBe(412);
    expect((await add(value, wanted, { 'if-match': `"${value.tag}"` })).statusCode).toBe(200);
    expect((await change(value, wanted.id, { text: 'x' }, { 'if-match': '"7"' })).statusCode).toBe(412);
    expect((await change(value, wanted.id, { text: 'x' }, { 'if-match': '"1"' })).statusCode).toBe(200);
    expect((await change(value, newId(), { text: 'x' })).statusCode).toBe(404);
    await handBack(value);
    expect((await add(value, box())).statusCode).toBe(404);
    expect((await change(value, wanted.id, { text: 'y' })).statusCode).toBe(404);
    expect((await seen('auditor', value)).map(({ text }) => text)).toEqual(['x']);
    await post('supervisor', `/v1/cases/${value.id}/claim`);
    const { verdicts } = (await post('supervisor', `/v1/cases/${value.id}/verdict`, suspect)).json();
    expect(verdicts[0]).not.toHaveProperty('regions');
  });

  const faults = [
    [
      'a box of three points',
      { shape: 'box', points: [point(1, 1), point(2, 2), point(3, 3)] },
      'a box has 2, but 3 were sent',
    ],
    [
      'a box without an area',
      { points: [point(1, 1), point(1, 5)] },
      'the corners of a box must differ in x and in y',
    ],
    ['an arrow to itself', { shape: 'arrow', points: [point(1, 1), point(1, 1)] }, 'tail and the head'],
    [
      'a polygon on one line',
      { shape: 'polygon', points: [point(0, 0), point(4, 4), point(8, 8)] },
      'on one line',
    ],
    [
      'a polygon of 65 corners',
      { shape: 'polygon', points: Array.from({ length: 65 }, (_, i) => point(i % 16, i % 7)) },
      'points',
    ],
    ['a text that says nothing', { shape: 'text', points: [point(1, 1)] }, 'Missing text'],
    ['a place outside', { points: [point(1, 1), point(17, 5)] }, 'use x 0 to 16 and y 0 to 16'],
    ['a sample outside', { shape: 'point', points: [point(16, 5)] }, 'use x 0 to 15 and y 0 to 15'],
    ['a view that is not there', { view: 'top' }, 'Invalid view "top": use main'],
    ['a channel that is not there', { channel: 'x' }, 'Invalid channel "x": use'],
    ['text with a control character', { text: 'a\u0007b' }, 'text'],
    ['text of 501 characters', { text: 'a'.repeat(501) }, 'text'],
    ['a shape of another name', { shape: 'circle' }, 'shape'],
    ['an id that is none', { id: 'first' }, 'id'],
  ] as const;

  test('is rejected where it is wrong, with what is allowed', async () => {
    const value = await claimed();
    for (const [what, wrong, told] of faults) {
      const answer = await add(value, { ...box(), ...wrong });
      expect([what, answer.statusCode, answer.json().detail]).toEqual([
        what,
        400,
        expect.stringContaining(told),
      ]);
    }
    expect(await seen('analyst', value)).toEqual([]);
    await decide(value);
  });

  test('is one of 32 at most, as a verdict carries no more', async () => {
    const value = await claimed();
    const ids = Array.from({ length: 32 }, newId);
    for (const id of ids) expect((await add(value, { ...box(), id })).statusCode).toBe(200);
    expect((await add(value, box())).json().detail).toContain('at most 32 annotations');
    const full = { ...suspect, regions: [{ view: 'main', x: 1, y: 1, width: 2, height: 2 }] };
    const answer = await post('analyst', `/v1/cases/${value.id}/verdict`, full);
    expect(answer.json()).toMatchObject({ status: 400, detail: expect.stringContaining('33 regions') });
    await remove(value, ids[0] ?? '');
    expect((await decide(value, full)).verdicts[0]?.regions).toHaveLength(32);
  });

  const all = () => [
    box(),
    { id: newId(), shape: 'point', view: 'main', points: [point(8, 8)], text: 'here' },
    { id: newId(), shape: 'arrow', view: 'main', channel: 'low', points: [point(10, 10), point(1, 14)] },
    { id: newId(), shape: 'text', view: 'main', points: [point(15, 0)], text: 'wall thicker' },
    { id: newId(), shape: 'polygon', view: 'main', points: [point(8, 8), point(16, 8), point(12, 16)] },
  ];

  test('is carried by the verdict and by the OPERATOR report, after the regions of the verdict itself', async () => {
    const value = await claimed();
    for (const one of all()) expect((await add(value, one)).statusCode).toBe(200);
    const own = { view: 'main', x: 0, y: 0, width: 3, height: 2 };
    const { verdicts } = await decide(value, { ...suspect, regions: [own] });
    expect(verdicts[0]?.regions).toEqual([
      own,
      { view: 'main', x: 2, y: 3, width: 5, height: 6 },
      { view: 'main', text: 'here', x: 4, y: 4, width: 9, height: 9 },
      { view: 'main', channel: 'low', x: 0, y: 10, width: 6, height: 6 },
      { view: 'main', text: 'wall thicker', x: 11, y: 0, width: 5, height: 5 },
      { view: 'main', points: [point(8, 8), point(16, 8), point(12, 16)] },
    ]);
    const { items } = (
      await service.as('auditor', { url: `/v1/scans/${value.scanId}/revisions/1/tdr` })
    ).json();
    const report = items.findLast(({ name }: { name: string }) => name.startsWith(value.id));
    const { rawPayload } = await service.as('auditor', { url: report.href });
    const threats = itemsOf(readDicom(rawPayload, 'tdr', defaultLimits).dataSet, '40101011');
    expect(threats).toHaveLength(6);
    const said = threats.map((one) => textOf(itemsOf(one, '40101038')[0] ?? [], '40101013'));
    expect(said[2]).toBe('suspect; suspect: shape; here');
    const places = threats.map((one) => numbersOf(itemsOf(one, '40101037')[0] ?? [], '4010101d'));
    expect(places[2]).toEqual([4, 4, 0, 13, 13, 1]);
  });

  test('is seen by nobody else while somebody may still read the image, and by all of its readers afterwards', async () => {
    const value = await claimed();
    for (const one of all()) await add(value, one);
    for (const role of ['supervisor', 'searcher'] as const) expect(await seen(role, value)).toEqual([]);
    expect(await seen('auditor', value)).toHaveLength(5);
    await decide(value);
    for (const role of ['analyst', 'supervisor', 'searcher', 'auditor'] as const)
      expect(await seen(role, value)).toHaveLength(5);
    await post('supervisor', `/v1/cases/${value.id}/second-opinion`, { why: 'training' });
    await service.ask(second, { method: 'POST', url: '/v1/cases/next', payload: {} });
    const asSecond = async (url: string) => (await service.ask(second, { url })).json();
    expect(await asSecond(`/v1/cases/${value.id}`)).toMatchObject({ state: 'claimed', verdicts: [] });
    expect((await asSecond(`${homeOf(value)}?removed=true`)).items).toEqual([]);
    const own = { method: 'POST', url: homeOf(value), payload: box() } as const;
    expect((await service.ask(second, own)).statusCode).toBe(200);
    expect((await asSecond(homeOf(value))).items).toHaveLength(1);
    expect(await seen('analyst', value)).toHaveLength(5);
    const decision = { method: 'POST', url: `/v1/cases/${value.id}/verdict`, payload: suspect } as const;
    const { verdicts } = (await service.ask(second, decision)).json();
    expect(verdicts.map(({ regions = [] }: { regions?: object[] }) => regions.length)).toEqual([5, 1]);
    expect(await seen('searcher', value)).toHaveLength(6);
  });

  test('is not of the reading that a reopened case gets', async () => {
    const value = await claimed('supervisor');
    const draw = () => post('supervisor', homeOf(value), box());
    const decideIt = () => post('supervisor', `/v1/cases/${value.id}/verdict`, suspect);
    await draw();
    expect((await decideIt()).json().verdicts[0].regions).toHaveLength(1);
    await post('supervisor', `/v1/cases/${value.id}/reopen`, { why: 'a tip' });
    const next = await service.newToken('supervisor', ADMINISTRATION, SITE);
    const go = (what: string, payload: object) =>
      service.ask(next, { method: 'POST', url: `/v1/cases/${value.id}/${what}`, payload });
    expect((await go('claim', {})).statusCode).toBe(200);
    const { verdicts } = (await go('verdict', suspect)).json();
    expect(
      verdicts.map((one: object) => 'regions' in one),
      'the first reading is kept',
    ).toEqual([true, false]);
    expect(await seen('auditor', value)).toHaveLength(1);
  });

  test('stays when the claim runs out, and the reader who comes back finds it', async () => {
    const value = await claimed('supervisor');
    const wanted = box();
    expect((await post('supervisor', homeOf(value), wanted)).statusCode).toBe(200);
    clock.advance(3 * 3_600_000);
    expect(await takeBackLapsed({ ...service.deps, lane: undefined })).toBe(1);
    expect((await post('supervisor', homeOf(value), box())).json().code).toBe('NII_STATE_CONFLICT');
    expect((await seen('auditor', value)).map(({ id }) => id)).toEqual([wanted.id]);
    await post('supervisor', `/v1/cases/${value.id}/claim`);
    expect((await seen('supervisor', value)).map(({ id }) => id)).toEqual([wanted.id]);
    const decided = await post('supervisor', `/v1/cases/${value.id}/verdict`, suspect);
    expect(decided.json().verdicts[0].regions).toHaveLength(1);
  });

  test('is there whole or not at all when the service dies in the middle, and sending it again keeps it once', async () => {
    const value = await claimed('supervisor');
    const { madeBy } = (await post('supervisor', homeOf(value), box())).json();
    const id = newId();
    const died = new Error('the process died');
    const puts: string[] = [];
    const objects: ObjectStore = {
      ...service.deps.objects,
      put: async (key, body, contentType) => {
        await service.deps.objects.put(key, body, contentType);
        puts.push(key);
        throw died;
      },
    };
    const person = { id: madeBy, formerIds: [], isLinked: true, roles: ['supervisor' as const] };
    const command = { actor: { ...actor('supervisor'), person } };
    const wanted = { id, shape: 'box' as const, view: 'main', points: [point(1, 1), point(3, 3)] };
    const adding = addAnnotation({ ...service.deps, objects }, command, value.id, wanted);
    await expect(adding).rejects.toBe(died);
    expect(puts).toHaveLength(1);
    expect(await seen('supervisor', value)).toHaveLength(1);
    expect((await post('supervisor', homeOf(value), wanted)).statusCode).toBe(200);
    expect((await post('supervisor', homeOf(value), wanted)).statusCode).toBe(200);
    const before = await seen('auditor', value);
    expect(before.map((one) => one.id)).toContain(id);
    expect(before).toHaveLength(2);
  });

  test('comes back from the objects alone', async () => {
    const cases = await service.deps.records.transaction((tx) =>
      tx.queue(
        { administration: ADMINISTRATION, site: SITE },
        { states: ['queued', 'decided', 'claimed'] },
        100,
      ),
    );
    const all = () =>
      service.deps.records.transaction(async (tx) => {
        const found = [];
        for (const { id } of cases.rows) found.push(await tx.documentsAbout(annotationDocument, id));
        return found.flat();
      });
    const before = await all();
    expect(before.length).toBeGreaterThan(40);
    expect((await reindex(service.deps)).damaged).toEqual([]);
    expect(await all()).toEqual(before);
  });
});
