import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import dicomParser from 'dicom-parser';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openOnnxRunner } from '../../../src/adapters/onnx/runner.ts';
import type { Analysis } from '../../../src/core/case/finding.ts';
import { keys } from '../../../src/core/keys.ts';
import type { ModelRunner } from '../../../src/core/ports/inference.ts';
import { simulateFiles } from '../../../src/local/simulate.ts';
import { type AnalyseRevisionDeps, analyseRevision } from '../../../src/steps/analyse.ts';
import { ModelResultCache } from '../../../src/steps/analysis/model-result-cache.ts';
import { convertRevision } from '../../../src/steps/convert.ts';
import { PlaneCache } from '../../../src/steps/stored-planes.ts';
import { type Harness, openHarness } from '../../support/harness.ts';
import { decideCab, placeCab } from '../../support/http/decide-cab.ts';
import { manifestOf, opacityModel } from '../../support/infer/models.ts';
import { shelfOf } from '../../support/infer/shelf.ts';
import { movableClock, send } from '../../support/stage.ts';

/** What the model says is decided once, whatever happens to the step, and says when. */

const BEGIN = '2026-05-01T08:00:00.000Z';
let clock: ReturnType<typeof movableClock>;
let folder: string;
let runner: ModelRunner;
let runs: number;
let service: Harness;

async function openWith(thresholds: { readonly map: number; readonly score: number }): Promise<void> {
  const file = opacityModel(2);
  const path = join(folder, 'model.onnx');
  writeFileSync(path, file);
  const opened = await openOnnxRunner({ file: path });
  runner = opened;
  const counted: ModelRunner = {
    run: (...args: Parameters<ModelRunner['run']>) => {
      runs += 1;
      clock.advance(2);
      return opened.run(...args);
    },
    close: () => opened.close(),
  };
  const pkg = { manifest: manifestOf(file, { thresholds }), path };
  service = await openHarness({
    deps: { clock, models: await shelfOf([{ pkg, runner: async () => counted }]) },
  });
}

beforeEach(() => {
  clock = movableClock(BEGIN);
  folder = mkdtempSync(join(tmpdir(), 'nii-analysed-once-'));
  runs = 0;
});
afterEach(async () => {
  await service.close();
  await runner.close();
  rmSync(folder, { recursive: true });
});

async function upload(seed = 4): Promise<string> {
  const files = simulateFiles({
    seed,
    layout: 'numpy',
    container: '20ft',
    cargo: 'drums',
    anomalies: [],
    pitchMm: 40,
  });
  const [accepted] = await send(service.deps, files);
  return accepted!.scanId;
}

const report = (scanId: string) => service.deps.objects.get(keys.machineTdr(scanId, 1, 'opacity', '1'));
const manifest = (scanId: string) => service.deps.objects.get(keys.analysed(scanId, 1));

interface Said {
  readonly decision: string | undefined;
  /** (4010,102B), as RFC 3339. */
  readonly decidedAt: string;
  /** (4010,1069), ms. */
  readonly processingMs: number | undefined;
  /** Instances that were looked at. */
  readonly looked: readonly string[];
}

/** Read by another reader than ours. */
function saidIn(bytes: Uint8Array): Said {
  const set = dicomParser.parseDicom(bytes);
  const [, y, mo, d, h, mi, s] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)/.exec(set.string('x4010102b') ?? '') ?? [];
  return {
    decision: set.string('x40101031'),
    decidedAt: `${y}-${mo}-${d}T${h}:${mi}:${s}.000Z`,
    processingMs: set.float('x40101069'),
    looked: (set.elements.x00081110?.items ?? []).map(({ dataSet }) => dataSet?.string('x00081155') ?? ''),
  };
}

async function convert(scanId: string): Promise<void> {
  const job = await service.deps.jobs.claim(['convert'], 'test', 60);
  await convertRevision(service.deps, job!, scanId, 1, new PlaneCache());
}

