import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Case } from '../../../../src/core/case/case.ts';
import { reindex } from '../../../../src/maintenance/reindex/reindex.ts';
import { fakeScan } from '../../../support/fake-scan.ts';
import { ADMINISTRATION, type Harness, openHarness, SITE } from '../../../support/harness.ts';
import { movableClock } from '../../../support/stage.ts';
import { portalLines } from '../../../support/vendors/portal.ts';

let service: Harness;
let seed = 700;
const clock = movableClock('2026-06-01T08:00:00.000Z');

beforeAll(async () => {
  service = await openHarness({ deps: { clock } });
});
// A week apart, what one test sends is near to nothing of another
beforeEach(() => clock.advance(7 * 24 * 3600));

afterAll(async () => {
  await service.close();
  expect(service.wrongAnswers).toEqual([]);
});

type Role = 'analyst' | 'supervisor' | 'lane' | 'auditor' | 'radiation-officer' | 'administrator';

function post(role: Role, url: string, payload: object = {}, headers: Record<string, string> = {}) {
  return service.as(role, { method: 'POST', url, payload, headers });
}

async function sent(name: string, payload: Buffer): Promise<string> {
  const headers = { 'content-type': 'application/octet-stream' };
  const url = `/v1/scans?name=${name}&lane=lane-3`;
  const answer = await service.as('scanner', { method: 'POST', url, payload, headers });
  await service.work();
  return answer.json().scans[0].scanId;
}

async function caseOf(container = 'MSKU1234565'): Promise<Case> {
  seed += 1;
  const acquired = clock.now().toISOString();
  const scanId = await sent(`${seed}.fake`, fakeScan({ seed, containers: container, acquired }));
  const [found] = await service.deps.records.transaction((tx) => tx.casesOfScan(scanId));
  if (found === undefined) throw new Error('no case');
  return found;
}

/** A supervisor's, so that the case is this one. */
async function decide({ id }: Case, kind: 'normal' | 'suspect'): Promise<void> {
  await post('supervisor', `/v1/cases/${id}/claim`);
  const decided = await post('supervisor', `/v1/cases/${id}/verdict`, { kind, reason: 'other' });
  expect(decided.json().state, decided.body).toBe('decided');
}

const release = (value: Case, reference = 'R1', headers = {}) =>
  post('lane', `/v1/cases/${value.id}/customs-release`, { reference }, headers);

async function releases(role: Role = 'supervisor') {
  const { items } = (await service.as(role, { url: '/v1/releases-while-open?limit=200' })).json();
  return items as { caseId: string; open?: { code: string; holdId?: string }[]; reference?: string }[];
}
const ofCase = async (value: Case, role: Role = 'supervisor') =>
  (await releases(role)).find(({ caseId }) => caseId === value.id);

async function instruction({ scanId }: Case): Promise<string> {
  return (await service.as('lane', { url: `/v1/scans/${scanId}/lane-instruction` })).json().instruction;
}

/** The feed shows a change once no older transaction is open, which may be a moment later. */
async function changesOf({ id }: Case): Promise<readonly string[]> {
  const kinds: string[] = [];
  for (let cursor = '', more = true; more; ) {
    const url = `/v1/changes?limit=200${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`;
    const page = (await service.as('auditor', { url })).json();
    const rows: { kind: string; subject: string }[] = page.items;
    kinds.push(...rows.filter(({ subject }) => subject === id).map(({ kind }) => kind));
    ({ cursor, more } = page);
  }
  return kinds;
}

async function metric(): Promise<number> {
  const { body } = await service.as('auditor', { url: '/metrics' });
  return Number(/^nii_releases_while_open (\d+)$/m.exec(body)?.[1]);
}

