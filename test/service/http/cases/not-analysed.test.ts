import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { NotAnalysedReason } from '../../../../src/core/scan/not-analysed.ts';
import { reindex } from '../../../../src/maintenance/reindex/reindex.ts';
import { storeCase } from '../../../../src/stored/case-store.ts';
import { caseIdOf } from '../../../../src/stored/identity.ts';
import { jobs } from '../../../../src/stored/job-ids.ts';
import { openCase } from '../../../../src/triage/case.ts';
import { defaultPolicy } from '../../../../src/triage/policy.ts';
import { fakeScan, form } from '../../../support/fake-scan.ts';
import { ADMINISTRATION, type Harness, openHarness, SITE } from '../../../support/harness.ts';
import { movableClock } from '../../../support/stage.ts';
import { portalLines } from '../../../support/vendors/portal.ts';

let service: Harness;
let seed = 0;
const clock = movableClock('2026-06-01T08:00:00.000Z');

beforeAll(async () => {
  service = await openHarness({ deps: { clock } });
});
beforeEach(() => clock.advance(1));

afterAll(async () => {
  await service.close();
  expect(service.wrongAnswers).toEqual([]);
});

function fixture(converter: string, name: string, file: string): { file: string; bytes: Uint8Array } {
  const url = new URL(`../../../../converters/${converter}/fixtures/${name}/${file}`, import.meta.url);
  return { file, bytes: new Uint8Array(readFileSync(url)) };
}

async function sent(...files: readonly { file: string; bytes: Uint8Array }[]): Promise<string> {
  const answer = await service.as('scanner', { method: 'POST', url: '/v1/scans', ...form(files) });
  expect(answer.statusCode, answer.body).toBe(202);
  await service.work();
  return answer.json().scans[0].scanId;
}

interface Listed {
  readonly scanId: string;
  readonly reason: string;
  readonly text: string;
  readonly awaitsImage: boolean;
}

async function list(query = 'limit=200'): Promise<{ items: Listed[]; next?: string }> {
  return (await service.as('supervisor', { url: `/v1/not-analysed?${query}` })).json();
}
const entryOf = async (scanId: string) => (await list()).items.find((one) => one.scanId === scanId);
const casesOf = (scanId: string) => service.deps.records.transaction((tx) => tx.casesOfScan(scanId));

async function instructionOf(scanId: string) {
  const answer = await service.as('lane', { url: `/v1/scans/${scanId}/lane-instruction` });
  const { instruction, final } = answer.json();
  return { instruction, final };
}

function fake(order: Record<string, unknown>): { file: string; bytes: Uint8Array } {
  seed += 1;
  return { file: `${seed}.fake`, bytes: new Uint8Array(fakeScan({ seed, ...order })) };
}

describe('a scan by which nobody could decide', () => {
  test('is listed with the reason, opens no case, and its lane holds', async () => {
    const report = await sent(fixture('dicom', 'report-alone', 'r.dcs'));
    const ct = await sent(fixture('dicom', '12-of-16-bits', 'a.dcm'));
    const failed = await sent(fake({ behaviour: 'throw' }));
    const entries = await Promise.all([report, ct, failed].map(entryOf));
    expect(entries).toMatchObject([
      {
        reason: 'report-alone',
        text: 'not to be analysed, because only a report has arrived, without an image',
      },
      { reason: 'other-field', awaitsImage: false, site: SITE },
      { reason: 'failed', awaitsImage: false, problem: { code: 'NII_CONVERTER_CRASHED' } },
    ]);
    for (const scanId of [report, ct, failed]) {
      expect(await casesOf(scanId)).toEqual([]);
      expect(await instructionOf(scanId)).toEqual({ instruction: 'hold', final: false });
    }
    expect(NotAnalysedReason.enum).toEqual(expect.arrayContaining(entries.map((one) => one?.reason)));
  });

  test('waits for its image as long as files may join it, and then no more', async () => {
    const scanId = await sent(fixture('dicom', 'report-of-another-scan-uid', 'r.dcs'));
    const until = (await entryOf(scanId)) as { awaitsImageUntil?: string } | undefined;
    const window = service.deps.limits.lateFileSeconds;
    expect(until).toMatchObject({
      awaitsImage: true,
      awaitsImageUntil: new Date(clock.now().getTime() + window * 1000).toISOString(),
    });
    clock.advance(window + 1);
    expect(await entryOf(scanId)).toMatchObject({ awaitsImage: false });
  });

  test('is the same list after a reindex, page by page, newest first', async () => {
    for (let i = 0; i < 3; i += 1) {
      await sent(fake({ behaviour: 'throw' }));
      clock.advance(5);
    }
    const before = (await list()).items;
    expect(before.length).toBeGreaterThan(2);
    const paged: Listed[] = [];
    for (let cursor: string | undefined = ''; cursor !== undefined; ) {
      const page = await list(`limit=2${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`);
      paged.push(...page.items);
      cursor = page.next;
    }
    expect(paged).toEqual(before);
    expect((await reindex(service.deps)).damaged).toEqual([]);
    await service.work();
    expect((await list()).items).toEqual(before);
  });

  test('of which a version before opened a case keeps it, and it can be closed', async () => {
    const scanId = await sent(fixture('dicom', 'structured-report', 'r.dcm'));
    const revision = 1;
    const row = await service.deps.records.transaction((tx) => tx.revision(scanId, revision));
    const unitId = row?.scan?.units[0]?.id ?? '';
    const id = caseIdOf(scanId, unitId);
    const place = { administration: ADMINISTRATION, site: SITE };
    const opening = { id, ...place, scanId, unitId, revision, openedAt: clock.now().toISOString() };
    const value = openCase(opening, { revision, declarationReasons: [] }, defaultPolicy);
    await service.deps.records.transaction(async (tx) => {
      await storeCase(service.deps, tx, undefined, value);
      await tx.enqueue(jobs.triage({ id: scanId, revision }, 'of the test'));
    });
    await service.work();
    expect(await entryOf(scanId)).toBeUndefined();
    const post = (move: string, payload: object) =>
      service.as('supervisor', { method: 'POST', url: `/v1/cases/${id}/${move}`, payload });
    expect((await post('claim', {})).json().state).toBe('claimed');
    const unread = { kind: 'scan-again', reason: 'image-quality' };
    expect((await post('verdict', unread)).json().state).toBe('decided');
    expect((await post('close', {})).json().state).toBe('closed');
  });
});

describe('what analysts decide, and records of portals', () => {
  test('are not listed', async () => {
    const scanId = await sent(fake({ containers: 'MSKU1234565' }));
    const from = clock.now().toISOString();
    const record = await sent({ file: 'p.csv', bytes: portalLines([{ from, number: 1 }]) });
    for (const id of [scanId, record]) expect(await entryOf(id)).toBeUndefined();
    expect(await casesOf(scanId)).toHaveLength(1);
  });

  test('nor is what is of another site', async () => {
    await sent(fake({ behaviour: 'throw' }));
    const listed = async (site: string) => {
      const authorization = `Bearer ${await service.newToken('supervisor', ADMINISTRATION, site)}`;
      return (await service.app.inject({ url: '/v1/not-analysed', headers: { authorization } })).json().items;
    };
    expect(await listed('airport')).toEqual([]);
    expect((await listed('*')).length).toBeGreaterThan(0);
    for (const role of ['analyst', 'searcher', 'lane'] as const)
      expect((await service.as(role, { url: '/v1/not-analysed' })).statusCode).toBe(403);
  });
});
