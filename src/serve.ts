import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import type { RunningService } from './cli/command.ts';
import type { Config } from './config.ts';
import { defined } from './core/defined.ts';
import { NiiError } from './core/errors.ts';
import type { JobLeases } from './core/ports/jobs.ts';
import { unmeasured } from './core/ports/metrics.ts';
import type { Log } from './core/ports/process.ts';
import type { Tx } from './core/ports/records.ts';
import type { Transactions } from './core/ports/transactions.ts';
import { securityEvent } from './core/security-event.ts';
import type { SessionTerms } from './core/sign-in/session.ts';
import { connectionBounds } from './http/connections/connection-bounds.ts';
import { builtPage } from './http/pages/workstation.ts';
import type { DemoSignIn } from './http/sign-in/demo.ts';
import { makeLog } from './log.ts';
import { keepClock } from './maintenance/keep-clock.ts';
import { GatheredMetrics } from './metrics/gathered-metrics.ts';
import { readReport } from './metrics/step-metrics.ts';
import { startProgram } from './program.ts';
import { childrenOfAnswers, childrenOfJobs, proveChildren, proveWhenPossible } from './prove-children.ts';
import { findContainment } from './runtime/contain/containment.ts';
import { openFilesLimit } from './runtime/open-files.ts';
import { isLoopback } from './runtime/plain-connections.ts';
import { listenMistake } from './start-mistakes.ts';
import { sha256Hex } from './stored/identity.ts';
import {
  checkPastAtStart,
  logContainment,
  requireContainment,
  warnAtStart,
  warnOfEndingKeys,
  warnOfUnreachableProvider,
} from './warnings.ts';
import { openService } from './wiring.ts';

/** What is in flight may take this long after SIGTERM. */
const DRAIN_SECONDS = 10;
/** A worker that ends by itself so soon after its start may do so again, and is not replaced faster than this. */
const SHORT_LIFE_MS = 10_000;
const RESTART_MS = 1_000;
const DAY_MS = 86_400_000;
/** A worker that does not end in time is killed: its lease ends and its job runs elsewhere. */
const WORKER_STOP_MS = 15_000;

/**
 * Runs the API in this process and the jobs in processes of their own, so that converting and inferring never make
 * a request wait. Ends when the signal is aborted: first the listening, then the workers, then the stores. `ended` is
 * rejected with NII_CHILD_START where a child process that only workers use does not start or is not contained: what was
 * uploaded until then is stored, and no worker has touched it.
 */
export async function serve(
  config: Config,
  signal: AbortSignal,
  version: string,
  demoSignIn?: DemoSignIn,
): Promise<RunningService> {
  if (demoSignIn !== undefined) rejectDemoSignIn(config);
  const log = makeLog(config, 'api');
  const connections = connectionBounds(config.connections, openFilesLimit());
  await requireContainment(config);
  const proof = settle(proveChildren(childrenOfAnswers));
  const service = await openService(config, log, unmeasured, () => void loadInterface());
  const { buildApp, closeGracefully } = await loadInterface();
  await checkPastAtStart(service, config);
  await warnAtStart(service.deps, config, log);
  const measured = new GatheredMetrics();
  const app = buildApp(withDemo(service.deps, demoSignIn), {
    ...defined({ demoSignIn, pageFolder: builtPage() }),
    workers: measured,
    version,
    logger: { level: config.logLevel, stream: process.stderr },
    enableDocs: true,
    connections,
    trustedProxies: config.trustedProxies,
  });
  try {
    await logContainment(log);
    await proof();
    await auditContainment(service.deps.records);
    await app.listen({ host: config.host, port: config.port });
  } catch (error) {
    await service.close();
    throw listenMistake(error, config);
  }
  void warnOfUnreachableProvider(service.deps.signIn?.provider, log);
  const stopped = new AbortController();
  const watching = keepClock(service.deps, stopped.signal);
  const daily = setInterval(() => void warnOfEndingKeys(service.deps, log), DAY_MS).unref();
  const proved = settle(proveWhenPossible(childrenOfJobs, log, signal));
  const workers = settle(
    proved().then(() => runWorkers({ log, measured, jobs: service.deps.jobs }, signal, config)),
  );
  const ended = settle(
    endOf(signal, proved(), async () => {
      clearInterval(daily);
      stopped.abort();
      await closeGracefully(app, DRAIN_SECONDS);
      await Promise.allSettled([workers(), watching]);
      await service.close();
    }),
  );
  return { address: addressOf(app.server, config), service, ended: ended() };
}

