import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InjectOptions } from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openOnnxRunner } from '../../../src/adapters/onnx/runner.ts';
import type { Role } from '../../../src/core/access.ts';
import type { Analysis } from '../../../src/core/case/finding.ts';
import { percentileOf } from '../../../src/core/case/percentile.ts';
import { testGolden } from '../../../src/infer/installed/golden.ts';
import { ModelShelf } from '../../../src/infer/installed/shelf.ts';
import { loadModelPackages } from '../../../src/infer/packages.ts';
import { FEWEST_OWN, percentileIn } from '../../../src/infer/reference.ts';
import { simulateFiles } from '../../../src/local/simulate.ts';
import { reindex } from '../../../src/maintenance/reindex/reindex.ts';
import { simulatedRecord } from '../../../src/simulate/index.ts';
import { modelChoiceDocument } from '../../../src/stored/document-kinds.ts';
import { recordPackage } from '../../../src/tools/models/packages.ts';
import { scanRow } from '../../support/contract/sample-records.ts';
import { type Harness, openHarness, SITE } from '../../support/harness.ts';
import { writePackage } from '../../support/infer/package-folder.ts';
import { actor, send } from '../../support/stage.ts';

let service: Harness;
let root: string;
let shelf: ModelShelf;
/** An administration of its own for each test, with two linked administrators. */
let office: { readonly name: string; readonly ada: string; readonly bob: string };

const tools = {
  timeoutMs: 20_000,
  simulate: async (seed: number) => simulatedRecord(seed),
  open: ({ path }: { readonly path: string }) => openOnnxRunner({ file: path }),
  folders: [],
};

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'nii-models-'));
  writePackage(join(root, 'opacity/1'));
  for (const [version, one] of [
    ['2', 0.9],
    ['3', 0.1],
    ['4', 0.7],
  ] as const) {
    writePackage(join(root, `opacity/${version}`), { version, one });
    writeFileSync(join(root, `opacity/${version}/added.json`), '{}');
  }
  await recordPackage(join(root, 'opacity/4'), tools);
  spoil(join(root, 'opacity/4/golden.json'));
  shelf = await ModelShelf.open({
    read: () => loadModelPackages(root),
    open: tools.open,
    test: (runner, pkg) => testGolden(runner, pkg, tools),
    onLeftOut: () => {},
    log: { info: () => {}, warn: () => {}, error: () => {} },
  });
  service = await openHarness({ deps: { models: shelf } });
});
afterAll(async () => {
  await service.close();
  await shelf.close();
  rmSync(root, { recursive: true });
  expect(service.wrongAnswers).toEqual([]);
});

function spoil(file: string): void {
  const golden = JSON.parse(readFileSync(file, 'utf8'));
  golden.runs[0].outputs.anomaly_map.values[0] += 0.5;
  writeFileSync(file, JSON.stringify(golden));
}

let offices = 0;
beforeEach(async () => {
  offices += 1;
  const name = `models-${offices}`;
  office = { name, ada: await key('administrator', '*', name), bob: await key('administrator', '*', name) };
});

function key(role: Role, site = SITE, name = office.name): Promise<string> {
  return service.newToken(role, name, site);
}

const ask = (token: string, request: InjectOptions) => service.ask(token, request);
const get = async (token = office.ada) => ask(token, { url: '/v1/models/opacity' });

async function act(token: string, what: string, payload: object = {}, etag?: string) {
  const ifMatch = etag ?? String((await get(token)).headers.etag);
  const method = what === 'shadow' ? 'PUT' : 'POST';
  return ask(token, { method, url: `/v1/models/opacity/${what}`, payload, headers: { 'if-match': ifMatch } });
}

async function activate(version: string): Promise<void> {
  expect((await act(office.ada, 'activation', { version })).statusCode).toBe(202);
  expect((await act(office.bob, 'confirmation')).statusCode).toBe(200);
}

const states = async () =>
  Object.fromEntries(
    (await get()).json().versions.map((one: { version: string; state: string }) => [one.version, one.state]),
  );

let seeds = 100;
/** What was said of a scan that comes now. */
async function analysed(): Promise<Analysis> {
  seeds += 1;
  const files = simulateFiles({
    seed: seeds,
    layout: 'numpy',
    container: '20ft',
    anomalies: [],
    pitchMm: 40,
  });
  const sender = { ...actor('scanner'), administration: office.name };
  const [accepted] = await send(service.deps, files, {}, sender);
  await service.work();
  const rows = await service.deps.records.transaction((tx) => tx.analyses(accepted!.scanId));
  expect(rows).toHaveLength(1);
  return rows[0]!.analysis;
}

