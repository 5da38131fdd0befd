import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openOnnxRunner } from '../../../src/adapters/onnx/runner.ts';
import { simulateFiles } from '../../../src/local/simulate.ts';
import { treeCpuMs, treeMemoryBytes } from '../../../src/runtime/process-tree.ts';
import { measureStages } from '../../../src/tools/bench/stages.ts';
import { type Harness, openHarness } from '../../support/harness.ts';
import { manifestOf, opacityModel } from '../../support/infer/models.ts';
import { shelfOf } from '../../support/infer/shelf.ts';

let harness: Harness;
let dir: string;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'nii-bench-test-'));
  const file = opacityModel(2);
  const path = join(dir, 'model.onnx');
  writeFileSync(path, file);
  const runner = await openOnnxRunner({ file: path });
  const pkg = { manifest: manifestOf(file), path };
  harness = await openHarness({ deps: { models: await shelfOf([{ pkg, runner: async () => runner }]) } });
});

afterAll(async () => {
  await harness.close();
  rmSync(dir, { recursive: true });
});

test('every step is measured over the bytes that it handles, and leaves nothing behind', async () => {
  const files = simulateFiles({
    seed: 4,
    layout: 'numpy',
    container: '20ft',
    cargo: 'drums',
    anomalies: [],
    pitchMm: 20,
  });
  const figures = await measureStages(harness.deps, files);
  const originals = files.reduce((total, { bytes }) => total + bytes.byteLength, 0);
  expect(figures.originalBytes).toBe(originals);
  for (const name of ['receive', 'convert', 'encode', 'preview', 'store'] as const) {
    const { wallMs, megabytesPerSecond, bytes, cpuMs } = figures[name];
    expect(wallMs, name).toBeGreaterThan(0);
    expect(megabytesPerSecond, name).toBeCloseTo(bytes / 1000 / wallMs, 0);
    if (process.platform === 'linux') expect(cpuMs, name).toBeGreaterThanOrEqual(0);
  }
  expect(figures.receive.bytes).toBe(originals);
  expect(figures.storedBytes).toBeGreaterThan(originals);
  expect(figures.infer).toMatchObject({ model: 'opacity@1', whole: { runs: 5 } });
  if ('ratio' in figures.infer) {
    expect(figures.infer.shape.slice(0, 2)).toEqual([1, 2]);
    expect(figures.infer.runnerMs / figures.infer.bareMs).toBeCloseTo(figures.infer.ratio, 1);
  }
  const left = [];
  for await (const { key } of harness.deps.objects.list('')) if (!key.startsWith('persons/')) left.push(key);
  expect(left).toEqual([]);
});

test.skipIf(process.platform !== 'linux')(
  'a process that works is seen in the CPU time and memory of its parent',
  async () => {
    const [cpuBefore = 0, memoryBefore = 0] = [
      await treeCpuMs([process.pid]),
      await treeMemoryBytes([process.pid]),
    ];
    const script =
      'const hold = Buffer.alloc(400e6, 1); const end = Date.now() + 700; while (Date.now() < end); process.stdout.write("x"); setTimeout(() => hold, 60000)';
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'ignore'] });
    await once(child.stdout, 'data');
    expect((await treeMemoryBytes([process.pid])) ?? 0).toBeGreaterThan(memoryBefore + 140e6);
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    expect(((await treeCpuMs([process.pid])) ?? 0) - cpuBefore).toBeGreaterThan(100);
  },
);

test('a scan that the model does not look at is measured but for that, with the reason', async () => {
  const files = simulateFiles({
    seed: 4,
    layout: 'ase',
    container: '20ft',
    cargo: 'drums',
    anomalies: [],
  });
  const { infer, convert } = await measureStages(harness.deps, files);
  expect(infer).toEqual({ notMeasured: expect.stringMatching(/high-energy/) });
  expect(convert.wallMs).toBeGreaterThan(0);
});
