import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { IssuedLaneInstruction } from '../../../../src/core/case/lane.ts';
import { type LanePassage, PASSAGES_AT_ONCE } from '../../../../src/core/case/lane-passage.ts';
import { reindex } from '../../../../src/maintenance/reindex/reindex.ts';
import { verifyAll } from '../../../../src/maintenance/verify.ts';
import { fakeScan } from '../../../support/fake-scan.ts';
import { ADMINISTRATION, type Harness, openHarness, SITE } from '../../../support/harness.ts';
import { movableClock } from '../../../support/stage.ts';

let service: Harness;
let seed = 900;
const clock = movableClock('2026-06-01T08:00:00.000Z');

// a week apart, what one test leaves undecided holds nothing of another
beforeEach(() => clock.advance(7 * 24 * 3600));
beforeAll(async () => {
  service = await openHarness({ deps: { clock } });
});

afterAll(async () => {
  await service.close();
  expect(service.wrongAnswers).toEqual([]);
});

type Role = 'lane' | 'supervisor' | 'auditor' | 'analyst' | 'administrator';

interface Listed extends LanePassage {
  readonly ageSeconds: number;
  readonly scans: readonly {
    readonly scanId: string;
    readonly foundBy: string;
    readonly instruction?: string;
  }[];
}

const post = (role: Role, url: string, payload: object, headers: Record<string, string> = {}) =>
  service.as(role, { method: 'POST', url, payload, headers });

/** Of the harbour, by its lane. */
const report = (...passages: readonly object[]) => post('lane', '/v1/passages', { site: SITE, passages });

/** @returns what was said of the only passage */
async function reported(passage: object): Promise<{ passageId: string; state: string; reason?: string }> {
  const answer = await report(passage);
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json().passages[0];
}

async function list(state = 'open', more = ''): Promise<readonly Listed[]> {
  const items: Listed[] = [];
  for (let cursor = '', isLast = false; !isLast; ) {
    const at = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const answer = await service.as('supervisor', { url: `/v1/passages?state=${state}${more}${at}` });
    expect(answer.statusCode, answer.body).toBe(200);
    const page: { items: Listed[]; next?: string } = answer.json();
    items.push(...page.items);
    cursor = page.next ?? '';
    isLast = page.next === undefined;
  }
  return items;
}

/** Its clock runs on between two requests. */
const withoutAge = (items: readonly Listed[]) => items.map(({ ageSeconds: _, ...item }) => item);

const listed = async (passageId: string, state = 'open') =>
  (await list(state)).find(({ id }) => id === passageId);

const settle = (passageId: string, payload: object, headers = {}) =>
  post('supervisor', `/v1/passages/${passageId}/settle`, payload, headers);

async function sent(container = 'MSKU1234565', visit = ''): Promise<string> {
  seed += 1;
  const acquired = clock.now().toISOString();
  const answer = await service.as('scanner', {
    method: 'POST',
    url: `/v1/scans?name=${seed}.fake${visit === '' ? '' : `&visit=${visit}`}`,
    payload: fakeScan({ seed, containers: container, acquired }),
    headers: { 'content-type': 'application/octet-stream' },
  });
  await service.work();
  return answer.json().scans[0].scanId;
}

/** Decided normal, a minute after it was sent. */
async function normal(container?: string): Promise<string> {
  const scanId = await sent(container);
  const [found] = await service.deps.records.transaction((tx) => tx.casesOfScan(scanId));
  clock.advance(60);
  await post('supervisor', `/v1/cases/${found?.id}/claim`, {});
  const decided = await post('supervisor', `/v1/cases/${found?.id}/verdict`, {
    kind: 'normal',
    reason: 'nothing-unusual',
  });
  expect(decided.statusCode, decided.body).toBe(200);
  return scanId;
}

async function laneInstruction(scanId: string): Promise<IssuedLaneInstruction> {
  return (await service.as('lane', { url: `/v1/scans/${scanId}/lane-instruction` })).json();
}

/** What a lane controller keeps of an instruction. */
const claimOf = ({ scanId, instruction, issuedAt, expiresAt }: IssuedLaneInstruction) => ({
  scanId,
  instruction,
  issuedAt,
  expiresAt,
});

const now = () => clock.now().toISOString();

