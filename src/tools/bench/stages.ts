import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { InferenceSession, Tensor as OnnxTensor } from 'onnxruntime-node';
import { runConverter } from '../../convert/run.ts';
import { defined } from '../../core/defined.ts';
import { NiiError } from '../../core/errors.ts';
import type { Limits } from '../../core/limits.ts';
import type { ModelRunner, Tensor } from '../../core/ports/inference.ts';
import type { ObjectWrites } from '../../core/ports/objects.ts';
import { planeInMemory, planesInMemory } from '../../core/scan/plane-source.ts';
import { channelsOf, type ScanWithPlanes } from '../../core/scan/scan.ts';
import { encodeDxParts } from '../../format/dicos/parts.ts';
import { renderPreview } from '../../format/preview.ts';
import { scanJsonBytes } from '../../format/scan-json.ts';
import { analyseScan } from '../../infer/analyse.ts';
import { chooseModels } from '../../infer/choose.ts';
import type { InstalledModel, ModelShelf } from '../../infer/installed/shelf.ts';
import { discardUpload, receiveUpload, type StagedUpload, type StagingDeps } from '../../receive/upload.ts';
import { rejectUnclaimed } from '../../recognise/group.ts';
import { sortIntoScans } from '../../recognise/index-files.ts';
import type { ConverterPackage } from '../../recognise/registry.ts';
import { treeCpuMs } from '../../runtime/process-tree.ts';

/** A file in memory, as a sender would have it. */
export interface BenchFile {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The median run of one step. */
export interface StepFigure {
  readonly bytes: number;
  readonly wallMs: number;
  /** Of this process and its children; null where the system does not tell. In steps of 10 ms. */
  readonly cpuMs: number | null;
  /** Million bytes a second of `bytes`. */
  readonly megabytesPerSecond: number;
  readonly runs: number;
}

export interface InferFigure {
  readonly model: string;
  /** As the model sees it. */
  readonly shape: readonly number[];
  /** Tensor, model and findings together. */
  readonly whole: StepFigure;
  /** The model's runs through the service's runner, and the same input in a bare session.run, same threads. */
  readonly runnerMs: number;
  readonly bareMs: number;
  readonly ratio: number;
}

export interface StageFigures {
  readonly originalBytes: number;
  readonly sampleBytes: number;
  readonly storedBytes: number;
  readonly receive: StepFigure;
  readonly convert: StepFigure;
  readonly encode: StepFigure;
  readonly preview: StepFigure;
  readonly store: StepFigure;
  /** Or why no model looks at this scan. */
  readonly infer: InferFigure | { readonly notMeasured: string };
}

const RUNS = 3;
const INFER_RUNS = 5;
/** A child that has been killed is counted once it has been waited for. */
const REAP_MS = 60;

interface ConvertDeps extends StagingDeps {
  readonly converters: readonly ConverterPackage[];
}

interface InferDeps {
  readonly limits: Limits;
  readonly converters: readonly ConverterPackage[];
  readonly models: Pick<ModelShelf, 'installed'>;
}

export interface StageDeps extends ConvertDeps, InferDeps {
  readonly objects: ObjectWrites;
}

/** Each step of one scan on its own, with nothing else going on. */
export async function measureStages(deps: StageDeps, files: readonly BenchFile[]): Promise<StageFigures> {
  const originalBytes = files.reduce((total, { bytes }) => total + bytes.byteLength, 0);
  const received = await measureReceive(deps, files, originalBytes);
  try {
    const { result, figure: convert } = await measureConvert(deps, received.upload, originalBytes);
    const sampleBytes = [...result.planes.values()].reduce((total, plane) => total + plane.byteLength, 0);
    const dicos = await timed(RUNS, sampleBytes, () => encodeAll(result));
    const preview = await timed(RUNS, sampleBytes, () => renderPreview(result));
    const objects = [
      ...files.map(({ bytes }) => bytes),
      ...dicos.last,
      scanJsonBytes(result.scan),
      ...(preview.last === undefined ? [] : [preview.last.preview, preview.last.thumbnail]),
    ];
    const store = await measureStore(deps, objects);
    return {
      originalBytes,
      sampleBytes,
      storedBytes: store.bytes,
      receive: received.figure,
      convert,
      encode: dicos.figure,
      preview: preview.figure,
      store,
      infer: await measureInfer(deps, result, sampleBytes),
    };
  } finally {
    await discardUpload(received.upload);
  }
}

/* ---- The steps -------------------------------------------------------------------------------------------- */

async function measureReceive(deps: StagingDeps, files: readonly BenchFile[], bytes: number) {
  const uploads: StagedUpload[] = [];
  const { figure, last } = await timed(RUNS, bytes, async () => {
    const upload = await receiveUpload(deps, partsOf(files), 'bench');
    uploads.push(upload);
    return upload;
  });
  for (const upload of uploads) if (upload !== last) await discardUpload(upload);
  return { figure, upload: last };
}

const CHUNK_BYTES = 65_536;

/** In chunks as they come from a socket. */
async function* partsOf(files: readonly BenchFile[]) {
  for (const { name, bytes } of files) yield { name, stream: chunksOf(bytes) };
}

async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.byteLength; from += CHUNK_BYTES)
    yield bytes.subarray(from, from + CHUNK_BYTES);
}

