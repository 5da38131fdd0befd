import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import dicomParser from 'dicom-parser';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openOnnxRunner } from '../../../src/adapters/onnx/runner.ts';
import type { Analysis } from '../../../src/core/case/finding.ts';
import { keys } from '../../../src/core/keys.ts';
import type { ModelRunner } from '../../../src/core/ports/inference.ts';
import { ModelShelf } from '../../../src/infer/installed/shelf.ts';
import { loadModelPackages } from '../../../src/infer/packages.ts';
import { simulateFiles } from '../../../src/local/simulate.ts';
import { reindex } from '../../../src/maintenance/reindex/reindex.ts';
import { modelChoiceDocument } from '../../../src/stored/document-kinds.ts';
import { type Harness, openHarness } from '../../support/harness.ts';
import { writeDetector, writePackage } from '../../support/infer/package-folder.ts';
import { movableClock, send } from '../../support/stage.ts';

/** A detector of named threats and a model of anomalies, both active, in the real runtime. */

let folder: string;
let shelf: ModelShelf;
let service: Harness;
/** Runs that were under way at one time, at most. */
let mostAtOnce: number;
let atOnce: number;
/** Model whose runs fail. */
let broken: string | undefined;
/** Every run that was begun. */
let runs: string[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nii-several-'));
  [mostAtOnce, atOnce, broken, runs] = [0, 0, undefined, []];
});
afterEach(async () => {
  await service.close();
  await shelf.close();
  rmSync(folder, { recursive: true });
  expect(service.wrongAnswers).toEqual([]);
});

async function open(): Promise<void> {
  shelf = await ModelShelf.open({
    read: () => loadModelPackages(folder),
    open: async ({ path, manifest }) => watched(await openOnnxRunner({ file: path }), manifest.id),
    test: async () => {},
    onLeftOut: () => {},
    log: { info: () => {}, warn: () => {}, error: () => {} },
  });
  // long ago, so that a retry is due at once
  const clock = movableClock('2026-05-01T08:00:00.000Z');
  service = await openHarness({ deps: { clock, models: shelf } });
}

function watched(runner: ModelRunner, id: string): ModelRunner {
  return {
    run: async (...args: Parameters<ModelRunner['run']>) => {
      runs.push(id);
      atOnce += 1;
      mostAtOnce = Math.max(mostAtOnce, atOnce);
      try {
        if (id === broken) throw new Error('the process of the model is gone');
        return await runner.run(...args);
      } finally {
        atOnce -= 1;
      }
    },
    close: () => runner.close(),
  };
}

let seeds = 200;
async function upload(): Promise<string> {
  seeds += 1;
  const order = { layout: 'numpy', container: '20ft', cargo: 'drums', anomalies: [], pitchMm: 40 } as const;
  const [accepted] = await send(service.deps, simulateFiles({ seed: seeds, ...order }));
  await service.work();
  return accepted!.scanId;
}

async function analysesOf(scanId: string): Promise<readonly Analysis[]> {
  const rows = await service.deps.records.transaction((tx) => tx.analyses(scanId, 1));
  return rows.map(({ analysis }) => analysis);
}

async function manifestOf(scanId: string) {
  return JSON.parse(Buffer.from(await service.deps.objects.get(keys.analysed(scanId, 1))).toString());
}

async function caseOf(scanId: string) {
  const [one] = await service.deps.records.transaction((tx) => tx.casesOfScan(scanId));
  return one!;
}

const name = ({ model }: Analysis) => `${model.id}@${model.version}`;
const highest = ({ units }: Analysis) => Math.max(...units.map(({ anomalyPercentile }) => anomalyPercentile));

