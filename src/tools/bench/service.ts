import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { NiiError } from '../../core/errors.ts';
import { treeMemoryBytes } from '../../runtime/process-tree.ts';
import { type Client, openClient } from '../client.ts';
import { type BenchFile, median } from './stages.ts';

/** The service as a process of its own, measured from outside. */
export interface BenchService {
  readonly address: string;
  /** From the start of the process to its first answer that it is ready. */
  readonly startToReadyMs: number;
  readonly memory: MemoryWatch;
  stop(): Promise<void>;
}

/** Starts this program again, with exactly these settings. */
interface Starts {
  start(args: readonly string[], env: Readonly<Record<string, string>>): ChildProcess;
}

const READY_MS = 60_000;

/** @throws NII_INTERNAL when it does not get ready in time */
export async function startService(
  processes: Starts,
  env: Readonly<Record<string, string>>,
  dataDir: string,
): Promise<BenchService> {
  const started = performance.now();
  const child = processes.start(['serve', '--json'], env);
  child.stderr?.resume();
  const address = await addressOf(child);
  await untilReady(address);
  const startToReadyMs = Math.round(performance.now() - started);
  const memory = new MemoryWatch(child.pid ?? 0, dataDir);
  return {
    address,
    startToReadyMs,
    memory,
    stop: async () => {
      await memory.stop();
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    },
  };
}

async function addressOf(child: ChildProcess): Promise<string> {
  let text = '';
  const found = (async () => {
    for await (const chunk of child.stdout ?? []) {
      text += String(chunk);
      const address = /"address":"([^"]+)"/.exec(text)?.[1];
      if (address !== undefined) return address;
    }
    return undefined;
  })();
  const address = await Promise.race([found, sleep(READY_MS, undefined, { ref: false })]);
  if (address !== undefined) return address;
  child.kill('SIGKILL');
  throw new NiiError('NII_INTERNAL', 'The service did not start');
}

async function untilReady(address: string): Promise<void> {
  const deadline = Date.now() + READY_MS;
  while (Date.now() < deadline) {
    const answer = await fetch(`${address}/v1/health/ready`);
    await answer.arrayBuffer();
    if (answer.ok) return;
    await sleep(5);
  }
  throw new NiiError('NII_INTERNAL', 'The service did not become ready');
}

const SAMPLE_MS = 250;

/** Looks at the memory of the service's processes and of its database until it is stopped. */
export class MemoryWatch {
  readonly #serviceId: number;
  readonly #lockFile: string;
  #peak: number | undefined;
  #stopped = false;
  readonly #done: Promise<void>;

  constructor(serviceId: number, dataDir: string) {
    this.#serviceId = serviceId;
    this.#lockFile = join(dataDir, 'postgres/cluster/pgdata/postmaster.pid');
    this.#done = this.#watch();
  }

  /** Bytes; undefined where the system does not tell. */
  get peak(): number | undefined {
    return this.#peak;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#done;
  }

