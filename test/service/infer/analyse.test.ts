import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Check } from 'typebox/value';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { openOnnxRunner } from '../../../src/adapters/onnx/runner.ts';
import { Analysis } from '../../../src/core/case/finding.ts';
import type { LoadedModel } from '../../../src/core/ports/inference.ts';
import type { ScanWithSources } from '../../../src/core/scan/plane-source.ts';
import type { InspectionUnit } from '../../../src/core/scan/scan.ts';
import { analyseScan } from '../../../src/infer/analyse.ts';
import type { AnalysisResult } from '../../../src/infer/analysis.ts';
import { checkModel } from '../../../src/infer/fingerprint.ts';
import type { ModelManifest } from '../../../src/infer/manifest.ts';
import { delaysWhile } from '../../support/infer/delay.ts';
import { manifestOf, opacityModel, slowModel } from '../../support/infer/models.ts';
import { channelOf, unitOf, viewOf, withPlanes } from '../../support/infer/scans.ts';

const folder = mkdtempSync(join(tmpdir(), 'nii-analyse-'));
const opened: LoadedModel[] = [];

async function load(name: string, model: Uint8Array, manifest: ModelManifest): Promise<LoadedModel> {
  const file = join(folder, name);
  writeFileSync(file, model);
  const runner = await openOnnxRunner({ file });
  opened.push(runner);
  await checkModel(runner, { manifest }, 20_000);
  return runner;
}

/** Air of 60000 counts in both channels, with a box that lets `passes` of it through. */
function scanWithBox(
  passes: number,
  units?: readonly InspectionUnit[],
  rows = 120,
  columns = 300,
): ScanWithSources {
  const plane = new Uint16Array(rows * columns).fill(60_000);
  for (let row = 40; row < 80; row++) plane.fill(60_000 * passes, row * columns + 200, row * columns + 240);
  const channels = [channelOf(rows, columns), channelOf(rows, columns, { id: 'low', energy: 'low' })];
  return withPlanes(viewOf(channels), [plane, plane], units);
}