/** Begins the analysis with these parts, which do not let it end, as if its worker was killed. */
async function cutOff(scanId: string, over: Partial<AnalyseRevisionDeps>): Promise<void> {
  const job = await service.deps.jobs.claim(['analyse'], 'killed', 60);
  const own = { atHand: new PlaneCache(), said: new ModelResultCache() };
  const step = analyseRevision({ ...service.deps, ...over }, job!, scanId, 1, own);
  await expect(step).rejects.toThrow('killed here');
  expect(await service.deps.jobs.freeLeases('killed')).toBe(1);
}

/** An object store that stores, and then lets nothing go on after the object whose key says so. */
function storeUntil(last: RegExp): AnalyseRevisionDeps['objects'] {
  const { objects } = service.deps;
  return {
    get: objects.get.bind(objects),
    stream: objects.stream.bind(objects),
    head: objects.head.bind(objects),
    list: objects.list.bind(objects),
    remove: objects.remove.bind(objects),
    put: async (...args: Parameters<typeof objects.put>) => {
      await objects.put(...args);
      if (last.test(args[0])) throw new Error('killed here');
    },
  };
}

describe('the cab of a truck', () => {
  it('is left out of what models see from the scan after the policy says so, and the record says which lines', async () => {
    await openWith({ map: 0, score: 0 });
    const analysed = async (seed: number) => {
      const scanId = await upload(seed);
      await service.work();
      return JSON.parse(Buffer.from(await manifest(scanId)).toString()).analysis as Analysis;
    };
    const shown = await analysed(4);
    const [scanner] = (await service.as('supervisor', { url: '/v1/scanners' })).json().items;
    await placeCab(service, scanner.id, { side: 'left', share: 0.25 });
    await decideCab(service, 'masked');
    const masked = await analysed(5);
    await decideCab(service, 'masked-and-left-out');
    const { leftOut = [], findings, notes } = await analysed(6);
    expect([shown.leftOut, masked.leftOut]).toEqual([undefined, undefined]);
    expect(leftOut).toMatchObject([{ why: 'cab', view: 'main', axis: 'columns', from: 0 }]);
    const [{ to } = { to: 0 }] = leftOut;
    expect(to).toBeGreaterThan(10);
    expect(shown.findings.some(({ box }) => box.columnFrom < to)).toBe(true);
    expect(findings.length).toBeGreaterThan(0);
    expect(findings.filter(({ box }) => box.columnFrom < to)).toEqual([]);
    expect(notes).toContain('The cab was left out, as the policy requires');
  });
});

describe('the percentile of an object', () => {
  it('comes to be taken among the objects of its scanner, and stays as it was stored', async () => {
    await openWith({ map: 0, score: 0 });
    const first = await upload(4);
    await service.work();
    const { records } = service.deps;
    const alone = JSON.parse(Buffer.from(await manifest(first)).toString()).analysis as Analysis;
    // two hundred scans of the same scanner that all scored higher
    await records.transaction(async (tx) => {
      const scanner = (await tx.scanners({ administration: 'utopia', site: '*' }, 1)).rows[0]!;
      const scan = (await tx.scanById(first))!;
      for (let i = 0; i < 200; i++) {
        const scanId = `earlier-${i}`;
        const { administration, site, id } = scanner;
        const facts = { containers: 0, badContainers: 0, channelMissing: false, incomplete: false };
        const receivedAt = new Date(Date.parse(BEGIN) - i * 60_000).toISOString();
        await tx.insertScan({ ...scan, id: scanId, groupKey: scanId, receivedAt });
        await tx.putObservation({
          scanId,
          revision: 1,
          administration,
          site,
          scanner: id,
          receivedAt,
          ...facts,
        });
        const units = [{ unitId: 'u', score: 2 + i, anomalyPercentile: 50 }];
        await tx.putAnalysis({ scanId, revision: 1, analysis: { ...alone, units } });
      }
    });
    clock.advance(60_000);
    const other = await upload(5);
    await service.work();
    const { units, reference } = JSON.parse(Buffer.from(await manifest(other)).toString())
      .analysis as Analysis;
    expect(alone.reference?.ofScanner).toBeUndefined();
    expect(reference).toEqual({ ...alone.reference, ofScanner: 201 });
    const [unit] = units;
    // a third of the package's, and two thirds of a scanner among whose scores it is among the lowest two
    expect(unit!.anomalyPercentile).toBeLessThan(34.5);
    expect(unit!.anomalyPercentile).toBeGreaterThan(0);
    const kept = JSON.parse(Buffer.from(await manifest(first)).toString()).analysis as Analysis;
    expect(kept.units).toEqual(alone.units);
  });
});