describe('activating a version', () => {
  test('nobody has chosen: the newest version that shipped scores, and none that was added', async () => {
    expect(await states()).toEqual({ 1: 'active', 2: 'installed', 3: 'installed', 4: 'installed' });
    expect((await analysed()).model.version).toBe('1');
  });

  test('takes two persons, and the next scan is scored by it', async () => {
    const proposed = await act(office.ada, 'activation', { version: '2' });
    expect(proposed.statusCode).toBe(202);
    expect(proposed.json()).toMatchObject({
      choice: 0,
      terms: {},
      proposal: { version: 1, terms: { active: { version: '2' }, before: { version: '1' } } },
    });
    expect((await analysed()).model.version).toBe('1');
    const [listed] = (await ask(office.bob, { url: '/v1/proposals' })).json().items;
    expect(listed).toMatchObject({
      kind: 'model-choice',
      subject: 'opacity',
      version: 1,
      mayConfirm: true,
      confirmation: '/v1/models/opacity/confirmation',
    });
    expect(listed.changes).toContainEqual({ field: 'active.version', after: '2' });
    const own = await act(office.ada, 'confirmation');
    expect([own.statusCode, own.json().code]).toEqual([409, 'NII_STATE_CONFLICT']);
    const confirmed = await act(office.bob, 'confirmation');
    expect(confirmed.json()).toMatchObject({ choice: 2, terms: { active: { version: '2' } } });
    expect(await states()).toEqual({ 1: 'retired', 2: 'active', 3: 'installed', 4: 'installed' });
    expect((await analysed()).model.version).toBe('2');
    const list = (await ask(office.ada, { url: '/v1/models' })).json().items;
    expect(list.map(({ state }: { state: string }) => state)).toEqual([
      'retired',
      'active',
      'installed',
      'installed',
    ]);
  });

  test('of one administration changes nothing for another', async () => {
    await activate('2');
    const other = await key('administrator', '*', `${office.name}-b`);
    expect((await get(other)).json()).toMatchObject({ choice: 0, terms: {} });
    office = { ...office, name: `${office.name}-b`, ada: other };
    expect((await analysed()).model.version).toBe('1');
  });

  test('is written to the audit, each act with who did it', async () => {
    await activate('2');
    await act(office.ada, 'rollback');
    const auditor = await key('auditor', '*');
    const rows = (await ask(auditor, { url: '/v1/audit?limit=200' })).json().items;
    const acts = rows.filter(({ subject }: { subject: string }) => subject === 'model opacity');
    const said = acts.map(
      ({ action, detail }: { action: string; detail: { active: { version: string } } }) => [
        action,
        detail.active.version,
      ],
    );
    expect(said.toSorted()).toEqual([
      ['activate model: confirm', '2'],
      ['activate model: propose', '2'],
      ['roll back model', '1'],
    ]);
  });

  test('a version whose golden runs differ is proposed by nobody', async () => {
    const rejected = await act(office.ada, 'activation', { version: '4' });
    expect([rejected.statusCode, rejected.json().code]).toEqual([422, 'NII_MODEL_GOLDEN']);
    expect((await get()).json().proposal).toBeUndefined();
  });

  test.each([
    ['a version that is not here', { version: '9' }, 404, 'NII_NOT_FOUND'],
    ['the active version', { version: '1' }, 409, 'NII_STATE_CONFLICT'],
  ])('%s is rejected', async (_, payload, status, code) => {
    const rejected = await act(office.ada, 'activation', payload);
    expect([rejected.statusCode, rejected.json().code]).toEqual([status, code]);
  });

  test('an act on what has changed meanwhile is rejected, and so is one by the key of one site', async () => {
    const { etag } = (await get()).headers;
    await act(office.ada, 'activation', { version: '2' });
    const late = await act(office.bob, 'activation', { version: '3' }, String(etag));
    expect(late.json().code).toBe('NII_PRECONDITION_FAILED');
    const ofSite = await act(await key('administrator'), 'activation', { version: '3' });
    expect(ofSite.json().code).toBe('NII_FORBIDDEN');
  });

  test('survives a reindex', async () => {
    await activate('3');
    const before = (await get()).json();
    await reindex(service.deps);
    expect((await get()).json()).toEqual(before);
  });
});

describe('going back', () => {
  test('is one act of one person, to the version before, once', async () => {
    await activate('2');
    await activate('3');
    const back = await act(office.ada, 'rollback');
    expect(back.json().terms).toEqual({ active: expect.objectContaining({ version: '2' }) });
    expect((await analysed()).model.version).toBe('2');
    const again = await act(office.ada, 'rollback');
    expect([again.statusCode, again.json().code]).toEqual([409, 'NII_STATE_CONFLICT']);
  });
});

