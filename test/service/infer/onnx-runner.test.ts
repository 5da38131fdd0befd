import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { readDeclarations } from '../../../src/adapters/onnx/model-task.ts';
import { modelPlan } from '../../../src/adapters/onnx/process.ts';
import { openOnnxRunner } from '../../../src/adapters/onnx/runner.ts';
import { isNiiError } from '../../../src/core/errors.ts';
import type { LoadedModel, Tensor } from '../../../src/core/ports/inference.ts';
import { checkModel } from '../../../src/infer/fingerprint.ts';
import { startChild } from '../../../src/runtime/children/running-child.ts';
import { treeCpuMs } from '../../../src/runtime/process-tree.ts';
import { eventually } from '../../support/eventually.ts';
import { delaysWhile } from '../../support/infer/delay.ts';
import { foreignSignatures, modelWith } from '../../support/infer/foreign-models.ts';
import { labelledModel, manifestOf, opacityModel, slowModel } from '../../support/infer/models.ts';
import { hasSharedData, sharedPath } from '../../support/shared-data.ts';

const folder = mkdtempSync(join(tmpdir(), 'nii-onnx-'));
const opened: LoadedModel[] = [];
const FOREVER = 1_000_000_000;

function fileOf(name: string, model: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, model);
  return path;
}

async function open(file: string, options: { workers?: number; queued?: number } = {}): Promise<LoadedModel> {
  const runner = await openOnnxRunner({ file, ...options });
  opened.push(runner);
  return runner;
}

