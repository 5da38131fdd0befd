/**
 * What it costs to run a model outside of the API's thread: `npx tsx scripts/measure/runner.ts model.onnx [rows columns]`.
 * Compares a bare session in this thread, one in a worker thread, and the service's child process, on the same input.
 * Figures are in docs/decisions/0004-inference-runner.md.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { openOnnxRunner } from '../../src/adapters/onnx/runner.ts';

const [file = '', rows = '448', columns = '1792'] = process.argv.slice(2);
const shape = [1, 2, Number(rows), Number(columns)];
const ROUNDS = 20;
const sessionOptions = { intraOpNumThreads: 1, interOpNumThreads: 1 };

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

for (const { name, open } of candidates) {
  const started = performance.now();
  const { run, close } = await open();
  const ready = performance.now() - started;
  await run(input());
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const times: number[] = [];
  for (let i = 0; i < ROUNDS; i++) times.push(await timed(run));
  delay.disable();
  times.sort((a, b) => a - b);
  const figures = {
    ready,
    least: times[0] ?? 0,
    median: times[ROUNDS / 2] ?? 0,
    p99: delay.percentile(99) / 1e6,
  };
  console.log(
    `${name}: ready in ${figures.ready.toFixed(0)} ms; a run ${figures.median.toFixed(1)} ms (least ${figures.least.toFixed(1)}); event loop delay p99 ${figures.p99.toFixed(1)} ms`,
  );
  await close();
}

async function timed(run: Run): Promise<number> {
  const data = input();
  const started = performance.now();
  await run(data);
  return performance.now() - started;
}

function input(): Float32Array {
  const length = shape.reduce((product, side) => product * side, 1);
  return new Float32Array(length).map((_, i) => (i % 1000) / 1000);
}