  async #watch(): Promise<void> {
    const database = Number((await readFile(this.#lockFile, 'utf8').catch(() => '')).split('\n')[0]);
    const roots = [this.#serviceId, ...(database > 0 ? [database] : [])];
    while (!this.#stopped) {
      const bytes = await treeMemoryBytes(roots);
      if (bytes === undefined) return;
      this.#peak = Math.max(this.#peak ?? 0, bytes);
      await sleep(SAMPLE_MS);
    }
  }
}

/* ---- Measuring over the interface -------------------------------------------------------------------------- */

export interface Clients {
  readonly scanner: Client;
  readonly viewer: Client;
}

export function clientsOf(
  address: string,
  tokens: { readonly scanner: string; readonly viewer: string },
  signal: AbortSignal,
): Clients {
  return {
    scanner: openClient(address, tokens.scanner, signal),
    viewer: openClient(address, tokens.viewer, signal),
  };
}

export interface EndToEnd {
  /** From the first byte sent to the answer that the scan is safe. */
  readonly acknowledgedMs: number;
  /** From the first byte sent to its case in the queue. */
  readonly queuedMs: number;
}

const QUEUE_MS = 90_000;

export async function measureEndToEnd(
  { scanner, viewer }: Clients,
  files: readonly BenchFile[],
): Promise<EndToEnd> {
  const started = performance.now();
  const scanIds = (await scanner.upload(files)).map(({ scanId }) => scanId);
  const acknowledgedMs = Math.round(performance.now() - started);
  await untilQueued(viewer, scanIds, 25);
  return { acknowledgedMs, queuedMs: Math.round(performance.now() - started) };
}

async function untilQueued(viewer: Client, scanIds: readonly string[], everyMs: number): Promise<void> {
  const deadline = Date.now() + QUEUE_MS;
  while (Date.now() < deadline) {
    const queued = new Set((await viewer.queue(['queued'])).map(({ scanId }) => scanId));
    if (scanIds.every((scanId) => queued.has(scanId))) return;
    await sleep(everyMs);
  }
  throw new NiiError('NII_INTERNAL', 'A scan did not reach the queue in time');
}

export interface UnderLoad {
  readonly scans: number;
  readonly seconds: number;
  /** Of the API's event loop, from perf_hooks in that process; its own timer is part of it (about 10 ms). */
  readonly eventLoopDelayMs: Delays;
  readonly idleEventLoopDelayMs: Delays;
  /** Of small requests sent meanwhile, as their sender sees it. */
  readonly requests: RequestTimes;
  /** Of the same requests before. */
  readonly idleRequests: RequestTimes;
}

interface RequestTimes {
  readonly count: number;
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

interface Delays {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

const REQUEST_EVERY_MS = 50;
const IDLE_MS = 2_000;

/** Sends scans one after the other while the workers convert and infer, and watches how the API answers. */
export async function measureUnderLoad(
  address: string,
  { scanner, viewer }: Clients,
  uploads: readonly (readonly BenchFile[])[],
): Promise<UnderLoad> {
  // The histogram starts anew with each look at the metrics.
  await viewer.metrics();
  const idle = watchRequests(address);
  await sleep(IDLE_MS);
  const idleRequests = requestFigures(await idle.stop());
  const idleEventLoopDelayMs = delaysOf(await viewer.metrics());
  const started = performance.now();
  const small = watchRequests(address);
  const scanIds: string[] = [];
  for (const files of uploads) scanIds.push(...(await scanner.upload(files)).map(({ scanId }) => scanId));
  await untilQueued(viewer, scanIds, 250);
  const times = await small.stop();
  const seconds = Math.round(performance.now() - started) / 1000;
  const eventLoopDelayMs = delaysOf(await viewer.metrics());
  return {
    scans: uploads.length,
    seconds,
    eventLoopDelayMs,
    idleEventLoopDelayMs,
    requests: requestFigures(times),
    idleRequests,
  };
}

function delaysOf(metrics: string): Delays {
  const ms = (name: string) => {
    const found = new RegExp(`^nodejs_eventloop_lag_${name}_seconds (\\S+)$`, 'm').exec(metrics)?.[1];
    return Math.round(Number(found) * 1e5) / 100;
  };
  return { p50: ms('p50'), p99: ms('p99'), max: ms('max') };
}

function watchRequests(address: string) {
  const times: number[] = [];
  let stopped = false;
  const done = (async () => {
    while (!stopped) {
      const started = performance.now();
      const answer = await fetch(`${address}/v1/health/live`);
      await answer.arrayBuffer();
      times.push(performance.now() - started);
      await sleep(REQUEST_EVERY_MS);
    }
  })();
  return {
    stop: async () => {
      stopped = true;
      await done;
      return times;
    },
  };
}

function requestFigures(times: readonly number[]): RequestTimes {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number) =>
    Math.round((sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN) * 100) / 100;
  return { count: times.length, medianMs: median(times), p99Ms: at(0.99), maxMs: at(1) };
}