function ramp(rows: number, columns: number, channels = 2): Tensor {
  const data = Float32Array.from({ length: channels * rows * columns }, (_, i) =>
    Math.fround(Math.sin(i) ** 2),
  );
  return { shape: [1, channels, rows, columns], data };
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((runner) => runner.close()));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the ONNX runner', () => {
  test('gives bit for bit what a bare session gives, and names the tensors', async () => {
    const file = fileOf('slow20.onnx', slowModel(2, 20));
    const runner = await open(file);
    const input = ramp(96, 160);
    const session = await InferenceSession.create(file, { intraOpNumThreads: 1, interOpNumThreads: 1 });
    const bare = await session.run({ input: new OrtTensor('float32', input.data, input.shape) });
    const { anomaly_map } = await runner.run({ input }, 30_000);
    expect(anomaly_map!.shape).toEqual([1, 1, 96, 160]);
    const bitsOf = ({ buffer, byteOffset, byteLength }: Float32Array) =>
      Buffer.from(buffer, byteOffset, byteLength);
    expect(bitsOf(anomaly_map!.data)).toEqual(bitsOf(bare.anomaly_map!.data as Float32Array));
    expect(runner.inputs).toEqual([{ name: 'input', type: 'float32', shape: ['n', 2, 'h', 'w'] }]);
    expect(runner.outputs.map(({ name }) => name)).toEqual(['anomaly_map']);
    await session.release();
  });

  test('leaves the event loop free while a model runs: p99 of its delay under 50 ms', async () => {
    const runner = await open(fileOf('slow200.onnx', slowModel(2, 200)));
    let each = 0;
    const { busy, machine } = await delaysWhile(async () => {
      const inputs = Array.from({ length: 5 }, () => ({
        shape: [1, 2, 448, 896],
        data: new Float32Array(802_816),
      }));
      const started = performance.now();
      for (const input of inputs) await runner.run({ input }, 60_000);
      each = (performance.now() - started) / inputs.length;
    }, 50);
    console.log(
      `event loop delay while inferring: p99 ${busy.toFixed(1)} ms, of the machine ${machine.toFixed(1)} ms; a run takes ${each.toFixed(0)} ms`,
    );
    expect(each).toBeGreaterThan(50);
    expect(busy).toBeLessThan(50 + machine);
  });

  test('kills a run that takes too long, and the next run works', async () => {
    const runner = await open(fileOf('forever.onnx', slowModel(2, FOREVER)));
    const started = performance.now();
    await expect(runner.run({ input: ramp(64, 64) }, 300)).rejects.toMatchObject({
      code: 'NII_MODEL_TIMEOUT',
      message: expect.stringContaining('did not respond within 300 ms'),
    });
    expect(performance.now() - started).toBeLessThan(5_000);
    // An input of another rank fails at once, which only a live process can say.
    const wrong = { shape: [2], data: new Float32Array(2) };
    await expect(runner.run({ input: wrong }, 20_000)).rejects.toThrow(/rank/i);
  });

  test('queues runs that come together and answers each with its own result', async () => {
    const runner = await open(fileOf('opacity.onnx', opacityModel(2)), { workers: 2 });
    const values = Array.from({ length: 12 }, (_, i) => i / 16);
    const results = await Promise.all(
      values.map((value) => {
        const data = new Float32Array(2 * 32 * 32).fill(value);
        return runner.run({ input: { shape: [1, 2, 32, 32], data } }, 30_000);
      }),
    );
    expect(results.map(({ pred_score }) => pred_score!.data[0])).toEqual(values.map((value) => 1 - value));
  });

  test('refuses more waiting runs than it has room for, and keeps those it has', async () => {
    const runner = await open(fileOf('slow100.onnx', slowModel(2, 100)), { queued: 1 });
    const runs = Array.from({ length: 3 }, () => runner.run({ input: ramp(256, 256) }, 30_000));
    const settled = await Promise.allSettled(runs);
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect(settled[2]).toMatchObject({ reason: { code: 'NII_QUEUE_FULL' } });
  });

  test('survives the death of its process: the run is refused, the next one works', async () => {
    const runner = await open(fileOf('opacity1.onnx', opacityModel(2)));
    const before = await childrenOf(process.pid);
    const slow = await open(fileOf('forever2.onnx', slowModel(2, FOREVER)));
    const [child] = (await childrenOf(process.pid)).filter((pid) => !before.includes(pid));
    const run = slow.run({ input: ramp(64, 64) }, 60_000);
    const refused = expect(run).rejects.toMatchObject({
      code: 'NII_MODEL_FAILED',
      message: expect.stringContaining('SIG'),
    });
    const idle = (await treeCpuMs([child!])) ?? 0;
    await eventually('the model works', 30, async () => ((await treeCpuMs([child!])) ?? 0) > idle + 50);
    // as the kernel does where memory runs out; contained, Node takes any other signal from outside for its own
    process.kill(child!, 'SIGKILL');
    await refused;
    await expect(runner.run({ input: ramp(32, 32) }, 20_000)).resolves.toHaveProperty('pred_score');
    await expect(slow.run({ input: ramp(64, 64) }, 300)).rejects.toThrow(/did not respond/);
  });

  test('its contained process prints nothing: a terminal shows what the service says, and no more', async () => {
    const file = fileOf('quiet.onnx', opacityModel(2));
    const contained = { reads: [file], addons: true };
    const child = await startChild({ ...modelPlan, output: 'collect', contained });
    await child.call({ task: { kind: 'load', file, threads: 1 }, timeoutMs: 60_000, read: readDeclarations });
    expect(child.output).toBe('');
    await child.end();
  });

  test('after closing no process is left and runs are refused', async () => {
    const before = await childrenOf(process.pid);
    const runner = await openOnnxRunner({ file: fileOf('forever3.onnx', slowModel(2, FOREVER)), workers: 2 });
    const [running, waiting] = [1, 2].map(() =>
      runner.run({ input: ramp(64, 64) }, 60_000).catch((e: unknown) => e),
    );
    await runner.close();
    expect(await running).toMatchObject({ code: 'NII_MODEL_FAILED' });
    expect(await waiting).toMatchObject({ code: 'NII_MODEL_FAILED' });
    const left = await childrenOf(process.pid);
    expect(left.filter((pid) => !before.includes(pid))).toEqual([]);
    await expect(runner.run({ input: ramp(32, 32) }, 100)).rejects.toMatchObject({
      code: 'NII_MODEL_FAILED',
    });
  });

  test('a process that had nothing to do for a while ends, and the next run starts another', async () => {
    const before = await childrenOf(process.pid);
    const own = async () => (await childrenOf(process.pid)).filter((pid) => !before.includes(pid));
    const runner = await openOnnxRunner({ file: fileOf('idle.onnx', opacityModel(2)), idleMs: 200 });
    opened.push(runner);
    const input = ramp(32, 32);
    const first = await runner.run({ input }, 20_000);
    const [used] = await own();
    await eventually('the process ends', 20, async () => (await own()).length === 0);
    expect(await runner.run({ input }, 20_000)).toEqual(first);
    expect(await own()).not.toEqual([used]);
  });

  test('a file that has taken the place of the one that was loaded is never run', async () => {
    const file = fileOf('replaced.onnx', opacityModel(2));
    const before = await childrenOf(process.pid);
    const runner = await openOnnxRunner({ file, idleMs: 200 });
    opened.push(runner);
    fileOf('replaced.onnx', slowModel(2, 1));
    await eventually('the process ends', 20, async () =>
      (await childrenOf(process.pid)).every((pid) => before.includes(pid)),
    );
    await expect(runner.run({ input: ramp(32, 32) }, 20_000)).rejects.toMatchObject({
      code: 'NII_MODEL_FAILED',
      message: expect.stringContaining('its file was replaced'),
    });
  });

  test('no process outlives a service that is killed', async () => {
    const file = fileOf('opacity3.onnx', opacityModel(2));
    const module = new URL('../../../src/adapters/onnx/runner.ts', import.meta.url).href;
    const source = `import { openOnnxRunner } from ${JSON.stringify(module)};
      await openOnnxRunner({ file: ${JSON.stringify(file)} });
      console.log('ready');`;
    const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
    const service = spawn(process.execPath, ['--import', loader, '--input-type=module', '-e', source]);
    await once(service.stdout, 'data');
    const children = await childrenOf(service.pid!);
    expect(children).toHaveLength(1);
    service.kill('SIGKILL');
    await once(service, 'exit');
    await expect.poll(() => existsSync(`/proc/${children[0]}`), { timeout: 20_000 }).toBe(false);
  });

  test('turns flags and counts into floats and refuses what is no model', async () => {
    const runner = await open(fileOf('labels.onnx', labelledModel()));
    const { mask, shape } = await runner.run(
      { input: { shape: [1, 1, 1, 3], data: Float32Array.of(1, -1, 2) } },
      20_000,
    );
    expect([...mask!.data]).toEqual([1, 0, 1]);
    expect([...shape!.data]).toEqual([1, 1, 1, 3]);
    const file = fileOf(
      'noise.onnx',
      Uint8Array.from({ length: 500 }, (_, i) => (i * 37) % 256),
    );
    await expect(openOnnxRunner({ file })).rejects.toSatisfy(
      (error) => isNiiError(error, 'NII_MODEL_INVALID') && !error.message.includes(folder),
    );
    await expect(openOnnxRunner({ file: join(folder, 'absent.onnx') })).rejects.toMatchObject({
      code: 'NII_MODEL_INVALID',
    });
  });
});