describe('the report of a machine', () => {
  it('says UNKNOWN where the model found nothing, and names the channels that it has seen', async () => {
    await openWith({ map: 2, score: 2 });
    const scanId = await upload();
    await service.work();
    const [analysis] = await service.deps.records.transaction((tx) => tx.analyses(scanId));
    expect(analysis?.analysis).toMatchObject({ status: 'analysed', alarm: false });
    const { decision, looked } = saidIn(await report(scanId));
    expect(decision).toBe('UNKNOWN');
    expect(looked).toHaveLength(2);
  });

  it('says when the model had ended and how long it took, within the run', async () => {
    await openWith({ map: 0, score: 0 });
    const began = performance.now();
    const scanId = await upload();
    await service.work();
    const took = performance.now() - began;
    const { decision, decidedAt, processingMs = Number.NaN } = saidIn(await report(scanId));
    expect(decision).toBe('ALARM');
    expect(Date.parse(decidedAt)).toBe(Date.parse(BEGIN) + 2000);
    expect(processingMs).toBeGreaterThan(0);
    expect(processingMs).toBeLessThan(took);
  });

  it('stays what it was when the step is cut off once it is stored, and the model does not run again', async () => {
    await openWith({ map: 0, score: 0 });
    const scanId = await upload();
    await convert(scanId);
    const complete = async () => {
      throw new Error('killed here');
    };
    await cutOff(scanId, { jobs: { ...service.deps.jobs, complete } });
    const first = [await report(scanId), await manifest(scanId)];
    clock.advance(3600);
    await service.work();
    expect([await report(scanId), await manifest(scanId)]).toEqual(first);
    expect(runs).toBe(1);
    const [analysis] = await service.deps.records.transaction((tx) => tx.analyses(scanId));
    expect(saidIn(first[0]!).decidedAt).toBe(analysis?.analysis.decidedAt);
  });

  it('is not taken from somebody who writes into the store before the model has run', async () => {
    await openWith({ map: 0, score: 0 });
    const scanId = await upload();
    await convert(scanId);
    const converter = (await service.deps.records.transaction((tx) => tx.revision(scanId, 1)))!.converter;
    const planted = { part: 'analysed', converter, analysis: { status: 'not-analysed' }, objects: [] };
    const bytes = new TextEncoder().encode(JSON.stringify(planted));
    await service.deps.objects.put(keys.analysed(scanId, 1), bytes, 'application/json');
    await service.work();
    expect(runs).toBe(1);
    expect(saidIn(await report(scanId)).decision).toBe('ALARM');
  });

  it.each([
    ['the report', /\/tdr\/machine-/],
    ['the manifest, which no row names yet', /\/analysed\.json$/],
  ])('is made anew, with its own time, when the step is cut off after %s', async (_, last) => {
    await openWith({ map: 0, score: 0 });
    const scanId = await upload();
    await convert(scanId);
    await cutOff(scanId, { objects: storeUntil(last) });
    const before = saidIn(await report(scanId)).decidedAt;
    clock.advance(60);
    await service.work();
    expect(runs).toBe(2);
    const [analysis] = await service.deps.records.transaction((tx) => tx.analyses(scanId));
    const { decidedAt } = saidIn(await report(scanId));
    expect(decidedAt).toBe(analysis?.analysis.decidedAt);
    expect(decidedAt).not.toBe(before);
  });
});