describe('a version in shadow', () => {
  test('looks at the same scans, decides nothing, and is compared with the active one', async () => {
    expect((await act(office.ada, 'shadow', { version: '3' })).statusCode).toBe(200);
    expect((await states())['3']).toBe('shadow');
    for (let i = 0; i < 3; i += 1) expect((await analysed()).model.version).toBe('1');
    const scientist = await key('data-scientist', '*');
    const found = (await ask(scientist, { url: '/v1/models/opacity/shadow/3' })).json();
    expect(found).toMatchObject({
      scans: 3,
      active: { analysed: 3 },
      shadow: { analysed: 3 },
      both: { scans: 3 },
    });
    const { bothAlarm, activeOnly, shadowOnly, neither } = found.both;
    expect(bothAlarm + activeOnly + shadowOnly + neither).toBe(3);
    expect(found.disagreements).toHaveLength(activeOnly + shadowOnly);
    expect(found.furthestApart).toHaveLength(3);
    for (const one of found.furthestApart) expect(one.activePercentile).toBeGreaterThan(one.shadowPercentile);
    expect(found.active.scores.p50 - found.shadow.scores.p50).toBeGreaterThan(0.5);
  });

  test('is shown in no answer of a scan, a case or the queue', async () => {
    await act(office.ada, 'shadow', { version: '3' });
    await analysed();
    const supervisor = await key('supervisor', '*');
    const scans = (await ask(supervisor, { url: '/v1/scans' })).json().items;
    const urls = [
      '/v1/queue',
      `/v1/scans/${scans[0].id}/revisions/latest`,
      `/v1/scans/${scans[0].id}/revisions/latest/findings`,
      `/v1/scans/${scans[0].id}/revisions/latest/units`,
    ];
    for (const url of urls) {
      const answer = await ask(supervisor, { url });
      expect([url, answer.statusCode]).toEqual([url, 200]);
      expect(answer.body).not.toContain('"id":"opacity","version":"3"');
      expect(answer.body).not.toContain('opacity@3');
    }
  });

  test('ends with the version that becomes active, or by a word', async () => {
    await act(office.ada, 'shadow', { version: '3' });
    await activate('3');
    expect((await get()).json().terms).not.toHaveProperty('shadow');
    await act(office.ada, 'shadow', { version: '2' });
    expect((await act(office.ada, 'shadow', { version: null })).json().terms).not.toHaveProperty('shadow');
  });

  describe('on a scanner whose scans all look odd to both packages', () => {
    /** As the service stores them, one a minute: the active version is compared with the scanner's own scans, too. */
    async function storeScans(count: number, shadowScore: (i: number) => number): Promise<void> {
      const [active, shadow] = ['1', '3'].map((version) => {
        const known = shelf.known.find((one) => one.version === version)!;
        return { id: 'opacity', version, sha256: known.sha256 };
      });
      const { reference } = shelf.installed.find(({ pkg }) => pkg.manifest.version === '1')!.pkg.manifest;
      const own: number[] = [];
      await service.deps.records.transaction(async (tx) => {
        for (let i = 0; i < count; i += 1) {
          const [scanId, receivedAt] = [
            `${office.name}-${i}`,
            new Date(Date.UTC(2026, 4, 1, 8, i)).toISOString(),
          ];
          const place = { administration: office.name, site: SITE };
          await tx.insertScan(scanRow({ id: scanId, ...place, receivedAt }));
          const facts = { containers: 0, badContainers: 0, channelMissing: false, incomplete: false };
          await tx.putObservation({ scanId, revision: 1, ...place, scanner: 'rail', receivedAt, ...facts });
          const score = scoreOf(i, count);
          const percentile = percentileIn(score, {
            scores: reference.scores,
            own: own.toSorted((a, b) => a - b),
          });
          const ofScanner = own.length < FEWEST_OWN ? {} : { ofScanner: own.length };
          own.push(score);
          const common = { status: 'analysed' as const, alarm: true, findings: [], milliseconds: 1 };
          const compared = { population: 'of a test', count: 1 };
          await tx.putAnalysis({
            scanId,
            revision: 1,
            analysis: {
              ...common,
              model: active!,
              units: [{ unitId: 'u', score, anomalyPercentile: percentile }],
              reference: { ...compared, ...ofScanner },
            },
          });
          const units = [
            {
              unitId: 'u',
              score: shadowScore(i),
              anomalyPercentile: percentileOf(shadowScore(i), reference.scores),
            },
          ];
          const analysis = { ...common, model: shadow!, units, reference: compared };
          await tx.putShadow({ scanId, revision: 1, administration: office.name, at: receivedAt, analysis });
        }
      });
    }
    const scoreOf = (i: number, count: number) => 2 + ((i * 37) % count) / count;
    const compared = async () =>
      (await ask(await key('data-scientist', '*'), { url: '/v1/models/opacity/shadow/3' })).json();

    test('versions that agree do not look apart', async () => {
      await storeScans(120, (i) => 5 + 3 * scoreOf(i, 120));
      const found = await compared();
      expect([found.both.scans, found.furthestApart]).toEqual([120, []]);
    });

    test('the scan on which they differ is the first, among the scores of each for the same scans', async () => {
      // the shadow finds the least odd scan the oddest
      await storeScans(120, (i) => (i === 0 ? 99 : scoreOf(i, 120)));
      const [first, ...others] = (await compared()).furthestApart;
      expect(first).toMatchObject({ scanId: `${office.name}-0`, activeScore: 2, shadowScore: 99 });
      expect([first.activePercentile, first.shadowPercentile]).toEqual([50 / 120, (100 * 120) / 121]);
      for (const one of others) expect(Math.abs(one.activePercentile - one.shadowPercentile)).toBeLessThan(1);
    });

    test('a scan is left out while too few were seen by both to compare it with', async () => {
      await storeScans(FEWEST_OWN - 1, (i) => (scoreOf(i, FEWEST_OWN - 1) - 2) / 2);
      const before = (await compared()).furthestApart;
      expect(before).toHaveLength(20);
      await service.deps.records.transaction(async (tx) => {
        for (const { scanId } of before) {
          const [{ analysis } = { analysis: undefined }] = await tx.analyses(scanId);
          if (analysis === undefined) throw new Error(`no analysis of ${scanId}`);
          const reference = { population: 'of a test', count: 1, ofScanner: 500 };
          await tx.putAnalysis({ scanId, revision: 1, analysis: { ...analysis, reference } });
        }
      });
      const left = (await compared()).furthestApart.map(({ scanId }: { scanId: string }) => scanId);
      expect(left).toHaveLength(20);
      for (const { scanId } of before) expect(left).not.toContain(scanId);
    });
  });

  test('the comparison is of the sites of the key', async () => {
    await act(office.ada, 'shadow', { version: '3' });
    await analysed();
    const scans = async (site: string) =>
      (await ask(await key('data-scientist', site), { url: '/v1/models/opacity/shadow/3' })).json().scans;
    expect([await scans('*'), await scans(SITE), await scans('airport')]).toEqual([1, 1, 0]);
  });
});

