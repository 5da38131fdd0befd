import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { withCheckDigit } from '../../../../src/core/check-digits.ts';
import type { Control } from '../../../../src/core/rules/controls.ts';
import { fakeScan } from '../../../support/fake-scan.ts';
import { ADMINISTRATION, SITE } from '../../../support/harness.ts';
import { BorderPost } from '../../../support/http/border-post.ts';

/** What the policy requires of some vehicles: by place, risk, commodity and trader. */

let post: BorderPost;
let ada: string;
let bob: string;
let sam: string;
let box: string;
let number = 0;

beforeAll(async () => {
  post = await BorderPost.open();
  ada = await post.service.newToken('administrator', ADMINISTRATION, '*');
  bob = await post.service.newToken('administrator', ADMINISTRATION, '*');
  sam = await post.newKey('supervisor');
});
beforeEach(async () => {
  post.nextWeek();
  number += 1;
  box = withCheckDigit(`MSKU7${String(number).padStart(5, '0')}`);
  await decidePolicy([]);
});
afterAll(async () => {
  await post.close();
  expect(post.service.wrongAnswers).toEqual([]);
});

async function putPolicy(controls: readonly object[], more: object = {}) {
  const before = await post.get(ada, '/v1/policy');
  const headers = { 'if-match': String(before.headers.etag) };
  const payload = { ...before.json().terms, controls, ...more };
  return post.service.ask(ada, { method: 'PUT', url: '/v1/policy', payload, headers });
}

/** Puts the controls in force, by a second person where they loosen something. */
async function decidePolicy(controls: readonly Control[], more: object = {}): Promise<void> {
  const put = await putPolicy(controls, more);
  if (put.statusCode === 200) return;
  expect(put.statusCode, put.body).toBe(202);
  const headers = { 'if-match': String(put.headers.etag) };
  const confirmed = await post.service.ask(bob, {
    method: 'POST',
    url: '/v1/policy/confirmation',
    headers,
  });
  expect(confirmed.statusCode, confirmed.body).toBe(200);
}

/** States a declaration of the container; no worker has run when it is answered. */
async function declare(score: number | undefined, more: object = {}): Promise<void> {
  const url = `/v1/declarations/D-${box}`;
  const etag = (await post.get(ada, url)).headers.etag;
  const selectivity = score === undefined ? {} : { selectivity: { score } };
  const payload = { containers: [box], presentedAt: post.time(0), ...selectivity, ...more };
  const headers = etag === undefined ? {} : { 'if-match': String(etag) };
  const answer = await post.service.ask(ada, { method: 'PUT', url, payload, headers });
  expect(answer.statusCode, answer.body).toBeLessThan(300);
}

async function told(scanId: string): Promise<string> {
  const { instruction, final, reasons = [] } = await post.instruction(scanId);
  return `${instruction}${final ? '' : ' not final'}: ${reasons.map(({ code }) => code).join(' ')}`;
}

async function caseOf(scanId: string) {
  const [value] = await post.service.deps.records.transaction((tx) => tx.casesOfScan(scanId));
  if (value === undefined) throw new Error('no case');
  return value;
}

const scanned = () => post.xray(0, { containers: box });
const outcome = async (scanId: string, extent: 'part' | 'full', by = 'searcher') => {
  const { id } = await caseOf(scanId);
  const found = { kind: 'nothing-found', method: 'unloaded', extent };
  const answer = await post.post(by, `/v1/cases/${id}/outcome`, found);
  expect(answer.statusCode, answer.body).toBe(200);
  return id;
};

const red: Control = { when: { riskFrom: 90 }, terms: { search: true } };

describe('red', () => {
  test('is searched whatever the picture', async () => {
    await decidePolicy([red]);
    await declare(95);
    const scanId = await scanned();
    expect(await told(scanId)).toBe('hold not final: undecided selected-for-search');
    await post.decide(scanId, 'normal');
    expect(await told(scanId)).toBe('hold not final: in-search selected-for-search');
    const id = await outcome(scanId, 'part');
    expect(await told(scanId)).toBe('hold not final: searched-in-part selected-for-search');
    await post.post(sam, `/v1/cases/${id}/search-acceptance`, { why: 'enough' });
    expect(await told(scanId), 'a part is not all of it').toBe(
      'hold not final: selected-for-search search-accepted',
    );
    await post.post(sam, `/v1/cases/${id}/reopen`, { why: 'all of it is to be searched' });
    await post.decide(scanId, 'normal', 'other', await post.newKey('supervisor'));
    await outcome(scanId, 'full');
    expect(await told(scanId)).toBe('proceed: nothing-found');
  });

  test('below it nothing is required', async () => {
    await decidePolicy([red]);
    await declare(89);
    const scanId = await scanned();
    await post.decide(scanId, 'normal');
    expect(await told(scanId)).toBe('proceed: normal');
  });

  test('is held in each scan of the container, and one full search ends it in those that came before', async () => {
    await decidePolicy([red]);
    await declare(95);
    const [first, second] = [await scanned(), await scanned()];
    await post.decide(first, 'normal');
    expect(await told(second)).toBe(
      'hold not final: undecided in-search selected-for-search selected-for-search',
    );
    post.clock.advance(60);
    await outcome(first, 'full');
    await post.decide(second, 'normal');
    expect([await told(first), await told(second)]).toEqual(['proceed: nothing-found', 'proceed: normal']);
    post.clock.advance(3600);
    const later = await scanned();
    await post.decide(later, 'normal');
    expect(await told(later), 'it may have been opened since').toContain('selected-for-search');
  });
});

