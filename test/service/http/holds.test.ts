import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Role } from '../../../src/core/access.ts';
import { fakeScan } from '../../support/fake-scan.ts';
import { ADMINISTRATION, type Harness, openHarness, SITE } from '../../support/harness.ts';
import { portalLines } from '../../support/vendors/portal.ts';
import { story } from '../../support/vitest/story.ts';

let service: Harness;
let scan: string;
let record: string;
let other: string;

async function send(name: string, payload: Buffer): Promise<string> {
  const answer = await service.as('scanner', {
    method: 'POST',
    url: `/v1/scans?name=${name}`,
    payload,
    headers: { 'content-type': 'application/octet-stream' },
  });
  expect(answer.statusCode, answer.body).toBe(202);
  return answer.json().scans[0].scanId;
}

beforeAll(async () => {
  service = await openHarness();
  scan = await send('a.fake', fakeScan({ containers: 'MSKU1234565', acquired: '2026-03-04T05:00:20Z' }));
  await service.work();
  const from = '2026-03-04T05:00:00Z';
  record = await send(
    'a.csv',
    portalLines([
      { from, number: 7, alarm: 'gamma' },
      { from, number: 8 },
    ]),
  );
  await service.work();
  const sources = [{ unNumber: '2915', nuclides: ['Cs-137'] }];
  const payload = { containers: ['MSKU1234565'], dangerousGoods: sources, presentedAt: from };
  const declared = await service.as('lane', { method: 'PUT', url: '/v1/declarations/L-7', payload });
  expect(declared.statusCode).toBe(201);
  other = await service.newToken('radiation-officer', ADMINISTRATION, SITE);
  const seen = { scanId: scan, why: 'seen at the portal' };
  const { id } = await openHold();
  for (const officer of [other, await service.newToken('radiation-officer', ADMINISTRATION, SITE)])
    await by(officer, `/v1/holds/${id}/join`, seen);
  await service.work();
});

afterAll(async () => {
  await service.close();
  expect(service.wrongAnswers).toEqual([]);
});

const get = async (role: Role, url: string) => (await service.as(role, { url })).json();
const post = (role: Role, url: string, payload: object, headers: Record<string, string> = {}) =>
  service.as(role, { method: 'POST', url, payload, headers });
const innocent = {
  decision: 'innocent',
  basis: 'declared-source',
  reference: 'L-7',
  identification: { nuclides: ['Cs-137'], by: 'riid' },
  note: 'as declared',
};

const by = (token: string, url: string, payload: object) =>
  service.ask(token, { method: 'POST', url, payload });

async function openHold() {
  const { items } = await get('radiation-officer', '/v1/holds');
  return items.find(({ scanId }: { scanId: string }) => scanId === record);
}

