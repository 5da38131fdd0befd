/**
 * `npm run measure -- runner [--model FILE.onnx] [--rows 512] [--columns 1536] [--rounds 4] [--json]`: what it costs to run
 * a model outside of the thread that answers requests. Compares a bare session in this thread, one in a worker thread, and
 * the process of the service, on the same input of two channels, by the shipped model unless another one is named.
 *
 * The candidates take turns, so that other work on the machine is in the figures of all. The processor time of a run is of
 * this process and its children. It says more than the clock where others use the machine: the process of the model lets
 * others go first. The figures are in docs/decisions/0004-inference-runner.md.
 */
import { statSync } from 'node:fs';
import { cpus } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { openOnnxRunner } from '../../src/adapters/onnx/runner.ts';
import { treeCpuMs } from '../../src/runtime/process-tree.ts';
import { optionsOf } from './options.ts';

const values = optionsOf(import.meta.url, {
  model: { type: 'string', default: 'models/cargo-anomaly/2/model.onnx' },
  rows: { type: 'string', default: '512' },
  columns: { type: 'string', default: '1536' },
  rounds: { type: 'string', default: '4' },
  json: { type: 'boolean', default: false },
});
const file = values.model;
const shape = [1, 2, Number(values.rows), Number(values.columns)];
const RUNS_A_ROUND = 5;
// as the process of the service has them (src/adapters/onnx/child.ts)
const sessionOptions = { intraOpNumThreads: 1, interOpNumThreads: 1, enableMemPattern: false } as const;

type Run = (data: Float32Array) => Promise<unknown>;
interface Candidate {
  readonly name: string;
  readonly open: () => Promise<{ run: Run; close: () => Promise<unknown> }>;
}

const threadSource = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { InferenceSession, Tensor } = require('onnxruntime-node');
  InferenceSession.create(workerData.file, workerData.sessionOptions).then((session) => {
    parentPort.on('message', async ({ shape, data }) => {
      const results = await session.run({ [session.inputNames[0]]: new Tensor('float32', data, shape) });
      const output = Object.values(results).map((tensor) => tensor.data);
      parentPort.postMessage(output, output.map(({ buffer }) => buffer));
    });
    parentPort.postMessage('ready');
  });`;

const candidates: readonly Candidate[] = [
  {
    name: 'bare session.run, this thread',
    open: async () => {
      const session = await InferenceSession.create(file, sessionOptions);
      const run: Run = (data) =>
        session.run({ [session.inputNames[0] ?? '']: new Tensor('float32', data, shape) });
      return { run, close: () => session.release() };
    },
  },
  {
    name: 'worker thread, buffers handed over',
    open: async () => {
      const worker = new Worker(threadSource, { eval: true, workerData: { file, sessionOptions } });
      const answer = () => new Promise((resolve) => worker.once('message', resolve));
      await answer();
      const run: Run = (data) => {
        worker.postMessage({ shape, data }, [data.buffer as ArrayBuffer]);
        return answer();
      };
      return { run, close: () => worker.terminate() };
    },
  },
  {
    name: 'child process, as the service does',
    open: async () => {
      const runner = await openOnnxRunner({ file });
      const name = runner.inputs[0]?.name ?? '';
      return { run: (data) => runner.run({ [name]: { shape, data } }, 600_000), close: () => runner.close() };
    },
  },
];

interface Figures {
  readonly name: string;
  /** Until the model is loaded, ms. */
  readonly readyMs: number;
  /** Of each run by the clock, and of a run of the processor in each round. */
  readonly clockMs: number[];
  readonly cpuMs: number[];
  /** Of the thread that waits for the run; 99 % are shorter. */
  readonly delayMs: number[];
}

const opened = [];
for (const { name, open } of candidates) {
  const started = performance.now();
  const { run, close } = await open();
  const figures: Figures = {
    name,
    readyMs: performance.now() - started,
    clockMs: [],
    cpuMs: [],
    delayMs: [],
  };
  await run(input());
  opened.push({ run, close, figures });
}
for (let round = 0; round < Number(values.rounds); round += 1) {
  for (const { run, figures } of opened) await measureRound(run, figures);
  console.error(`round ${round + 1} of ${values.rounds}`);
}
for (const { run, figures } of opened) await measureDelay(run, figures);
for (const { close } of opened) await close();

const all = opened.map(({ figures }) => figures);
const [bare] = all;
const rows = all.map((one) => ({
  name: one.name,
  readyMs: rounded(one.readyMs),
  clockMs: rounded(middle(one.clockMs)),
  leastMs: rounded(Math.min(...one.clockMs)),
  cpuMs: rounded(middle(one.cpuMs)),
  addedCpuPercent: rounded(100 * (middle(one.cpuMs) / middle(bare?.cpuMs ?? []) - 1)),
  addedLeastPercent: rounded(100 * (Math.min(...one.clockMs) / Math.min(...(bare?.clockMs ?? [])) - 1)),
  delayMs: rounded(middle(one.delayMs)),
}));
const modelMB = statSync(file).size / 1e6;
const machine = `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, Node ${process.versions.node}`;
if (values.json) console.log(JSON.stringify({ machine, file, modelMB, shape, rows }, null, 2));
else {
  console.log(`${machine}; model of ${modelMB.toFixed(1)} MB, input ${shape.join(' x ')}`);
  console.table(Object.fromEntries(rows.map(({ name, ...row }) => [name, row])));
}

async function measureRound(run: Run, { clockMs, cpuMs }: Figures): Promise<void> {
  const inputs = Array.from({ length: RUNS_A_ROUND }, input);
  const before = await treeCpuMs([process.pid]);
  for (const data of inputs) clockMs.push(await timed(run, data));
  const after = await treeCpuMs([process.pid]);
  cpuMs.push(((after ?? Number.NaN) - (before ?? Number.NaN)) / RUNS_A_ROUND);
}

/** By itself, because a timer that fires each millisecond takes processor time of its own. */
async function measureDelay(run: Run, { delayMs }: Figures): Promise<void> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const inputs = Array.from({ length: RUNS_A_ROUND }, input);
  delay.enable();
  for (const data of inputs) await run(data);
  delay.disable();
  delayMs.push(delay.percentile(99) / 1e6);
}

function middle(some: readonly number[]): number {
  return some.toSorted((a, b) => a - b)[Math.floor(some.length / 2)] ?? Number.NaN;
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

async function timed(run: Run, data: Float32Array): Promise<number> {
  const started = performance.now();
  await run(data);
  return performance.now() - started;
}

function input(): Float32Array {
  const length = shape.reduce((product, side) => product * side, 1);
  return new Float32Array(length).map((_, i) => (i % 1000) / 1000);
}