describe('a score of 100', () => {
  test('that arrives after the verdict takes proceed back, also before a worker has run', async () => {
    await decidePolicy([red]);
    const scanId = await scanned();
    await post.decide(scanId, 'normal');
    expect(await told(scanId)).toBe('proceed: normal');
    post.told.splice(0);
    await declare(100);
    expect(await told(scanId)).toBe('hold not final: selected-for-search normal');
    await post.service.work();
    expect(post.told.at(-1)).toMatchObject({ scanId, instruction: 'hold' });
    expect(await told(scanId)).toBe('hold not final: in-search selected-for-search');
    await outcome(scanId, 'full');
    expect(await told(scanId)).toBe('proceed: nothing-found');
  });

  test.each([
    ['a lower score', () => declare(5)],
    ['another container', () => declare(100, { containers: ['MSKU1234565'] })],
    ['another date', () => declare(100, { presentedAt: '2020-01-01T00:00:00Z' })],
  ])('is not undone by %s', async (_, change) => {
    await decidePolicy([red]);
    await declare(100);
    const scanId = await scanned();
    await change();
    await post.service.work();
    expect(await told(scanId)).toBe('hold not final: undecided selected-for-search');
    await post.decide(scanId, 'normal');
    expect((await caseOf(scanId)).state).toBe('search');
  });

  test('counts no more where two persons take the control out of the policy', async () => {
    await decidePolicy([red]);
    await declare(100);
    const scanId = await scanned();
    expect((await putPolicy([])).statusCode).toBe(202);
    expect(await told(scanId)).toContain('selected-for-search');
    await decidePolicy([]);
    await post.decide(scanId, 'normal');
    expect(await told(scanId)).toBe('proceed: normal');
  });
});

describe('high risk', () => {
  const two: Control = { when: { riskFrom: 60 }, terms: { readers: 2 } };

  test('has two readers', async () => {
    await decidePolicy([two]);
    await declare(60);
    const scanId = await scanned();
    await post.decide(scanId, 'normal');
    expect([await told(scanId), (await caseOf(scanId)).state]).toEqual([
      'hold not final: undecided',
      'queued',
    ]);
    await post.decide(scanId, 'normal', 'other', sam);
    expect(await told(scanId)).toBe('proceed: normal');
  });

  test('has them, too, where it is declared after the first has read', async () => {
    await decidePolicy([two]);
    const scanId = await scanned();
    await post.decide(scanId, 'normal');
    await declare(60);
    expect(await told(scanId)).toBe('hold not final: undecided');
    await post.service.work();
    expect((await caseOf(scanId)).state).toBe('queued');
    await post.decide(scanId, 'normal', 'other', sam);
    expect(await told(scanId)).toBe('proceed: normal');
  });
});

test('tobacco of one trader is searched, and nobody else’s', async () => {
  const tobacco = { goodsHs: '24', trader: 'NL 001234567' };
  await decidePolicy([{ when: tobacco, terms: { search: true } }]);
  const of = (id: string) => ({ consignment: { parties: [{ role: 'consignee', id }] } });
  await declare(undefined, { hsCodes: ['240220'], ...of('nl001234567') });
  expect(await told(await scanned())).toContain('selected-for-search');
  box = withCheckDigit('MSKU799999');
  await declare(undefined, { hsCodes: ['240220'], ...of('NL009999999') });
  expect(await told(await scanned())).toBe('hold not final: undecided');
});

test('a proceed on the fast lane is valid for five minutes', async () => {
  const fast: Control = { when: { site: SITE, lane: 'lane-7' }, terms: { instructionMinutes: 5 } };
  await decidePolicy([fast], { instructionMinutes: 15 });
  const minutes = async (lane: string) => {
    number += 1;
    const scanId = await post.xray(0, {
      containers: withCheckDigit(`MSKU8${String(number).padStart(5, '0')}`),
      lane,
    });
    const { issuedAt, expiresAt } = await post.instruction(scanId);
    return (Date.parse(expiresAt) - Date.parse(issuedAt)) / 60_000;
  };
  expect([await minutes('Lane 7'), await minutes('lane-3')]).toEqual([5, 15]);
  await decidePolicy([], { instructionMinutes: 5 });
});

