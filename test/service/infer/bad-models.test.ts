import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { openOnnxRunner } from '../../../src/adapters/onnx/runner.ts';
import type { LoadedModel, Tensor } from '../../../src/core/ports/inference.ts';
import { checkModel } from '../../../src/infer/fingerprint.ts';
import { inspectModel, newestOpsets } from '../../../src/infer/onnx/inspect.ts';
import { simulateFiles } from '../../../src/local/simulate.ts';
import { type Harness, openHarness } from '../../support/harness.ts';
import {
  customOperatorModel,
  externalDataModel,
  hungryModel,
  nanModel,
  opsetModel,
} from '../../support/infer/bad-models.ts';
import { manifestOf, opacityModel, slowModel } from '../../support/infer/models.ts';
import { shelfOf } from '../../support/infer/shelf.ts';
import { movableClock, send } from '../../support/stage.ts';

/** Whatever a model does: it is said by a code, the process is ended, and the scan goes to the analysts unscored. */

const folder = mkdtempSync(join(tmpdir(), 'nii-bad-models-'));
const opened: LoadedModel[] = [];
let service: Harness | undefined;
const MiB = 1024 ** 2;

afterEach(async () => {
  await Promise.all(opened.splice(0).map((runner) => runner.close()));
  await service?.close();
  service = undefined;
});
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(name: string, model: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, model);
  return path;
}

async function open(file: string, options: { readonly memoryBytes?: number } = {}): Promise<LoadedModel> {
  const runner = await openOnnxRunner({ file, ...options });
  opened.push(runner);
  return runner;
}

const ones: Tensor = { shape: [1, 2, 64, 64], data: new Float32Array(2 * 64 * 64).fill(1) };
const mapOnly = { output: { adapter: 'anomaly-map', map: 'anomaly_map' } } as const;

describe('a model file that must not reach the runtime', () => {
  test.each([
    ['weights in another file', externalDataModel(), 'NII_MODEL_EXTERNAL_DATA', /'weight'/],
    ['an operator of its own', customOperatorModel(), 'NII_MODEL_OPERATOR', /'com.example.Secret'/],
    ['a version that is not out', opsetModel(99), 'NII_MODEL_OPSET', /opset 99; the newest supported is \d+/],
    ['no model', new TextEncoder().encode('<html>'), 'NII_MODEL_INVALID', /is not an ONNX/],
    ['nothing', new Uint8Array(), 'NII_MODEL_INVALID', /no outputs/],
    ['half a model', opacityModel(2).subarray(0, 200), 'NII_MODEL_INVALID', /is not an ONNX/],
  ] as const)('%s is rejected by code, with what is wrong', async (name, bytes, code, detail) => {
    const path = fileOf(`${name.replaceAll(' ', '-')}.onnx`, bytes);
    await expect(inspectModel(path)).rejects.toMatchObject({ code, message: expect.stringMatching(detail) });
    await expect(inspectModel(path)).rejects.toMatchObject({ message: expect.not.stringContaining(folder) });
  });

  test('the newest versions are those of the runtime: it takes them, and not the next', async () => {
    for (const [domain, newest] of Object.entries(newestOpsets)) {
      await open(fileOf('newest.onnx', opsetModel(newest, domain)));
      const next = fileOf('next.onnx', opsetModel(newest + 1, domain));
      await expect(openOnnxRunner({ file: next })).rejects.toMatchObject({ code: 'NII_MODEL_INVALID' });
    }
  });
});

describe('a model that misbehaves', () => {
  test('with too much memory is ended by code, and the next run works', async () => {
    const runner = await open(fileOf('hungry.onnx', hungryModel(17)), { memoryBytes: 400 * MiB });
    await expect(runner.run({ input: ones }, 60_000)).rejects.toMatchObject({ code: 'NII_MODEL_MEMORY' });
    const wrong = { shape: [2], data: new Float32Array(2) };
    await expect(runner.run({ input: wrong }, 60_000)).rejects.toThrow(/rank/i);
  });

  test('with no numbers is rejected by code, though its dry run passed', async () => {
    const file = nanModel();
    const manifest = manifestOf(file, mapOnly);
    const runner = await open(fileOf('nan.onnx', file));
    await checkModel(runner, { manifest }, 20_000);
    const { anomaly_map } = await runner.run({ input: ones }, 20_000);
    expect(anomaly_map!.data.every(Number.isNaN)).toBe(true);
  });

  const upload = () =>
    simulateFiles({
      seed: 4,
      layout: 'numpy',
      container: '20ft',
      cargo: 'drums',
      anomalies: [],
      pitchMm: 40,
    });

  test.each([
    ['answers what is no number', nanModel(), {}, 'the model returned no usable output for this scan'],
    ['hangs', slowModel(2, 1_000_000_000), { timeoutMs: 300 }, 'the model did not finish this scan in time'],
    [
      'takes all memory',
      hungryModel(17),
      { memoryBytes: 400 * MiB },
      'the model needed too much memory for this scan',
    ],
  ] as const)(
    '%s: the scan goes to the analysts unscored, with the reason, and the service answers',
    async (name, file, { timeoutMs, memoryBytes }: { timeoutMs?: number; memoryBytes?: number }, reason) => {
      const path = fileOf(`${name.replaceAll(' ', '-')}.onnx`, file);
      const runner = await open(path, memoryBytes === undefined ? {} : { memoryBytes });
      const pkg = { manifest: manifestOf(file, mapOnly), path };
      service = await openHarness({
        // long ago, so that a retry is due at once
        deps: {
          clock: movableClock('2026-05-01T08:00:00.000Z'),
          models: await shelfOf([{ pkg, runner: async () => runner }]),
        },
        limits: { inferSeconds: (timeoutMs ?? 60_000) / 1000 },
      });
      const [accepted] = await send(service.deps, upload());
      await service.work();
      const { statusCode, body } = await service.as('supervisor', {
        method: 'GET',
        url: `/v1/scans/${accepted!.scanId}`,
      });
      expect(statusCode).toBe(200);
      expect(JSON.parse(body)).toMatchObject({ state: 'analysed' });
      const analyses = await service.deps.records.transaction((tx) => tx.analyses(accepted!.scanId, 1));
      expect(analyses[0]?.analysis).toMatchObject({
        status: 'not-analysed',
        reason,
        units: [],
        findings: [],
      });
    },
    120_000,
  );

  test('after 100 deaths in a row the next run works', async () => {
    const runner = await open(fileOf('dies.onnx', slowModel(2, 1_000_000_000)));
    const started = performance.now();
    for (let death = 0; death < 100; death++)
      await expect(runner.run({ input: ones }, 1)).rejects.toMatchObject({ code: 'NII_MODEL_TIMEOUT' });
    console.log(
      `100 processes of a model ended and started in ${((performance.now() - started) / 1000).toFixed(1)} s`,
    );
    const wrong = { shape: [2], data: new Float32Array(2) };
    await expect(runner.run({ input: wrong }, 60_000)).rejects.toThrow(/rank/i);
  }, 400_000);
});