/** The feed shows a change once no older transaction is open, which may be a moment later. */
async function changesOf(subject: string): Promise<readonly string[]> {
  const kinds: string[] = [];
  for (let cursor = '', more = true; more; ) {
    const url = `/v1/changes?limit=200${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`;
    const page = (await service.as('auditor', { url })).json();
    const rows: { kind: string; subject: string }[] = page.items;
    kinds.push(...rows.filter((row) => row.subject === subject).map(({ kind }) => kind));
    ({ cursor, more } = page);
  }
  return kinds;
}

async function auditOf(subject: string): Promise<readonly { action: string; detail: object }[]> {
  const found: { action: string; subject: string; detail: object }[] = [];
  for (let cursor: string | undefined, isLast = false; !isLast; isLast = cursor === undefined) {
    const at: string = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page = (await service.as('auditor', { url: `/v1/audit?limit=200${at}` })).json();
    found.push(...page.items);
    cursor = page.next;
  }
  return found.filter((row) => row.subject === subject && row.action.startsWith('change'));
}

async function metric(): Promise<number> {
  const { body } = await service.as('auditor', { url: '/metrics' });
  return Number(/^nii_passages_without_instruction (\d+)$/m.exec(body)?.[1]);
}

describe('a vehicle', () => {
  test('that passes under the fallback after its instruction has expired is listed, and a supervisor settles it', async () => {
    const scanId = await normal();
    const before = await metric();
    const answer = await laneInstruction(scanId);
    expect(answer.instruction).toBe('proceed');
    clock.advance(6 * 60);
    const passedAt = now();
    clock.advance(3600);
    const instruction = claimOf(answer);
    const fallback = 'The supervisor at the gate let it pass';
    const said = await reported({ id: 'fallback-1', at: passedAt, lane: '3', scanId, instruction, fallback });
    expect(said).toMatchObject({ state: 'open', reason: 'expired' });
    expect(await metric()).toBe(before + 1);
    expect(await listed(said.passageId)).toMatchObject({
      reason: 'expired',
      report: { at: passedAt, fallback, lane: '3' },
      scans: [{ scanId, foundBy: 'scan', instruction: 'proceed', final: true }],
    });
    const settled = await settle(said.passageId, { outcome: 'accepted', why: 'the image is normal' });
    expect(settled.json()).toMatchObject({ state: 'settled', settled: { outcome: 'accepted', at: now() } });
    expect(settled.headers.etag).toBe('"2"');
    expect(await listed(said.passageId)).toBeUndefined();
    const kept = await listed(said.passageId, 'settled');
    expect(kept).toMatchObject({ settled: { why: 'the image is normal', by: expect.any(String) } });
    expect(await metric()).toBe(before);
    await expect
      .poll(() => changesOf(said.passageId))
      .toEqual(['passage.without-instruction', 'passage.settled']);
    expect(await auditOf(said.passageId)).toMatchObject([
      { action: 'change passage: settle', detail: { outcome: 'accepted', why: 'the image is normal' } },
    ]);
  });

  test('that passes by a valid instruction is not listed, and there is nothing to settle', async () => {
    const answer = await laneInstruction(await normal());
    clock.advance(60);
    const said = await reported({ id: 'valid-1', at: now(), instruction: claimOf(answer) });
    expect(said).toEqual({ id: 'valid-1', passageId: said.passageId, result: 'new', state: 'valid' });
    for (const state of ['open', 'settled']) expect(await listed(said.passageId, state)).toBeUndefined();
    const refused = await settle(said.passageId, { outcome: 'accepted', why: 'x' });
    expect(refused.json().code).toBe('NII_STATE_CONFLICT');
    expect(await changesOf(said.passageId)).toEqual([]);
  });

  test('that passes against an instruction to hold is listed with what the scan says now', async () => {
    const scanId = await sent('CSQU3054383');
    const answer = await laneInstruction(scanId);
    const said = await reported({ id: 'hold-1', at: now(), instruction: claimOf(answer) });
    expect(said.reason).toBe('was-hold');
    expect((await listed(said.passageId))?.scans).toMatchObject([{ scanId, instruction: 'hold' }]);
    expect((await reported({ id: 'none-1', at: now(), visit: 'V 17' })).reason).toBe('none');
  });

  test('whose instruction this service cannot have given is listed', async () => {
    const scanId = await sent();
    const claim = { ...claimOf(await laneInstruction(scanId)), instruction: 'proceed' };
    expect((await reported({ id: 'claim-1', at: now(), instruction: claim })).reason).toBe('not-cleared');
    const strange = { ...claim, scanId: 'not-here' };
    expect((await reported({ id: 'claim-2', at: now(), instruction: strange })).reason).toBe('unknown-scan');
    const moved = { id: 'claim-3', at: now(), scanId: 'another', instruction: claim };
    expect((await reported(moved)).reason).toBe('other-scan');
  });

  test('is found by its visit, each scan of it once', async () => {
    const scans = [await sent('MSCU6639870', 'gate-7'), await sent('CSQU3054383', 'gate-7')];
    const { passageId } = await reported({
      id: 'visit-1',
      at: now(),
      visit: 'gate-7',
      containers: ['MSCU6639870'],
    });
    const shown = (await listed(passageId))?.scans.map(({ scanId, foundBy }) => `${scanId} ${foundBy}`);
    expect(new Set(shown)).toEqual(new Set(scans.map((scanId) => `${scanId} visit`)));
    expect(shown).toHaveLength(2);
  });

  test('is found by its container within a day, at its site alone', async () => {
    const container = 'MSKU0000006';
    const scanId = await normal(container);
    const said = await reported({ id: 'box-1', at: now(), containers: ['msku 000000-6'], plates: ['AB 12'] });
    expect(await listed(said.passageId)).toMatchObject({
      report: { containers: ['msku 000000-6'] },
      scans: [{ scanId, foundBy: 'container', instruction: 'proceed' }],
    });
    clock.advance(25 * 3600);
    const later = await reported({ id: 'box-2', at: now(), containers: [container] });
    expect((await listed(later.passageId))?.scans).toEqual([]);
    const key = await service.newToken('lane', ADMINISTRATION, 'airport');
    const at = new Date(clock.now().getTime() - 25 * 3600_000).toISOString();
    const payload = { site: 'airport', passages: [{ id: 'box-3', at, containers: [container], scanId }] };
    const elsewhere = await service.ask(key, { method: 'POST', url: '/v1/passages', payload });
    const { passageId } = elsewhere.json().passages[0];
    const everywhere = await service.newToken('supervisor', ADMINISTRATION, '*');
    const shown = await service.ask(everywhere, { url: '/v1/passages?site=airport' });
    expect(shown.json().items).toMatchObject([{ id: passageId, scans: [] }]);
  });
});

