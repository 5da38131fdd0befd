import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import dicomParser from 'dicom-parser';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openOnnxRunner } from '../../../src/adapters/onnx/runner.ts';
import { keys } from '../../../src/core/keys.ts';
import type { ModelRunner } from '../../../src/core/ports/inference.ts';
import type { ObjectReads, ObjectWrites } from '../../../src/core/ports/objects.ts';
import { simulateFiles } from '../../../src/local/simulate.ts';
import { drainJobs } from '../../../src/steps/worker.ts';
import { eventually } from '../../support/eventually.ts';
import { type Harness, openHarness } from '../../support/harness.ts';
import { manifestOf, opacityModel } from '../../support/infer/models.ts';
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
  service = await openHarness({ deps: { clock, models: [{ pkg, runner: async () => counted }] } });
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

async function upload(): Promise<string> {
  const files = simulateFiles({
    seed: 4,
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

/** Every object goes through; after the first whose key says so the step is cut off. */
function cutOffAfter(key: RegExp): {
  readonly objects: ObjectReads & ObjectWrites;
  readonly cuts: () => number;
} {
  const { objects } = service.deps;
  let cuts = 0;
  const put: ObjectWrites['put'] = async (...args) => {
    await objects.put(...args);
    if (key.test(args[0]) && cuts === 0) {
      cuts += 1;
      throw new Error('killed here');
    }
  };
  return {
    objects: new Proxy(objects, { get: (target, name) => (name === 'put' ? put : bound(target, name)) }),
    cuts: () => cuts,
  };
}

function bound(target: object, name: string | symbol): unknown {
  const value: unknown = Reflect.get(target, name);
  return typeof value === 'function' ? value.bind(target) : value;
}

async function workUntilAnalysed(objects: ObjectReads & ObjectWrites, scanId: string): Promise<void> {
  await eventually('the scan is analysed', 30, async () => {
    await drainJobs({ ...service.deps, objects: objects as typeof service.deps.objects }, 'test');
    return (await service.deps.records.transaction((tx) => tx.scanById(scanId)))?.state === 'analysed';
  });
}

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
    const { objects, cuts } = cutOffAfter(/\/analysed\.json$/);
    let first: readonly Uint8Array[] = [];
    await eventually('it is cut off', 30, async () => {
      await drainJobs({ ...service.deps, objects: objects as typeof service.deps.objects }, 'test');
      return cuts() === 1;
    });
    first = [await report(scanId), await manifest(scanId)];
    clock.advance(3600);
    await workUntilAnalysed(objects, scanId);
    expect([await report(scanId), await manifest(scanId)]).toEqual(first);
    expect(runs).toBe(1);
  });

  it('is made anew, with its own time, when the step is cut off before all of it is stored', async () => {
    await openWith({ map: 0, score: 0 });
    const scanId = await upload();
    const { objects } = cutOffAfter(/\/tdr\/machine-/);
    clock.advance(60);
    await workUntilAnalysed(objects, scanId);
    expect(runs).toBe(2);
    const [analysis] = await service.deps.records.transaction((tx) => tx.analyses(scanId));
    expect(saidIn(await report(scanId)).decidedAt).toBe(analysis?.analysis.decidedAt);
  });
});
