import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { issueKey } from '../../features/persons/keys.ts';
import { simulateFiles } from '../../local/simulate.ts';
import {
  clientsOf,
  type EndToEnd,
  measureEndToEnd,
  measureUnderLoad,
  startService,
  type UnderLoad,
} from '../../tools/bench/service.ts';
import {
  type BenchFile,
  measureStages,
  type StageFigures,
  type StepFigure,
} from '../../tools/bench/stages.ts';
import { type CliContext, type Command, exitCode, textOf } from '../command.ts';
import { json, table } from '../text.ts';

/** One lorry of 40 ft at 3.47 mm: 1326 × 3747 samples, high, low and material, 24.8 MB. */
const FS6000 = {
  seed: 7,
  layout: 'nuctech-fs6000',
  container: '40ft',
  pitchMm: 3.47,
  anomalies: [],
} as const;
/** 671 rows of two channels of 16 bits, as the two real R60 scans have that are at hand. */
const R60_LIKE = { seed: 8, layout: 'numpy', container: '20ft', pitchMm: 6.86, anomalies: [] } as const;
const LOAD_SCANS = 3;

export const bench: Command = {
  name: 'bench',
  summary: 'measure every step on this machine',
  options: {
    r60: {
      type: 'string',
      help: '<FILE> a real .npy file of shape [rows, columns, 2], instead of the simulated one',
    },
  },
  notes: [
    'Uses a temporary folder and removes it. Takes one to two minutes.',
    'If FILE has a sidecar, it is used. Without one, the channels are assumed to be high and low energy at 6.86 mm, for timing only.',
    'Figures are medians. Run nothing else at the same time.',
  ],
  async run(context, values) {
    const dir = await mkdtemp(join(tmpdir(), 'nii-bench-'));
    try {
      const scans = await scansToMeasure(context, textOf(values, 'r60'));
      const figures = await measure(context, dir, scans);
      context.terminal.out(values.json === true ? json(figures) : report(figures));
      return exitCode.done;
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  },
};

interface BenchScan {
  readonly name: string;
  readonly files: readonly BenchFile[];
}

interface Figures {
  readonly machine: { readonly node: string; readonly cpu: string; readonly cpus: number };
  /** In an empty folder: the database is made. */
  readonly firstStartMs: number;
  readonly startToReadyMs: number;
  readonly scans: readonly (StageFigures & { readonly name: string; readonly endToEnd: EndToEnd })[];
  readonly underLoad: UnderLoad;
  /** Most that the service, its workers, converters, models and database had at one time; shared pages count once. */
  readonly peakMemoryBytes: number | null;
}

/* ---- What is measured ------------------------------------------------------------------------------------- */

async function scansToMeasure(
  { terminal }: CliContext,
  r60: string | undefined,
): Promise<readonly BenchScan[]> {
  terminal.err('Simulating scans\n');
  const fs6000 = { name: 'FS6000, simulated', files: simulateFiles(FS6000) };
  if (r60 === undefined) return [fs6000, { name: 'R60-like, simulated', files: simulateFiles(R60_LIKE) }];
  return [fs6000, { name: `R60, ${basename(r60)}`, files: await realArray(r60) }];
}

/** For timing only: nothing says which channel is which, or how large a pixel is. */
const guessedSidecar = {
  niiSidecar: '1.0',
  channels: (['high', 'low'] as const).map((energy) => ({ id: energy, kind: 'transmission', energy })),
  pixelPitchMm: { row: R60_LIKE.pitchMm, column: R60_LIKE.pitchMm },
};

async function realArray(path: string): Promise<readonly BenchFile[]> {
  const sidecar = path.replace(/\.npy$/i, '.json');
  const written = await readFile(sidecar).catch(() => Buffer.from(JSON.stringify(guessedSidecar)));
  return [
    { name: basename(path), bytes: new Uint8Array(await readFile(path)) },
    { name: basename(sidecar), bytes: new Uint8Array(written) },
  ];
}

/** The same scan with one sample of its largest file changed and another name: another scan of the same cost. */
function variant({ files }: BenchScan, number: number): readonly BenchFile[] {
  const largest = [...files].sort((a, b) => b.bytes.byteLength - a.bytes.byteLength)[0];
  return files.map((file) => {
    const bytes = file.bytes.slice();
    if (file === largest) bytes[bytes.byteLength - 2 * number] = number;
    return { name: `v${number}${file.name}`, bytes };
  });
}

/* ---- The run ---------------------------------------------------------------------------------------------- */

async function measure(context: CliContext, dir: string, scans: readonly BenchScan[]): Promise<Figures> {
  const env = settingsOf(dir);
  const step = (what: string) => context.terminal.err(`${what}\n`);
  step('Creating the database');
  const first = await startService(context.processes, env, dir);
  await first.stop();
  const { stages, tokens } = await measureInProcess(context, env, scans);
  step('Measuring the service');
  const running = await startService(context.processes, env, dir);
  try {
    const clients = clientsOf(running.address, tokens, context.signal);
    const endToEnd: EndToEnd[] = [];
    for (const { files } of scans) endToEnd.push(await measureEndToEnd(clients, files));
    step('Measuring the service under load');
    const load = Array.from({ length: LOAD_SCANS }, (_, i) =>
      scans.map((scan) => variant(scan, i + 1)),
    ).flat();
    const underLoad = await measureUnderLoad(running.address, clients, load);
    return {
      machine: { node: process.versions.node, cpu: cpus()[0]?.model ?? 'unknown', cpus: cpus().length },
      firstStartMs: first.startToReadyMs,
      startToReadyMs: running.startToReadyMs,
      scans: scans.map(({ name }, i) => joined(name, stages[i], endToEnd[i])),
      underLoad,
      peakMemoryBytes: running.memory.peak ?? null,
    };
  } finally {
    await running.stop();
  }
}

/** Measures the steps in this process, and issues the keys for the service that is measured next. */
async function measureInProcess(
  context: CliContext,
  env: Readonly<Record<string, string>>,
  scans: readonly BenchScan[],
) {
  const service = await context.open(env);
  const token = async (role: 'scanner' | 'supervisor') => {
    const name = `bench ${role}`;
    return (await issueKey(service.deps, { roles: [role], administration: 'bench', site: 'bench', name }))
      .token;
  };
  try {
    const tokens = { scanner: await token('scanner'), viewer: await token('supervisor') };
    const stages: StageFigures[] = [];
    for (const { name, files } of scans) {
      context.terminal.err(`Measuring the steps: ${name}\n`);
      stages.push(await measureStages(service.deps, files));
    }
    return { stages, tokens };
  } finally {
    await service.close();
  }
}

function joined(name: string, stages: StageFigures | undefined, endToEnd: EndToEnd | undefined) {
  if (stages === undefined || endToEnd === undefined) throw new RangeError('a scan was not measured');
  return { name, ...stages, endToEnd };
}

/** The embedded defaults in the folder, with the converters and models of the environment. */
function settingsOf(dir: string): Readonly<Record<string, string>> {
  const kept = ['PATH', 'HOME', 'NII_CONVERTERS_DIR', 'NII_MODELS_DIR'].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  });
  return { ...Object.fromEntries(kept), NII_DATA: dir, NII_PORT: '0', NII_LOG_LEVEL: 'error' };
}