function settled({ analysis, map }: AnalysisResult): AnalysisResult {
  return { analysis: { ...analysis, milliseconds: 0 }, ...(map === undefined ? {} : { map }) };
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((runner) => runner.close()));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('one scan through a model', () => {
  const model = opacityModel(2);
  const manifest = manifestOf(model);
  const options = { timeoutMs: 30_000 };

  test('a dense box is found where it is, in its unit, and the record fits its schema', async () => {
    const runner = await load('opacity.onnx', model, manifest);
    const units = [unitOf('left', { from: 0, to: 150 }), unitOf('right', { from: 150, to: 300 })];
    const { analysis, map } = await analyseScan(runner, scanWithBox(0.05, units), { manifest }, options);
    expect(Check(Analysis, analysis)).toBe(true);
    expect(analysis.units.map(({ score }) => score)).toEqual([0, expect.closeTo(0.95, 5)]);
    expect(analysis.findings).toHaveLength(1);
    const { box, unitId } = analysis.findings[0]!;
    expect(unitId).toBe('right');
    expect([box.rowFrom, box.rowTo, box.columnFrom, box.columnTo]).toEqual([40, 80, 200, 240]);
    expect([map!.rows, map!.columns, map!.bytes.length]).toEqual([120, 300, 36_000]);
    expect(map!.bytes[60 * 300 + 220]).toBe(242);
  });

  test('the same scan and model give the same answer but for the milliseconds', async () => {
    const runner = await load('opacity2.onnx', model, manifest);
    const scan = scanWithBox(0.3);
    const [once, again] = [
      await analyseScan(runner, scan, { manifest }, options),
      await analyseScan(runner, scan, { manifest }, options),
    ];
    expect(settled(again)).toEqual(settled(once));
    expect(once.analysis.milliseconds).toBeGreaterThan(0);
  });

  test('of a cab that is left out nothing is said, and what is in it changes nothing, also in tiles', async () => {
    const tiledModel = opacityModel(2, 64, 96);
    const tiled = manifestOf(tiledModel, { shape: { kind: 'tiles', height: 64, width: 96, overlap: 16 } });
    const runner = await load('cab.onnx', model, manifest);
    const inTiles = await load('cab-tiled.onnx', tiledModel, tiled);
    const leftOut = [{ view: 'side', axis: 'columns', from: 190, to: 300, of: 300 }] as const;
    const units = [unitOf('box', { from: 0, to: 190 }), unitOf('cab', { from: 190, to: 300 })];
    const look = (passes: number) =>
      analyseScan(runner, scanWithBox(passes, units), { manifest }, { ...options, leftOut });
    const [dense, thin] = [await look(0.05), await look(0.9)];
    expect(settled(dense)).toEqual(settled(thin));
    const { analysis, map } = dense;
    expect(Check(Analysis, analysis)).toBe(true);
    expect(analysis).toMatchObject({
      findings: [],
      units: [{ unitId: 'box' }, { unitId: 'cab', score: 0 }],
      leftOut: [{ why: 'cab', view: 'side', axis: 'columns', from: 190, to: 300 }],
    });
    for (let row = 0; row < 120; row++)
      expect(new Set(map!.bytes.subarray(row * 300 + 190, (row + 1) * 300))).toEqual(new Set([0]));
    const parts = await analyseScan(
      inTiles,
      scanWithBox(0.05, units),
      { manifest: tiled },
      { ...options, leftOut },
    );
    expect(parts.map).toEqual(map);
    const whole = await analyseScan(runner, scanWithBox(0.05, units), { manifest }, options);
    expect(whole.analysis.findings).toHaveLength(1);
    expect(whole.analysis.leftOut).toBeUndefined();
  });

  test('in tiles of a fixed size the answer is that of the whole image', async () => {
    const tiledModel = opacityModel(2, 64, 96);
    const tiled = manifestOf(tiledModel, { shape: { kind: 'tiles', height: 64, width: 96, overlap: 16 } });
    const whole = await analyseScan(
      await load('whole.onnx', model, manifest),
      scanWithBox(0.1),
      { manifest },
      options,
    );
    const parts = await analyseScan(
      await load('tiled.onnx', tiledModel, tiled),
      scanWithBox(0.1),
      { manifest: tiled },
      options,
    );
    expect(parts.map).toEqual(whole.map);
    expect(parts.analysis.units).toEqual(whole.analysis.units);
    expect(parts.analysis.findings.map(({ box }) => box)).toEqual(
      whole.analysis.findings.map(({ box }) => box),
    );
  });

  test('a scan that the model cannot look at is not analysed, with the reason, and never clear', async () => {
    const runner = await load('opacity3.onnx', model, manifest);
    const scan = withPlanes(viewOf([channelOf(4, 4)]), [new Uint16Array(16)]);
    const { analysis, map } = await analyseScan(runner, scan, { manifest }, options);
    expect(analysis).toEqual({
      model: { id: 'opacity', version: '1', sha256: manifest.sha256 },
      status: 'not-analysed',
      reason: "The model needs a low-energy transmission channel and view 'side' has none",
      units: [],
      findings: [],
      milliseconds: 0,
    });
    expect(map).toBeUndefined();
    expect(Check(Analysis, analysis)).toBe(true);
  });

  test('a model that does not end is killed and said to have failed', async () => {
    const endless = slowModel(2, 1_000_000_000);
    const file = join(folder, 'endless.onnx');
    writeFileSync(file, endless);
    const runner = await openOnnxRunner({ file });
    opened.push(runner);
    const { map } = { map: 'anomaly_map' };
    const known = manifestOf(endless, { output: { adapter: 'anomaly-map', map } });
    await expect(checkModel(runner, { manifest: known }, 300)).rejects.toMatchObject({
      code: 'NII_MODEL_TIMEOUT',
    });
    await expect(
      analyseScan(runner, scanWithBox(0.5), { manifest: known }, { timeoutMs: 300 }),
    ).rejects.toMatchObject({ code: 'NII_MODEL_TIMEOUT' });
  });

  test('a scan of twelve million samples leaves the event loop free: p99 of its delay under 50 ms', async () => {
    const runner = await load('opacity4.onnx', model, manifest);
    const scan = largeScan(2300, 5200);
    let told = '';
    const { busy, machine } = await delaysWhile(async () => {
      const started = performance.now();
      const { analysis } = await analyseScan(runner, scan, { manifest }, options);
      told = `${(performance.now() - started).toFixed(0)} ms, ${analysis.milliseconds} of them in the model`;
    }, 50);
    console.log(
      `24 million samples: ${told}; event loop delay p99 ${busy.toFixed(1)} ms, of the machine ${machine.toFixed(1)} ms`,
    );
    expect(busy).toBeLessThan(50 + machine);
  });
});

function largeScan(rows: number, columns: number): ScanWithSources {
  const pitch = { rowMm: 2, columnMm: 2, source: 'file' as const };
  const plane = new Uint16Array(rows * columns).map((_, i) => 20_000 + ((i * 7919) % 40_000));
  const channels = (['high', 'low'] as const).map((energy) =>
    channelOf(rows, columns, { id: energy, energy, pitch, invalidValue: 0 }),
  );
  return withPlanes(viewOf(channels), [plane, plane]);
}
