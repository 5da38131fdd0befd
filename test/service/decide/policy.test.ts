import type { InjectOptions } from 'fastify';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Role } from '../../../src/core/access.ts';
import type { Case } from '../../../src/core/case/case.ts';
import { reindex } from '../../../src/maintenance/reindex/reindex.ts';
import { verifyAll } from '../../../src/maintenance/verify.ts';
import { fakeScan } from '../../support/fake-scan.ts';
import { type Harness, openHarness, SITE } from '../../support/harness.ts';

let service: Harness;
let office: Office;

/** An administration of its own for each test, with two administrators and whoever else is asked for. */
interface Office {
  readonly name: string;
  readonly ada: string;
  readonly bob: string;
}

beforeAll(async () => {
  service = await openHarness();
});

let offices = 0;
beforeEach(async () => {
  offices += 1;
  const name = `utopia-${offices}`;
  const [ada, bob] = [await key('administrator', '*', name), await key('administrator', '*', name)];
  office = { name, ada, bob };
});

afterAll(async () => {
  await service.close();
  expect(service.wrongAnswers).toEqual([]);
});

function key(role: Role, site = SITE, name = office.name): Promise<string> {
  return service.newToken(role, name, site);
}

function ask(token: string, request: InjectOptions) {
  const headers = { ...request.headers, authorization: `Bearer ${token}` };
  return service.app.inject({ ...request, headers });
}

const read = async (token = office.ada) => (await ask(token, { url: '/v1/policy' })).json();
const etag = async () => String((await ask(office.ada, { url: '/v1/policy' })).headers.etag);

async function put(change: object, token = office.ada, headers: Record<string, string> = {}) {
  const { terms } = await read();
  const payload = { ...terms, ...change };
  const ifMatch = { 'if-match': await etag(), ...headers };
  return ask(token, { method: 'PUT', url: '/v1/policy', payload, headers: ifMatch });
}

async function confirm(token: string) {
  const headers = { 'if-match': await etag() };
  return ask(token, { method: 'POST', url: '/v1/policy/confirmation', headers });
}

/** Sends a scan, and has its case claimed and decided normal. */
async function decideOne(): Promise<{ readonly value: Case; readonly lane: Record<string, unknown> }> {
  const sent = await ask(await key('scanner'), {
    method: 'POST',
    url: '/v1/scans?name=a.fake',
    payload: fakeScan({}),
    headers: { 'content-type': 'application/octet-stream' },
  });
  await service.work();
  const analyst = await key('analyst');
  const next = await ask(analyst, { method: 'POST', url: '/v1/cases/next' });
  const { id } = next.json();
  const payload = { kind: 'normal', reason: 'nothing-unusual' };
  await ask(analyst, { method: 'POST', url: `/v1/cases/${id}/verdict`, payload });
  const value = (await ask(await key('auditor'), { url: `/v1/cases/${id}` })).json();
  const lane = (await ask(await key('lane'), { url: sent.json().scans[0].laneInstructionHref })).json();
  return { value, lane };
}

const policyOf = (value: Case, kind: string) =>
  value.history.find((event) => event.kind === kind)?.detail.policy;
const minutesBetween = (from: unknown, to: unknown) =>
  (Date.parse(String(to)) - Date.parse(String(from))) / 60_000;

test('an administration that has decided nothing goes by version 0, the defaults', async () => {
  expect(await read()).toMatchObject({ version: 0, terms: { dueMinutes: 60, alarmWindowMinutes: 45 } });
  expect(await etag()).toBe('"0"');
  const { value, lane } = await decideOne();
  expect([policyOf(value, 'opened'), policyOf(value, 'decided'), lane.policy]).toEqual([0, 0, 0]);
});

test('a change names its version, applies to all sites, and is for administrators', async () => {
  const { terms } = await read();
  const stricter = { ...terms, dueMinutes: 50 };
  const request = { method: 'PUT', url: '/v1/policy', payload: stricter } as const;
  expect((await ask(office.ada, request)).json()).toMatchObject({
    status: 428,
    code: 'NII_PRECONDITION_REQUIRED',
  });
  expect((await put({ dueMinutes: 50 }, office.ada, { 'if-match': '"7"' })).statusCode).toBe(412);
  expect((await put({ dueMinutes: 50 }, await key('administrator'))).json()).toMatchObject({
    status: 403,
    detail: expect.stringContaining(SITE),
  });
  expect((await put({ dueMinutes: 50 }, await key('supervisor'))).statusCode).toBe(403);
  expect(await read()).toMatchObject({ version: 0 });
});

test('what is stricter counts at once, and what is decided by it names its version', async () => {
  const done = await put({ instructionMinutes: 3, dueMinutes: 30 });
  expect(done.statusCode, done.body).toBe(200);
  expect(done.json()).toMatchObject({ version: 1, terms: { dueMinutes: 30 } });
  const { value, lane } = await decideOne();
  expect([policyOf(value, 'opened'), policyOf(value, 'decided'), lane.policy]).toEqual([1, 1, 1]);
  expect(minutesBetween(value.openedAt, value.dueAt)).toBe(30);
  expect(minutesBetween(lane.issuedAt, lane.expiresAt)).toBe(3);
});