describe('a customs release', () => {
  test('of an undecided case is recorded, announced and listed, and the lane still holds', async () => {
    const value = await caseOf();
    const before = await metric();
    expect((await release(value)).json()).toHaveProperty('releasedAt');
    await expect.poll(() => changesOf(value)).toContain('release.while-open');
    expect(await ofCase(value, 'auditor')).toMatchObject({ reference: 'R1', open: [{ code: 'undecided' }] });
    expect(
      await ofCase(value),
      'who could still read the image is not told what was open',
    ).not.toHaveProperty('open');
    expect(await metric()).toBe(before + 1);
    expect(await instruction(value)).toBe('hold');
  });

  test('during a search says so', async () => {
    const value = await caseOf();
    await decide(value, 'suspect');
    await post('supervisor', `/v1/cases/${value.id}/refer`);
    await release(value);
    expect(await ofCase(value)).toMatchObject({ open: [{ code: 'in-search' }] });
    expect(await instruction(value)).toBe('hold');
  });

  test('under a radiation alarm says which, also where the image is normal', async () => {
    const value = await caseOf();
    await decide(value, 'normal');
    expect(await instruction(value)).toBe('proceed');
    const from = clock.now().toISOString();
    const record = await sent('p.csv', portalLines([{ from, number: seed, alarm: 'gamma' }]));
    const [hold] = await service.deps.records.transaction((tx) => tx.holdsOn(record));
    expect(await instruction(value)).toBe('hold');
    await release(value);
    expect((await ofCase(value))?.open).toContainEqual(expect.objectContaining({ holdId: hold?.id }));
    expect(await instruction(value)).toBe('hold');
  });

  test('of what may proceed is no alarm', async () => {
    const value = await caseOf();
    await decide(value, 'normal');
    await release(value);
    expect(await ofCase(value)).toBeUndefined();
    expect(await changesOf(value)).not.toContain('release.while-open');
  });

  test('that is told twice, or repeated by its key, is one alarm', async () => {
    const value = await caseOf();
    const key = { 'idempotency-key': `release-${seed}` };
    const first = await release(value, 'R1', key);
    expect((await release(value, 'R1', key)).json()).toEqual(first.json());
    clock.advance(60);
    expect((await release(value, 'R2')).statusCode).toBe(200);
    const alarms = async () => (await changesOf(value)).filter((kind) => kind === 'release.while-open');
    await expect.poll(alarms).toHaveLength(1);
    expect((await releases()).filter(({ caseId }) => caseId === value.id)).toMatchObject([
      { reference: 'R1' },
    ]);
  });

  test('is off the list when a supervisor says what was done, and comes back by a reindex only before', async () => {
    const [open, done] = [await caseOf(), await caseOf('CSQU3054383')];
    for (const value of [open, done]) await release(value);
    const url = `/v1/cases/${done.id}/release-review`;
    expect((await post('supervisor', url, {})).json()).toMatchObject({
      code: 'NII_BAD_REQUEST',
      field: 'why',
    });
    expect((await post('analyst', url, { why: 'x' })).statusCode).toBe(403);
    const reviewed = await post('supervisor', url, { why: 'stopped at the gate' });
    expect(reviewed.statusCode, reviewed.body).toBe(200);
    expect(await ofCase(done)).toBeUndefined();
    expect((await post('supervisor', url, { why: 'again' })).json().code).toBe('NII_STATE_CONFLICT');
    const before = await releases('auditor');
    expect((await reindex(service.deps)).damaged).toEqual([]);
    await service.work();
    expect(await releases('auditor')).toEqual(before);
    expect(before.map(({ caseId }) => caseId)).toContain(open.id);
  });

  test('of another site is not listed', async () => {
    const value = await caseOf();
    await release(value);
    const listed = async (site: string) => {
      const authorization = `Bearer ${await service.newToken('supervisor', ADMINISTRATION, site)}`;
      const answer = await service.app.inject({
        url: '/v1/releases-while-open?limit=200',
        headers: { authorization },
      });
      return answer.json().items.map(({ caseId }: { caseId: string }) => caseId);
    };
    expect(await listed('airport')).toEqual([]);
    expect(await listed(SITE)).toContain(value.id);
    expect(await listed('*')).toContain(value.id);
  });
});