/** In the guarded child process, its start included, as the service does it. */
async function measureConvert(deps: ConvertDeps, { files }: StagedUpload, bytes: number) {
  const grouped = await sortIntoScans(files, deps.converters, deps.limits);
  rejectUnclaimed(grouped);
  const [group] = grouped.groups;
  const converter = deps.converters.find(({ manifest }) => manifest.id === group?.converter.id);
  if (group === undefined || converter === undefined)
    throw new NiiError('NII_UNKNOWN_FORMAT', 'No installed converter recognises the file to measure');
  const { figure, last } = await timed(RUNS, bytes, async () => {
    await mkdir(deps.stagingDir, { recursive: true });
    const workDir = await mkdtemp(join(deps.stagingDir, 'bench-'));
    try {
      return await runConverter({ converter, files: group.files, workDir, limits: deps.limits });
    } finally {
      await rm(workDir, { recursive: true, force: true });
    }
  });
  return { figure, result: last };
}

async function encodeAll(result: ScanWithPlanes): Promise<readonly Uint8Array[]> {
  const ids = {
    scanId: 'bench',
    revision: 1,
    administration: 'bench',
    site: 'bench',
    receivedAt: '2026-01-01T00:00:00.000Z',
  };
  const encoded: Uint8Array[] = [];
  for (const { view, channel, key } of channelsOf(result.scan)) {
    const plane = result.planes.get(key);
    if (plane === undefined) throw new NiiError('NII_CONVERTER_INCONSISTENT', `No samples for ${key}`);
    const input = {
      scan: result.scan,
      viewId: view.id,
      channelId: channel.id,
      plane: planeInMemory(plane),
      ids,
    };
    for await (const { bytes } of encodeDxParts(input)) encoded.push(bytes);
  }
  return encoded;
}

/** Durably, as every step does; the objects are removed again. */
async function measureStore(
  { objects }: { readonly objects: ObjectWrites },
  bodies: readonly Uint8Array[],
): Promise<StepFigure> {
  const bytes = bodies.reduce((total, body) => total + body.byteLength, 0);
  const keys = bodies.map((_, i) => `bench/${process.pid}/${i}`);
  const { figure } = await timed(RUNS, bytes, async () => {
    for (const [i, body] of bodies.entries())
      await objects.put(keys[i] ?? 'bench/none', body, 'application/octet-stream');
  });
  for (const key of keys) await objects.remove(key);
  return figure;
}

/* ---- Inference -------------------------------------------------------------------------------------------- */