describe('a report', () => {
  test('of an outage is kept whole, and the same again changes nothing', async () => {
    const passages = Array.from({ length: PASSAGES_AT_ONCE }, (_, i) => ({
      id: `outage-${i}`,
      at: new Date(clock.now().getTime() - i * 7000).toISOString(),
      fallback: 'Every vehicle was held for ten minutes',
    }));
    const before = await list();
    const first = await report(...passages);
    expect(first.statusCode, first.body).toBe(200);
    const all = await list();
    expect(all).toHaveLength(before.length + PASSAGES_AT_ONCE);
    const times = all.map(({ report: { at } }) => at);
    expect(times, 'the one that passed first before the others').toEqual(times.toSorted());
    clock.advance(60);
    const again = await report(...passages.toReversed());
    const results = again.json().passages.map(({ result }: { result: string }) => result);
    expect(new Set(results)).toEqual(new Set(['already-here']));
    expect(withoutAge(await list())).toEqual(withoutAge(all));
    const { passageId } = first.json().passages[0];
    await expect.poll(() => changesOf(passageId)).toEqual(['passage.without-instruction']);
    const tooMany = await report(...passages, { id: 'one-more', at: now() });
    expect(tooMany.json()).toMatchObject({ code: 'NII_BAD_REQUEST', field: 'passages' });
    expect((await report()).statusCode).toBe(400);
  });

  test('with an id of other words is refused whole', async () => {
    const passage = { id: 'twice-1', at: now() };
    await reported(passage);
    const other = await report({ id: 'twice-2', at: now() }, { ...passage, lane: '4' });
    expect(other.statusCode).toBe(409);
    expect(other.json()).toMatchObject({ code: 'NII_CONFLICT', field: 'id' });
    const within = await report({ id: 'twice-3', at: now() }, { id: 'twice-3', at: now(), lane: '4' });
    expect(within.json().code).toBe('NII_CONFLICT');
    const kept = (await list()).map(({ report: { id } }) => id);
    expect(kept).toContain('twice-1');
    expect(kept).not.toContain('twice-2');
    expect(kept).not.toContain('twice-3');
  });

  test('in other writing is the same, and one with the id of another sender is not', async () => {
    const said = await reported({ id: 'same-1', at: '2026-06-01T08:00:00+02:00', lane: '1' });
    const again = { lane: '1', at: '2026-06-01T06:00:00.000Z', id: 'same-1' };
    const same = { passageId: said.passageId, result: 'already-here' };
    expect((await report(again, again)).json().passages).toMatchObject([same, same]);
    const other = await service.newToken('lane', ADMINISTRATION, SITE);
    const payload = { site: SITE, passages: [{ ...again, lane: '9' }] };
    const answer = await service.ask(other, { method: 'POST', url: '/v1/passages', payload });
    expect(answer.json().passages[0]).toMatchObject({ result: 'new' });
  });

  test.each<readonly [field: string, more: { at?: string; instruction?: { expiresAt: string } }]>([
    ['at', { at: '2026-06-30T23:59:60Z' }],
    ['at', { at: '9999-12-31T23:59:59-01:00' }],
    ['instruction.expiresAt', { instruction: { expiresAt: '2026-12-31T23:59:60Z' } }],
  ])('with a %s that no clock here has is refused by name: %j', async (field, more) => {
    const times = { issuedAt: now(), expiresAt: now() };
    const instruction = { instruction: 'proceed', ...times, ...more.instruction };
    const answer = await report({ id: 'time-1', at: now(), ...more, instruction });
    expect(answer.statusCode, answer.body).toBe(400);
    expect(answer.json()).toMatchObject({ code: 'NII_BAD_REQUEST', field: `passages.0.${field}` });
  });

  test('of the last and the first time that can be written is kept and listed', async () => {
    for (const at of ['9999-12-31T23:59:59.999Z', '0001-01-01T00:00:00.000Z']) {
      const said = await reported({ id: `edge ${at}`, at, containers: ['MSKU1234565'] });
      expect(await listed(said.passageId)).toMatchObject({ report: { at } });
    }
    const said = await reported({
      id: 'edge-future',
      at: '9999-12-31T23:59:59.999Z',
      instruction: { instruction: 'proceed', issuedAt: now(), expiresAt: '9999-12-31T23:59:59.999Z' },
    });
    expect(said.reason).toBe('in-future');
  });

  test('with text that databases do not store is refused by name, or kept and listed', async () => {
    const odd = 'a\u0000';
    const claim = { scanId: odd, instruction: 'proceed', issuedAt: now(), expiresAt: now() };
    for (const [field, more] of Object.entries({
      'passages.0.id': { id: odd },
      'passages.0.scanId': { scanId: odd },
      'passages.0.containers.0': { containers: [odd] },
      'passages.0.instruction.scanId': { instruction: claim },
    }))
      expect((await report({ id: 'odd', at: now(), ...more })).json()).toMatchObject({ field });
    const half = 'a\ud800';
    // Of these, one is no number at all, and one is longer in capitals
    const containers = [half, '.', 'ß'.repeat(32)];
    const more = { scanId: half, containers, fallback: odd, instruction: { ...claim, scanId: half } };
    const said = await reported({ id: 'odd-kept', at: now(), ...more });
    expect(await listed(said.passageId)).toMatchObject({ report: { fallback: odd, containers } });
    await settle(said.passageId, { outcome: 'not-found', why: odd });
    expect(await listed(said.passageId, 'settled')).toMatchObject({ settled: { why: odd } });
  });

  test('of another site, or of one in parallel mode, is refused', async () => {
    const other = await post('lane', '/v1/passages', { site: 'airport', passages: [{ id: 'x', at: now() }] });
    expect(other.json().code).toBe('NII_NOT_FOUND');
    const key = await service.newToken('administrator', ADMINISTRATION, '*');
    const terms = await service.ask(key, {
      method: 'PUT',
      url: '/v1/sites/quay',
      payload: { mode: 'parallel', windows: [] },
      headers: { 'if-match': '"0"' },
    });
    expect(terms.statusCode, terms.body).toBe(202);
    const second = await service.newToken('administrator', ADMINISTRATION, '*');
    const confirmed = await service.ask(second, {
      method: 'POST',
      url: '/v1/sites/quay/confirmation',
      headers: { 'if-match': String(terms.headers.etag) },
    });
    expect(confirmed.statusCode, confirmed.body).toBe(200);
    const payload = { site: 'quay', passages: [{ id: 'x', at: now() }] };
    const silent = await service.ask(key, { method: 'POST', url: '/v1/passages', payload });
    expect(silent.json().code).toBe('NII_NO_INSTRUCTION');
  });
});