/** Not ours, so that it is refused, and whoever installed it is told each tensor that it has. */
async function expectRefusedWithTensors(loaded: LoadedModel): Promise<void> {
  const manifest = manifestOf(new Uint8Array());
  await expect(checkModel(loaded, { manifest }, 20_000)).rejects.toSatisfy(
    (error) =>
      isNiiError(error, 'NII_MODEL_UNKNOWN') &&
      [...loaded.inputs, ...loaded.outputs].every((tensor) => error.message.includes(tensor.name)),
  );
}

describe('a model of another family', () => {
  test.each(foreignSignatures)(
    '$kind loads, and is refused with the list of its tensors',
    async (signature) => {
      const loaded = await open(fileOf('foreign.onnx', modelWith(signature)));
      expect(shapesOf(loaded.inputs)).toEqual(signature.inputs);
      expect(shapesOf(loaded.outputs)).toEqual(signature.outputs);
      await expectRefusedWithTensors(loaded);
    },
  );
});

const shapesOf = (tensors: LoadedModel['inputs']) =>
  Object.fromEntries(tensors.map(({ name, shape }) => [name, shape]));

describe.skipIf(!hasSharedData('onnx'))('published models of other families', () => {
  const files = hasSharedData('onnx')
    ? readdirSync(sharedPath('onnx')).filter((name) => name.endsWith('.onnx'))
    : [];

  test('there are ten of them', () => expect(files.length).toBe(10));

  test.each(files)('%s loads, and is refused with the list of its tensors', async (name) => {
    await expectRefusedWithTensors(await open(sharedPath(`onnx/${name}`)));
  });
});

/** Process ids of the direct children, from /proc. */
async function childrenOf(parent: number): Promise<readonly number[]> {
  const { readFile } = await import('node:fs/promises');
  const text = await readFile(`/proc/${parent}/task/${parent}/children`, 'utf8');
  return text.trim().split(/\s+/).filter(Boolean).map(Number);
}