describe('a detector and a model of anomalies', () => {
  beforeEach(async () => {
    writePackage(join(folder, 'opacity/1'));
    writeDetector(join(folder, 'threats/1'));
    await open();
  });

  test('both look, one after the other, and each says with its name what it found', async () => {
    const scanId = await upload();
    const [opacity, threats] = await analysesOf(scanId);
    expect([name(opacity!), name(threats!)]).toEqual(['opacity@1', 'threats@1']);
    for (const one of [opacity, threats])
      expect(one).toMatchObject({
        status: 'analysed',
        decidedAt: expect.any(String),
        findings: expect.any(Array),
      });
    expect(new Set(threats!.findings.map(({ label }) => label))).toEqual(new Set(['weapon']));
    expect(opacity!.findings.every(({ label }) => label === 'anomaly')).toBe(true);
    expect(opacity!.reference?.population).toBe('ten invented scores');
    expect(threats!.reference?.population).toBe('four invented scores');
    const ids = [opacity, threats].flatMap((one) => one!.findings.map(({ id }) => id));
    expect(new Set(ids).size).toBe(ids.length);
    expect(mostAtOnce).toBe(1);
    const told = await service.as('supervisor', { url: `/v1/scans/${scanId}/revisions/1/findings` });
    expect(told.json().items.map(name)).toEqual(['opacity@1', 'threats@1']);
  });

  test('the one that uses most channels is stored first, the other one beside it', async () => {
    const scanId = await upload();
    const { part, analysis, others, ...more } = await manifestOf(scanId);
    expect([part, name(analysis), others.map(name)]).toEqual(['analysed', 'threats@1', ['opacity@1']]);
    expect(Object.keys(more)).toEqual(['converter', 'objects']);
  });

  test('the place in the queue is that of the highest percentile, and the case names whose it is', async () => {
    const scanId = await upload();
    const analyses = await analysesOf(scanId);
    const [first, second] = analyses.toSorted((a, b) => highest(b) - highest(a));
    expect(highest(first!)).toBeGreaterThan(highest(second!));
    const { anomalyPercentile, model, reasons } = await caseOf(scanId);
    expect([anomalyPercentile, model]).toEqual([highest(first!), name(first!)]);
    expect(reasons[0]?.text).toMatch(new RegExp(`\\[${name(first!)}, highest of 2 models\\]$`));
  });

  test('each has a report of its own, by its own algorithm, and a map where it makes one', async () => {
    const scanId = await upload();
    const instances = new Set<string>();
    for (const one of await analysesOf(scanId)) {
      const { id, version } = one.model;
      const report = dicomParser.parseDicom(
        new Uint8Array(await service.deps.objects.get(keys.machineTdr(scanId, 1, id, version))),
      );
      expect(report.string('x40101031')).toBe(one.alarm === true ? 'ALARM' : 'UNKNOWN');
      expect(report.string('x40101029')).toContain(id);
      instances.add(report.string('x00080018') ?? '');
    }
    expect(instances.size).toBe(2);
    const rows = await service.deps.records.transaction((tx) => tx.objectsOf(scanId, 1));
    expect(rows.flatMap((row) => (row.kind === 'map' ? [row.model] : []))).toEqual(['opacity@1']);
  });

  test('a reindex gives the same analyses and the same case', async () => {
    const scanId = await upload();
    const before = [await analysesOf(scanId), await caseOf(scanId)];
    await reindex(service.deps);
    await service.work();
    expect([await analysesOf(scanId), await caseOf(scanId)]).toEqual(before);
  });

  test.each(['opacity', 'threats'])(
    'where %s fails, its analysis says why, and the scan goes on with the other one',
    async (id) => {
      broken = id;
      const scanId = await upload();
      const analyses = await analysesOf(scanId);
      const [failed, other] = analyses.toSorted(
        (a, b) => Number(b.model.id === id) - Number(a.model.id === id),
      );
      expect(failed).toMatchObject({
        model: { id },
        status: 'not-analysed',
        reason: 'the model failed on this scan',
        units: [],
      });
      expect(other?.status).toBe('analysed');
      expect(runs.filter((one) => one === id)).toHaveLength(3);
      // the one that spoke is not asked again when the other one is: a look is one run after another
      expect(runs.filter((one, i) => one !== runs[i - 1])).toHaveLength(2);
      const { anomalyPercentile, model, reasons } = await caseOf(scanId);
      expect([anomalyPercentile, model]).toEqual([highest(other!), name(other!)]);
      expect(reasons.map(({ code }) => code)).not.toContain('not-analysed');
      expect(reasons[0]?.text).not.toContain('models');
    },
  );

  test('an active version that is not installed here is named beside the one that looked', async () => {
    const choice = {
      administration: 'utopia',
      model: 'threats',
      version: 1,
      state: 'in-force',
      at: '2026-04-28T08:00:00.000Z',
      by: 'test',
      terms: { active: { version: '7', sha256: '0'.repeat(64) } },
    } as const;
    await service.deps.records.transaction((tx) => tx.putDocuments(modelChoiceDocument, [choice]));
    const analyses = await analysesOf(await upload());
    expect(analyses.map((one) => [name(one), one.status, one.reason])).toEqual([
      ['opacity@1', 'analysed', undefined],
      ['threats@7', 'not-analysed', 'the active model threats@7 is not installed here'],
    ]);
  });
});

test('a candidate is compared with the active version of its own model', async () => {
  writePackage(join(folder, 'opacity/1'));
  writePackage(join(folder, 'opacity/2'), { version: '2', one: 0.5 });
  // in the order of ids before the other one
  writeDetector(join(folder, 'a-detector/1'), { id: 'a-detector' });
  await open();
  const { sha256 } = shelf.known.find(({ id, version }) => id === 'opacity' && version === '1')!;
  const shadow = shelf.known.find(({ version }) => version === '2')!;
  const terms = { active: { version: '1', sha256 }, shadow: { version: '2', sha256: shadow.sha256 } };
  const choice = { administration: 'utopia', model: 'opacity', version: 1, by: 'test', terms } as const;
  await service.deps.records.transaction((tx) =>
    tx.putDocuments(modelChoiceDocument, [{ ...choice, state: 'in-force', at: '2026-04-28T08:00:00.000Z' }]),
  );
  const scanId = await upload();
  const analyses = await analysesOf(scanId);
  expect(analyses.map(name)).toEqual(['a-detector@1', 'opacity@1']);
  const pairs = await service.deps.records.transaction((tx) =>
    tx.shadowPairs({ administration: 'utopia', site: '*' }, { id: 'opacity', version: '2' }, 10),
  );
  expect(pairs.map(({ active }) => active)).toEqual([analyses[1]]);
});

test('a single model is stored without a list of others', async () => {
  writePackage(join(folder, 'opacity/1'));
  await open();
  const scanId = await upload();
  const stored = await manifestOf(scanId);
  expect(Object.keys(stored)).toEqual(['part', 'analysis', 'converter', 'objects']);
  expect(Object.keys(stored.analysis).at(-1)).toBe('decidedAt');
  const { reasons, history } = await caseOf(scanId);
  expect(reasons[0]?.text).toMatch(/ % of comparable scans$/);
  expect(history[0]?.detail).not.toHaveProperty('modelsLooked');
});