test.each([
  ['dueMinutes', 600],
  ['instructionMinutes', 5],
  ['secondOpinionOn', []],
  ['alarmWindowMinutes', 30],
  ['disagreement', 'third-reader'],
  ['radiationWindowSeconds', 600],
])('a policy with another %s (%j) loosens, and waits for another person', async (field, value) => {
  await put({ dueMinutes: 50, instructionMinutes: 4 });
  const before = await read();
  const proposed = await put({ [field]: value });
  expect(proposed.statusCode, proposed.body).toBe(202);
  expect(proposed.json()).toMatchObject({ version: before.version, proposal: { terms: { [field]: value } } });
  expect((await read()).terms).toEqual(before.terms);
  expect((await confirm(office.ada)).json()).toMatchObject({ status: 409, code: 'NII_STATE_CONFLICT' });
  // withdrawn: what counts is written once more
  const withdrawn = await put({});
  expect(withdrawn.statusCode, withdrawn.body).toBe(200);
  expect(withdrawn.json()).not.toHaveProperty('proposal');
  expect((await confirm(office.bob)).json()).toMatchObject({ code: 'NII_STATE_CONFLICT' });
});

test('a proposal counts from the confirmation by another person on, and that is in the audit', async () => {
  await put({ secondOpinionShare: 0.5 });
  const loosened = await put({ secondOpinionShare: 0.1 });
  expect(loosened.statusCode).toBe(202);
  const { version } = loosened.json().proposal;
  const stale = { 'if-match': `"${version - 1}"` };
  const url = '/v1/policy/confirmation';
  expect((await ask(office.bob, { method: 'POST', url, headers: stale })).statusCode).toBe(412);
  const confirmed = await confirm(office.bob);
  expect(confirmed.statusCode, confirmed.body).toBe(200);
  expect(confirmed.json()).toMatchObject({ version: version + 1, terms: { secondOpinionShare: 0.1 } });
  expect(confirmed.json().proposedBy).not.toBe(confirmed.json().by);
  const auditor = await key('auditor', '*');
  const { items } = (await ask(auditor, { url: '/v1/audit?limit=200' })).json();
  expect(items).toContainEqual(
    expect.objectContaining({
      action: 'change policy: confirm',
      detail: expect.objectContaining({ proposedBy: confirmed.json().proposedBy }),
    }),
  );
});

test.each([
  [{ queuedPurposes: ['calibration'] }, 'undecided'],
  [{ instructionMinutes: 0 }, 'alarm-waits'],
  [{ instructionMinutes: 16 }, 'alarm-waits'],
  [{ alarmWindowMinutes: 4, radiationWindowSeconds: 60 }, 'alarm-near'],
  [{ radiationWindowSeconds: 86_400 }, 'alarm-near'],
])('%j is refused with the row "%s" of the table that it breaks', async (change, row) => {
  const answer = await put(change);
  expect(answer.json()).toMatchObject({ status: 400, field: Object.keys(change)[0] });
  expect(answer.json().detail).toContain(`row "${row}"`);
});

test.each([
  { dueMinutes: 0 },
  { secondOpinionShare: 1.1 },
  { raisedPercentile: 99, highPercentile: 90 },
  { secondOpinionOn: ['fine'] },
  { mood: 'good' },
])('%j is no policy', async (change) => {
  expect((await put(change)).json()).toMatchObject({ status: 400, code: 'NII_BAD_REQUEST' });
});

test('a share of all drawn sends every normal verdict to a second reader', async () => {
  await put({ secondOpinionShare: 1 });
  const { value } = await decideOne();
  expect(value.state).toBe('queued');
  expect(value.history.map(({ kind }) => kind)).toContain('second-opinion-due');
});

test('another administration has its own policy', async () => {
  const other = await service.newToken('administrator', 'atlantis', '*');
  expect(await read(other)).toMatchObject({ version: 0 });
});

test('a rebuilt database knows every version, and what is proposed', async () => {
  await put({ dueMinutes: 90 });
  const before = await read();
  expect(before).toHaveProperty('proposal');
  await reindex(service.deps);
  expect(await read()).toEqual(before);
  const { proposal } = before;
  const named = await ask(office.bob, { url: `/v1/policy/versions/${proposal.version}` });
  expect(named.json()).toMatchObject({ state: 'proposed', terms: { dueMinutes: 90 } });
  expect((await ask(office.bob, { url: '/v1/policy/versions/999' })).statusCode).toBe(404);
  expect(await verifyAll(service.deps)).toMatchObject({ missing: [], corrupt: [], unnamed: [] });
});