function addressOf(server: Server, { host }: Config): string {
  const { port } = server.address() as AddressInfo;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Closes once the signal is aborted or the proof fails. @throws why the proof failed */
async function endOf(signal: AbortSignal, proof: Promise<void>, close: () => Promise<void>): Promise<void> {
  try {
    await Promise.race([proof.then(() => aborted(signal)), aborted(signal)]);
  } finally {
    await close();
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}

/** Work that goes on beside other work; a failure of it is thrown where it is asked for. */
function settle<Result>(work: Promise<Result>): () => Promise<Result> {
  work.catch(() => undefined);
  return () => work;
}

/** It takes long enough to be loaded while the database starts. */
function loadInterface() {
  return import('./http/app.ts');
}

/** @throws NII_CONFIG where the demo would let in strangers, or people without their provider */
function rejectDemoSignIn({ host, oidc }: Config): void {
  if (oidc !== undefined)
    throw new NiiError(
      'NII_CONFIG',
      `Invalid NII_OIDC_ISSUER "${oidc.issuer}": the demo signs in by a link; omit it, or run nii serve`,
    );
  if (isLoopback(host)) return;
  throw new NiiError(
    'NII_CONFIG',
    `Invalid NII_HOST "${host}": anyone with its link can sign in to the demo; omit NII_HOST, or run nii serve`,
  );
}

/** Sessions of this run of the demo count, and no others. */
function withDemo<Deps extends { readonly sessions: SessionTerms }>(deps: Deps, demo?: DemoSignIn): Deps {
  if (demo === undefined) return deps;
  const source = `demo ${sha256Hex(demo.token)}`;
  return { ...deps, publicUrl: undefined, sessions: { ...deps.sessions, source } };
}

async function auditContainment(records: Transactions<Tx<'audit'>>): Promise<void> {
  const { kind, missing } = await findContainment();
  if (kind !== 'none') return;
  await records.transaction((tx) => tx.audit(securityEvent('not contained', '', { missing })));
}

interface WorkersDeps {
  readonly log: Log;
  readonly measured: GatheredMetrics;
  readonly jobs: JobLeases;
}

async function runWorkers(deps: WorkersDeps, signal: AbortSignal, config: Config): Promise<void> {
  await Promise.all(
    Array.from({ length: config.workers }, (_, index) => superviseWorker(deps, index, signal, config)),
  );
}

async function superviseWorker(
  { log, measured, jobs }: WorkersDeps,
  index: number,
  signal: AbortSignal,
  { logLevel }: Config,
): Promise<void> {
  while (!signal.aborted) {
    const name = `worker-${randomUUID()}`;
    const began = performance.now();
    const child = startProgram(
      ['worker', '--parent', String(process.pid), '--name', name],
      { ...process.env, NII_LOG_LEVEL: logLevel },
      'inherit',
    );
    const source = `worker ${child.pid}`;
    child.on('message', (message) => {
      const values = readReport(message);
      if (values !== undefined) measured.take(source, values);
    });
    const exit = once(child, 'exit');
    const stop = () => stopWorker(child);
    signal.addEventListener('abort', stop, { once: true });
    // Without a free file or process the system starts none: the next try may succeed
    const [code, killedBy] = await exit.catch((error: unknown) => [String(error), undefined]);
    signal.removeEventListener('abort', stop);
    await measured.end(source);
    await freeLeases(jobs, name, log);
    if (signal.aborted) return;
    log.warn({ worker: index, code, signal: killedBy }, 'worker ended; starting another');
    if (performance.now() - began < SHORT_LIFE_MS)
      await new Promise((resolve) => setTimeout(resolve, RESTART_MS));
  }
}

/** Where the database is unreachable the leases end by themselves. */
async function freeLeases(jobs: JobLeases, worker: string, log: Log): Promise<void> {
  try {
    const freed = await jobs.freeLeases(worker);
    if (freed > 0) log.warn({ worker, freed }, 'work of an ended worker is repeated');
  } catch (err) {
    log.warn({ worker, err }, 'leases of a worker that ended are left to run out');
  }
}

function stopWorker(child: ChildProcess): void {
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), WORKER_STOP_MS);
  child.once('exit', () => clearTimeout(late));
}