describe('the days of models', () => {
  test('say what scores scanners had, beside what the package expects', async () => {
    for (let i = 0; i < 2; i += 1) await analysed();
    const { items } = (await ask(await key('auditor', '*'), { url: '/v1/model-days?days=3' })).json();
    expect(items).toEqual([
      expect.objectContaining({ site: SITE, model: 'opacity@1', scans: 2, analysed: 2, targetRate: 0.3 }),
    ]);
    expect(items[0].scores).toHaveLength(4);
    expect(items[0].openBeam).toBeGreaterThan(1000);
    expect((await ask(await key('auditor', 'airport'), { url: '/v1/model-days' })).json().items).toEqual([]);
  });
});

test('an active version that lies in no folder of the worker leaves the scan to analysts, with the reason', async () => {
  await service.deps.records.transaction((tx) =>
    tx.putDocuments(modelChoiceDocument, [
      {
        administration: office.name,
        model: 'opacity',
        version: 1,
        state: 'in-force',
        at: '2026-11-28T08:00:00.000Z',
        by: 'test',
        terms: { active: { version: '2', sha256: '0'.repeat(64) } },
      },
    ]),
  );
  const { status, reason } = await analysed();
  expect([status, reason]).toEqual(['not-analysed', 'the active model opacity@2 is not installed here']);
});

test('a model whose golden runs differ scores nothing: the scan goes to analysts, at the first try', async () => {
  const { version, sha256 } = shelf.known.find((one) => one.version === '4')!;
  await service.deps.records.transaction((tx) =>
    tx.putDocuments(modelChoiceDocument, [
      {
        administration: office.name,
        model: 'opacity',
        version: 1,
        state: 'in-force',
        at: '2026-11-28T08:00:00.000Z',
        by: 'test',
        terms: { active: { version, sha256 } },
      },
    ]),
  );
  const { status, reason } = await analysed();
  expect([status, reason]).toEqual(['not-analysed', 'the model does not reproduce its recorded outputs']);
});
