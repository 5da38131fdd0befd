import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { itemsOf, numbersOf, textOf } from '../../../../src/codec/dicom/data-set.ts';
import { readDicom } from '../../../../src/codec/dicom/read/read.ts';
import type { Case } from '../../../../src/core/case/case.ts';
import { defaultLimits } from '../../../../src/core/limits.ts';
import { fakeScan } from '../../../support/fake-scan.ts';
import { type Harness, openHarness } from '../../../support/harness.ts';

let service: Harness;
let seed = 500;

beforeAll(async () => {
  service = await openHarness();
});

afterAll(async () => {
  await service.close();
  expect(service.wrongAnswers).toEqual([]);
});

type Role = 'analyst' | 'supervisor' | 'auditor';

function post(role: Role, url: string, payload: object = {}) {
  return service.as(role, { method: 'POST', url, payload });
}

/** A claimed case of a scan of 16 rows and 16 columns, view `main`. */
async function claimed(): Promise<Case> {
  seed += 1;
  await service.as('scanner', {
    method: 'POST',
    url: `/v1/scans?name=${seed}.fake`,
    payload: fakeScan({ seed, containers: 'MSKU1234565' }),
    headers: { 'content-type': 'application/octet-stream' },
  });
  await service.work();
  const answer = await post('analyst', '/v1/cases/next');
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json();
}

const box = { view: 'main', x: 2, y: 3, width: 5, height: 6 };
const corners = [
  [8, 8],
  [16, 8],
  [12, 16],
].map(([x, y]) => ({ x, y }));
const polygon = { view: 'main', channel: 'low', points: corners };
const suspect = { kind: 'suspect', reason: 'shape', regions: [box, polygon] };

async function reportOf({ id, scanId }: Case) {
  const { items } = (await service.as('auditor', { url: `/v1/scans/${scanId}/revisions/1/tdr` })).json();
  const own = items.filter(({ name }: { name: string }) => name.startsWith(id));
  const { rawPayload } = await service.as('auditor', { url: own.at(-1).href });
  return readDicom(rawPayload, 'tdr', defaultLimits).dataSet;
}

async function placesIn(value: Case) {
  return itemsOf(await reportOf(value), '40101011').map((threat) => {
    const [seen = []] = itemsOf(threat, '40101037');
    return { place: numbersOf(seen, '4010101d'), instances: itemsOf(seen, '0008114a').length };
  });
}

describe('the regions of a verdict', () => {
  test('are kept with it, and the OPERATOR report carries each as an object', async () => {
    const value = await claimed();
    const decided = await post('analyst', `/v1/cases/${value.id}/verdict`, suspect);
    expect(decided.json().verdicts[0]).toMatchObject({ kind: 'suspect', regions: [box, polygon] });
    expect(textOf(await reportOf(value), '40101027')).toBe('OPERATOR');
    expect(await placesIn(value)).toEqual([
      { place: [2, 3, 0, 7, 9, 1], instances: 2 },
      { place: [8, 8, 0, 16, 8, 0, 12, 16, 0], instances: 1 },
    ]);
  });

  test('stand beside how the image was read, which is kept with the verdict', async () => {
    const value = await claimed();
    const reading = { findings: 'not-shown', tools: ['window', 'zoom'], seconds: 12.5 };
    const url = `/v1/cases/${value.id}/verdict`;
    const wrong = await post('analyst', url, { ...suspect, reading: { ...reading, tools: ['hammer'] } });
    expect(wrong.statusCode).toBe(400);
    const decided = await post('analyst', url, { ...suspect, reading });
    expect(decided.json().verdicts[0]).toMatchObject({ reading });
    const { history } = (await service.as('auditor', { url: `/v1/cases/${value.id}` })).json();
    expect(history.at(-1)).toMatchObject({ kind: 'decided', detail: { reading } });
  });

  test('are hidden with the verdict while somebody may still read the image', async () => {
    const value = await claimed();
    const url = `/v1/cases/${value.id}`;
    await post('analyst', `${url}/verdict`, suspect);
    await post('analyst', `${url}/second-opinion`, { why: 'not sure' });
    for (const role of ['analyst', 'supervisor'] as const) {
      const seen = await service.as(role, { url });
      expect(seen.body).not.toContain('regions');
      expect((await service.as(role, { url: '/v1/queue' })).body).not.toContain('points');
    }
    expect((await service.as('auditor', { url })).body).toContain('regions');
    await post('supervisor', `${url}/claim`);
    await post('supervisor', `${url}/verdict`, suspect);
  });

  test('of a supervisor who settles a case are those of the report that stands', async () => {
    const value = await claimed();
    const url = `/v1/cases/${value.id}`;
    await post('analyst', `${url}/verdict`, { kind: 'inconclusive', reason: 'image-quality' });
    const second = await service.newToken('analyst', 'utopia', 'harbour');
    const headers = { authorization: `Bearer ${second}` };
    await service.app.inject({ method: 'POST', url: '/v1/cases/next', payload: {}, headers });
    const unsure = { kind: 'inconclusive', reason: 'image-quality', regions: [box] };
    await service.app.inject({ method: 'POST', url: `${url}/verdict`, payload: unsure, headers });
    const settled = await post('supervisor', `${url}/settlement`, { ...suspect, regions: [polygon] });
    expect(settled.json(), settled.body).toMatchObject({ state: 'decided' });
    expect(await placesIn(value)).toEqual([{ place: [8, 8, 0, 16, 8, 0, 12, 16, 0], instances: 1 }]);
  });

  test('that are not in the image are refused with the field and what is allowed, and nothing is decided', async () => {
    const value = await claimed();
    const url = `/v1/cases/${value.id}`;
    const wrong: readonly (readonly [object, string, string])[] = [
      [{ ...box, x: 12 }, 'regions.0.width', 'view "main" has columns 0 to 15'],
      [{ ...box, view: 'top' }, 'regions.0.view', 'use main'],
      [{ ...box, channel: 'mid' }, 'regions.0.channel', 'use high, low'],
      [{ ...polygon, points: corners.slice(0, 2) }, 'regions.0.points', '3'],
      [{ ...box, width: 0 }, 'regions.0.width', '1'],
      [{ ...box, x: 0.5 }, 'regions.0.x', 'integer'],
    ];
    for (const [region, field, detail] of wrong) {
      const refused = await post('analyst', `${url}/verdict`, { ...suspect, regions: [region] });
      expect(refused.json()).toMatchObject({ status: 400, code: 'NII_BAD_REQUEST', field });
      expect(refused.json().detail).toContain(detail);
    }
    const many = await post('analyst', `${url}/verdict`, { ...suspect, regions: Array(33).fill(box) });
    expect(many.json()).toMatchObject({ code: 'NII_BAD_REQUEST', field: 'regions' });
    expect((await service.as('analyst', { url })).json().state).toBe('claimed');
    await post('analyst', `${url}/verdict`, suspect);
  });
});