/* ---- In words --------------------------------------------------------------------------------------------- */

function report(figures: Figures): string {
  const { machine, underLoad: load, scans } = figures;
  const lines = [
    `Node ${machine.node}, ${machine.cpus} × ${machine.cpu}`,
    '',
    ...scans.map(scanReport),
    `start to ready            ${figures.startToReadyMs} ms (first start, including the creation of the database: ${figures.firstStartMs} ms)`,
    `under load                ${load.scans} scans in ${load.seconds} s, one worker`,
    `API event-loop delay      p50 ${load.eventLoopDelayMs.p50} ms, p99 ${load.eventLoopDelayMs.p99} ms, max ${load.eventLoopDelayMs.max} ms` +
      ` (idle: p50 ${load.idleEventLoopDelayMs.p50}, p99 ${load.idleEventLoopDelayMs.p99}; the timer itself takes about 10 ms)`,
    `small requests under load ${requestsOf(load.requests)}`,
    `small requests when idle  ${requestsOf(load.idleRequests)}`,
    `total peak memory         ${figures.peakMemoryBytes === null ? 'unknown on this system' : `${Math.round(figures.peakMemoryBytes / 1e6)} MB`} (shared pages counted once)`,
  ];
  return `${lines.join('\n')}\n`;
}

function requestsOf({ count, medianMs, p99Ms, maxMs }: UnderLoad['requests']): string {
  return `${count}: median ${medianMs} ms, p99 ${p99Ms} ms, max ${maxMs} ms`;
}

function scanReport({ name, endToEnd, infer, ...scan }: Figures['scans'][number]): string {
  const rows = [
    row('receive', scan.receive),
    row('convert', scan.convert),
    row('encode', scan.encode),
    row('preview', scan.preview),
    row('store', scan.store),
    'notMeasured' in infer ? ['infer', '', '', '', infer.notMeasured] : row('infer', infer.whole),
  ];
  const model =
    'notMeasured' in infer
      ? ''
      : `${infer.model} at ${infer.shape.join(' × ')}: ${infer.runnerMs} ms in the runner, ${infer.bareMs} ms in a bare session.run, ratio ${infer.ratio}\n`;
  return (
    `${name}: ${megabytes(scan.originalBytes)} MB of originals, ${megabytes(scan.sampleBytes)} MB of samples\n` +
    table(['step', 'MB', 'ms', 'CPU ms', 'MB/s'], rows) +
    model +
    `end to end: acknowledged after ${endToEnd.acknowledgedMs} ms, in the queue after ${endToEnd.queuedMs} ms\n`
  );
}

function row(name: string, { bytes, wallMs, cpuMs, megabytesPerSecond }: StepFigure): readonly string[] {
  return [
    name,
    megabytes(bytes),
    wallMs.toFixed(0),
    cpuMs === null ? '-' : String(cpuMs),
    String(megabytesPerSecond),
  ];
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