describe('a bus that passed only the portal', () => {
  const buses: Control = { when: { site: SITE, lane: 'bus-2' }, terms: { portalOnlyMayGo: true } };

  test('may go where the policy says so, and nowhere else', async () => {
    expect((await putPolicy([buses])).statusCode, 'one person does not decide that').toBe(202);
    await decidePolicy([buses]);
    const bus = await post.portal([{ from: post.time(0), number }], 'bus-2');
    const truck = await post.portal([{ from: post.time(60), number }], 'lane-2');
    expect([await told(bus), await told(truck)]).toEqual([
      'proceed: portal-only',
      'hold not final: nothing-to-decide',
    ]);
    const { issuedAt, expiresAt, scanId } = await post.instruction(bus);
    const claimed = { instruction: 'proceed', issuedAt, expiresAt, scanId };
    const passage = { id: `bus-${number}`, at: issuedAt, scanId: bus, instruction: claimed };
    const reported = await post.post('lane', '/v1/passages', { site: SITE, passages: [passage] });
    expect(reported.json().passages[0], 'its passage is in order').toMatchObject({ state: 'valid' });
    await decidePolicy([buses, { when: {}, terms: { portalOnlyMayGo: false } }]);
    expect(await told(bus)).toBe('hold not final: nothing-to-decide');
  });

  test('may not go with an alarm, nor by a log of several vehicles', async () => {
    await decidePolicy([buses]);
    const alarmed = await post.portal([{ from: post.time(0), number, alarm: 'gamma' }], 'bus-2');
    expect(await told(alarmed)).toBe('hold not final: alarm-waits nothing-to-decide');
    post.nextWeek();
    const passages = [0, 60].map((second) => ({ from: post.time(second), number: number + second }));
    expect(await told(await post.portal(passages, 'bus-2'))).toBe('hold not final: nothing-to-decide');
  });
});

test('a reader who says normal in two seconds is asked to look, and may say suspect at once', async () => {
  await decidePolicy([{ when: { riskFrom: 50 }, terms: { minimumLookSeconds: 20 } }]);
  await declare(50);
  const [first, other] = [await scanned(), await scanned()];
  const say = async (scanId: string, kind: string) => {
    const { id } = await caseOf(scanId);
    return post.post(sam, `/v1/cases/${id}/verdict`, { kind, reason: 'other' });
  };
  await post.post(sam, `/v1/cases/${(await caseOf(first)).id}/claim`);
  post.clock.advance(2);
  expect((await say(first, 'normal')).json()).toMatchObject({
    code: 'NII_STATE_CONFLICT',
    detail: expect.stringContaining('for 20 seconds'),
  });
  post.clock.advance(18);
  expect((await say(first, 'normal')).json(), 'a time alone is no look').toMatchObject({
    code: 'NII_STATE_CONFLICT',
    detail: expect.stringContaining('Open the image'),
  });
  const samples = `/v1/scans/${first}/revisions/1/channels/main/high/samples`;
  expect((await post.get(sam, samples)).statusCode).toBe(200);
  expect((await say(first, 'normal')).statusCode).toBe(200);
  await post.post(sam, `/v1/cases/${(await caseOf(other)).id}/claim`);
  expect((await say(other, 'suspect')).statusCode).toBe(200);
});

test('a scan that names no visit holds where one is required, and one that names it does not', async () => {
  await decidePolicy([{ when: { lane: 'lane-4' }, terms: { visitRequired: true } }]);
  const without = await post.xray(0, { containers: box, lane: 'lane-4' });
  await post.decide(without, 'normal');
  expect(await told(without)).toBe('hold not final: visit-missing normal');
  const again = await post.send(
    'again.fake',
    fakeScan({ seed: 99, containers: box, acquired: post.time(60) }),
    `lane-4&visit=V-${number}`,
  );
  await post.decide(again, 'normal');
  expect(await told(again)).toBe('proceed: normal');
});

describe('a change of the controls', () => {
  const strict: Control = { when: { riskFrom: 80 }, terms: { search: true, readers: 2 } };

  test('that adds one is in force at once; that drops or narrows one waits for another person', async () => {
    expect((await putPolicy([strict])).statusCode).toBe(200);
    expect((await putPolicy([{ ...strict, when: { riskFrom: 81 } }])).statusCode).toBe(202);
    expect((await putPolicy([{ ...strict, terms: { search: true } }])).statusCode).toBe(202);
    expect((await putPolicy([])).statusCode).toBe(202);
    expect((await putPolicy([{ ...strict, when: { riskFrom: 70 } }])).statusCode).toBe(200);
  });

  test('that no claim could outlast is refused', async () => {
    const endless = { when: {}, terms: { minimumLookSeconds: 600 } };
    expect((await putPolicy([endless], { claimMinutes: 10 })).json()).toMatchObject({
      code: 'NII_BAD_REQUEST',
      field: 'controls.0.terms.minimumLookSeconds',
    });
  });
});