async function measureInfer(
  deps: InferDeps,
  scan: ScanWithPlanes,
  bytes: number,
): Promise<StageFigures['infer']> {
  const { installed } = deps.models;
  const choice = chooseModels(
    scan.scan,
    installed.map(({ pkg }) => pkg),
  );
  if ('reason' in choice) return { notMeasured: choice.reason };
  const model = installed.find(({ pkg }) => pkg === choice.models[0]);
  if (model === undefined) throw new NiiError('NII_INTERNAL', 'the chosen model is not installed');
  const watched = watchedRunner(model);
  const converter = deps.converters.find(({ manifest }) => manifest.id === scan.scan.converter.id);
  const assumedHeightMm = converter?.manifest.defaults?.assumedHeightMm;
  const options = {
    timeoutMs: deps.limits.inferSeconds * 1000,
    ...defined({ assumedHeightMm }),
  };
  const analyse = () =>
    analyseScan(watched.runner, { scan: scan.scan, planes: planesInMemory(scan.planes) }, model.pkg, options);
  const { analysis } = await analyse();
  if (analysis.status === 'not-analysed')
    return { notMeasured: analysis.reason ?? 'the model analysed nothing' };
  const { figure: whole } = await timed(INFER_RUNS, bytes, () => {
    watched.begin();
    return analyse();
  });
  const runnerMs = median(watched.totals());
  const bareMs = await measureBare(model, watched.inputs());
  const { id, version } = model.pkg.manifest;
  const shape = [...(Object.values(watched.inputs()[0] ?? {})[0]?.shape ?? [])];
  return { model: `${id}@${version}`, shape, whole, runnerMs, bareMs, ratio: round(runnerMs / bareMs, 3) };
}

type Feeds = Readonly<Record<string, Tensor>>;

/** The service's runner, with the time of its runs and what was put in. */
function watchedRunner(model: InstalledModel) {
  let inputs: Feeds[] = [];
  const times: number[] = [];
  const runner: ModelRunner = {
    run: async (input, timeoutMs) => {
      inputs.push(input);
      return model.use(async (inner) => {
        const started = performance.now();
        const output = await inner.run(input, timeoutMs);
        times.push((times.pop() ?? 0) + performance.now() - started);
        return output;
      });
    },
    close: async () => {},
  };
  const begin = () => {
    inputs = [];
    times.push(0);
  };
  // The first total is of the run that warmed up.
  return { runner, begin, inputs: () => inputs, totals: () => times.slice(1) };
}

/** The very same tensors, one thread, in this process: what the runtime alone takes. */
async function measureBare(model: InstalledModel, inputs: readonly Feeds[]): Promise<number> {
  const session = await InferenceSession.create(model.pkg.path, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    logSeverityLevel: 3,
  });
  try {
    const runAll = async () => {
      const started = performance.now();
      for (const input of inputs) await session.run(feedsOf(input));
      return performance.now() - started;
    };
    await runAll();
    const times: number[] = [];
    for (let i = 0; i < INFER_RUNS; i += 1) times.push(await runAll());
    return median(times);
  } finally {
    await session.release();
  }
}

function feedsOf(input: Feeds) {
  const entries = Object.entries(input).map(([name, { data, shape }]) => [
    name,
    new OnnxTensor('float32', data, shape),
  ]);
  return Object.fromEntries(entries);
}

/* ---- Measuring -------------------------------------------------------------------------------------------- */

/** What one step leaves is not collected while the next one is measured. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc()');
}

async function timed<T>(
  runs: number,
  bytes: number,
  work: () => Promise<T>,
): Promise<{ readonly figure: StepFigure; readonly last: T }> {
  const wall: number[] = [];
  const cpu: number[] = [];
  let last: T | undefined;
  collectGarbage();
  for (let i = 0; i < runs; i += 1) {
    const cpuBefore = await treeCpuMs([process.pid]);
    const started = performance.now();
    last = await work();
    wall.push(performance.now() - started);
    await sleep(REAP_MS);
    const cpuAfter = await treeCpuMs([process.pid]);
    if (cpuBefore !== undefined && cpuAfter !== undefined) cpu.push(cpuAfter - cpuBefore);
  }
  if (last === undefined && runs < 1) throw new NiiError('NII_INTERNAL', 'nothing was measured');
  const wallMs = median(wall);
  return {
    // It ran at least once.
    last: last as T,
    figure: {
      bytes,
      wallMs,
      cpuMs: cpu.length === 0 ? null : median(cpu),
      megabytesPerSecond: round(bytes / 1000 / wallMs, 1),
      runs,
    },
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return round(sorted[Math.floor(sorted.length / 2)] ?? Number.NaN, 2);
}

function round(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}