story('one alarm, from its hold to its end', () => {
  test('an alarm is listed as a hold, and shown with the scan and with the record', async () => {
    const hold = await openHold();
    expect(hold).toMatchObject({ state: 'open', scanId: record, occupancy: 7, join: { scanId: scan } });
    const shown = await get('lane', `/v1/scans/${scan}`);
    expect(shown.radiation).toHaveLength(2);
    expect(shown.radiation[0]).toMatchObject({ scanId: record, alarms: ['gamma'], hold: { id: hold.id } });
    expect((await get('lane', `/v1/scans/${record}`)).radiation).toEqual(shown.radiation);
    expect(await get('lane', `/v1/scans/${record}/lane-instruction`)).toMatchObject({
      instruction: 'hold',
      final: false,
    });
    expect((await get('supervisor', '/v1/holds?state=innocent&state=closed')).items).toEqual([]);
    expect((await get('auditor', '/v1/holds?site=elsewhere')).items).toEqual([]);
    const elsewhere = await service.newToken('radiation-officer', 'utopia', 'airport');
    const headers = { authorization: `Bearer ${elsewhere}` };
    expect((await service.app.inject({ url: `/v1/holds/${hold.id}`, headers })).statusCode).toBe(404);
  });

  test.each([
    ['supervisor', 403, 'NII_FORBIDDEN'],
    ['analyst', 403, 'NII_FORBIDDEN'],
    ['lane', 403, 'NII_FORBIDDEN'],
    ['administrator', 403, 'NII_FORBIDDEN'],
  ] as const)('a %s adjudicates no hold', async (role, status, code) => {
    const { id } = await openHold();
    const answer = await post(role, `/v1/holds/${id}/adjudication`, innocent);
    expect(answer.json()).toMatchObject({ status, code });
  });

  test.each([
    [{ decision: 'innocent' }],
    [{ decision: 'innocent', basis: 'looks-fine' }],
    [{ decision: 'innocent', basis: 'norm' }],
    [{ decision: 'innocent', reason: 'norm-cargo' }],
    [{ decision: 'normal', basis: 'norm' }],
    [{}],
  ])('the adjudication %j is refused', async (payload) => {
    const { id, history } = await openHold();
    const answer = await post('radiation-officer', `/v1/holds/${id}/adjudication`, payload);
    expect(answer.json()).toMatchObject({ status: 400, code: 'NII_BAD_REQUEST' });
    expect((await openHold()).history).toEqual(history);
  });

  test('an officer moves a hold once for one request, and only as it was read', async () => {
    const { id } = await openHold();
    const home = `/v1/holds/${id}`;
    const { etag } = (await service.as('supervisor', { url: home })).headers;
    expect(etag, 'opened, and joined by two').toBe('"3"');
    const move = (to: string, payload: object, headers = {}) =>
      post('radiation-officer', `${home}/${to}`, payload, headers);
    expect((await move('adjudication', innocent, { 'if-match': '"9"' })).statusCode).toBe(412);
    expect((await move('close', { kind: 'released' })).json()).toMatchObject({ code: 'NII_STATE_CONFLICT' });
    const key = { 'idempotency-key': 'once', 'if-match': '"3"' };
    const [first, again] = [
      await move('adjudication', innocent, key),
      await move('adjudication', innocent, key),
    ];
    expect([first.json().state, first.headers.etag]).toEqual(['innocent', '"4"']);
    expect([again.json(), again.headers['idempotency-replayed']]).toEqual([first.json(), 'true']);
    expect((await move('reopen', {})).statusCode).toBe(400);
    expect((await move('reopen', { why: 'a second alarm' })).json().state).toBe('open');
    const confirmed = await move('adjudication', { decision: 'real', authority: 'Nuclear safety' });
    expect(confirmed.json().state).toBe('confirmed');
    expect(await get('lane', `/v1/scans/${scan}/lane-instruction`)).toMatchObject({
      instruction: 'hold',
      final: false,
      reasons: [
        { text: 'radiation alarm (gamma) is confirmed and with the competent authority' },
        { code: 'undecided' },
      ],
    });
    expect((await move('close', { kind: 'detained', reference: 'NS-7' })).json()).toMatchObject({
      state: 'closed',
      outcome: { kind: 'detained' },
    });
    expect(await get('lane', `/v1/scans/${scan}/lane-instruction`)).toMatchObject({ instruction: 'hold' });
  });

  test('a hold that is possibly the same as another is settled as its duplicate by two officers', async () => {
    const one = portalLines([{ number: 5, alarm: 'gamma' }]);
    const twice = await send('twice.csv', Buffer.concat([one, one]));
    await service.work();
    const { items } = await get('radiation-officer', '/v1/holds');
    const own = items.filter(({ scanId }: { scanId: string }) => scanId === twice);
    const copy = own.find(({ possiblySameAs }: { possiblySameAs?: unknown }) => possiblySameAs !== undefined);
    const [of] = copy.possiblySameAs;
    const settle = (payload: object) =>
      post('radiation-officer', `/v1/holds/${copy.id}/duplicate-of`, payload);
    expect((await settle({ of })).statusCode).toBe(400);
    expect((await settle({ of: copy.id, why: 'x' })).json()).toMatchObject({
      code: 'NII_BAD_REQUEST',
      field: 'of',
    });
    const said = { of, why: 'the log was concatenated' };
    expect((await settle(said)).json()).toMatchObject({ state: 'open', joinProposal: { duplicateOf: of } });
    const settled = await by(other, `/v1/holds/${copy.id}/duplicate-of`, said);
    expect(settled.json()).toMatchObject({ state: 'duplicate', duplicateOf: of });
    expect(await get('radiation-officer', `/v1/holds/${of}`)).toMatchObject({
      state: 'open',
      duplicates: [{ holdId: copy.id }],
    });
    const again = await post('radiation-officer', `/v1/holds/${copy.id}/reopen`, {
      why: 'two vehicles after all',
    });
    expect(again.json().state).toBe('open');
  });

  test('every view and move of a hold is in the audit, and every change in the feed', async () => {
    const { items } = await get('auditor', '/v1/audit?limit=200');
    const actions = new Set(items.map(({ action }: { action: string }) => action));
    for (const action of [
      'view holds',
      'view hold',
      'change hold: adjudicate',
      'change hold: close',
      'change hold: reopen',
    ])
      expect(actions).toContain(action);
    const told = async (wanted: string) => {
      const changes = await get('supervisor', '/v1/changes?limit=200');
      return changes.items.filter(({ kind }: { kind: string }) => kind === wanted).length;
    };
    await expect.poll(() => told('hold.opened')).toBeGreaterThan(0);
    await expect.poll(() => told('hold.changed')).toBeGreaterThanOrEqual(4);
    await expect.poll(() => told('radiation.joined')).toBeGreaterThan(0);
  });
});