describe('a settlement', () => {
  test('is made once, and a repeated request gets the same response', async () => {
    const { passageId } = await reported({ id: 'once-1', at: now() });
    const headers = { 'idempotency-key': 'settle-once', 'if-match': '"1"' };
    const body = { outcome: 'recalled', why: 'it came back' };
    const stale = await settle(passageId, body, { 'if-match': '"2"' });
    expect(stale.json().code).toBe('NII_PRECONDITION_FAILED');
    const first = await settle(passageId, body, headers);
    expect(first.statusCode, first.body).toBe(200);
    const repeated = await settle(passageId, body, headers);
    expect(repeated.json()).toEqual(first.json());
    expect(repeated.headers['idempotency-replayed']).toBe('true');
    const other = await settle(passageId, { ...body, why: 'x' }, headers);
    expect(other.json().code).toBe('NII_IDEMPOTENCY_MISMATCH');
    expect((await settle(passageId, body)).json().code).toBe('NII_STATE_CONFLICT');
    await expect.poll(() => changesOf(passageId)).toEqual(['passage.without-instruction', 'passage.settled']);
  });

  test('of two at the same time is one of the two', async () => {
    const { passageId } = await reported({ id: 'race-1', at: now() });
    const answers = await Promise.all(
      ['a', 'b', 'c'].map((why) => settle(passageId, { outcome: 'not-found', why })),
    );
    expect(answers.map(({ statusCode }) => statusCode).toSorted()).toEqual([200, 409, 409]);
    await expect.poll(() => changesOf(passageId)).toHaveLength(2);
  });

  test('names an outcome and a reason, and is a supervisor’s', async () => {
    const { passageId } = await reported({ id: 'who-1', at: now() });
    expect((await settle(passageId, { outcome: 'lost', why: 'x' })).json().field).toBe('outcome');
    expect((await settle(passageId, { outcome: 'searched' })).json().field).toBe('why');
    expect((await settle('nothing', { outcome: 'searched', why: 'x' })).statusCode).toBe(404);
    const url = `/v1/passages/${passageId}/settle`;
    for (const role of ['lane', 'administrator', 'analyst'] as const)
      expect((await post(role, url, { outcome: 'searched', why: 'x' })).statusCode).toBe(403);
    const key = await service.newToken('supervisor', ADMINISTRATION, 'airport');
    const payload = { outcome: 'searched', why: 'x' };
    expect((await service.ask(key, { method: 'POST', url, payload })).statusCode).toBe(404);
  });

  test('and every passage come back by a reindex, and each object is named and whole', async () => {
    const passage = { id: 'back-1', at: now() };
    const { passageId } = await reported(passage);
    await settle(passageId, { outcome: 'searched', why: 'nothing was found' });
    const both = async () => [await list('open'), await list('settled'), await metric()];
    const outage = Array.from({ length: PASSAGES_AT_ONCE }, (_, i) => ({ id: `back-of-${i}`, at: now() }));
    expect((await report(...outage)).statusCode).toBe(200);
    const before = await both();
    expect(before.flat().length).toBeGreaterThan(PASSAGES_AT_ONCE);
    expect((await reindex(service.deps)).damaged).toEqual([]);
    await service.work();
    expect(await both()).toEqual(before);
    expect(await verifyAll(service.deps)).toMatchObject({ missing: [], corrupt: [], unnamed: [] });
    const again = await reported(passage);
    expect(again).toMatchObject({ passageId, result: 'already-here', state: 'settled' });
  });
});
