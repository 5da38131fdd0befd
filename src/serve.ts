import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import pino from 'pino';
import { keepAudit } from './audit/keep-audit.ts';
import { AuditStream, type StreamDeps } from './audit/siem/stream.ts';
import type { RunningService, SupervisedWorker } from './cli/command.ts';
import type { Config } from './config.ts';
import { defined } from './core/defined.ts';
import { NiiError, problemOf } from './core/errors.ts';
import type { IdentityProvider } from './core/ports/identity-provider.ts';
import type { JobLeases } from './core/ports/jobs.ts';
import type { Log } from './core/ports/process.ts';
import type { Audit, AuditProtection } from './core/ports/records/audit.ts';
import type { Keys } from './core/ports/records/keys.ts';
import type { Identities } from './core/ports/records/persons.ts';
import type { Siem } from './core/ports/siem.ts';
import type { TimedRecords } from './core/ports/stores.ts';
import type { Transactions } from './core/ports/transactions.ts';
import { securityEvent } from './core/security-event.ts';
import type { SessionTerms } from './core/sign-in/session.ts';
import type { AuthenticateTx } from './decide/authenticate.ts';
import { unlinkedByAdministration } from './decide/persons.ts';
import { buildApp, closeGracefully } from './http/app.ts';
import { connectionBounds } from './http/connections/connection-bounds.ts';
import { builtPage } from './http/pages/workstation.ts';
import type { DemoSignIn } from './http/sign-in/demo.ts';
import { buildWorkerApp } from './http/worker-app.ts';
import { GatheredMetrics } from './metrics/gathered-metrics.ts';
import { type Measured, measureSteps } from './metrics/step-metrics.ts';
import { readReport, reportToParent } from './metrics/worker-report.ts';
import { adoptOldUploads } from './receive/resumable/old-spool.ts';
import { findContainment } from './runtime/contain/containment.ts';
import { openFilesLimit } from './runtime/open-files.ts';
import { isLoopback, isPlainAddress } from './runtime/plain-connections.ts';
import { listenMistake } from './start-mistakes.ts';
import { isFormer } from './steps/lane-signature.ts';
import { runWorker } from './steps/worker.ts';
import { sha256Hex } from './stored/identity.ts';
import { openService } from './wiring.ts';

/** What is in flight may take this long after SIGTERM. */
const DRAIN_SECONDS = 10;
/** A worker that ends by itself so soon after its start may do so again, and is not replaced faster than this. */
const SHORT_LIFE_MS = 10_000;
const RESTART_MS = 1_000;
/** How often a worker looks whether the process that started it is still there. */
const PARENT_LOOK_MS = 500;
/** A worker that does not end in time is killed: its lease ends and its job runs elsewhere. */
const WORKER_STOP_MS = 15_000;

export function makeLog(config: Config, name: string): Log {
  const level = config.logLevel;
  return pino(
    { name, level, redact: ['req.headers.authorization', 'req.headers.cookie'] },
    pino.destination({ dest: 2, sync: false }),
  );
}

/**
 * Runs the API in this process and the jobs in processes of their own, so that converting and inferring never make
 * a request wait. Ends when the signal is aborted: first the listening, then the workers, then the stores.
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
  const service = await openService(config, log);
  await warnOfRights(service.deps.records, config, log);
  await warnOfUnlinked(service.deps, log);
  warnOfRoot(config, log);
  warnOfPlainConnections(config, log);
  warnOfFormerSecret(config, log);
  const measured = new GatheredMetrics();
  const app = buildApp(withDemo(service.deps, demoSignIn), {
    ...defined({ demoSignIn }),
    workers: measured,
    version,
    logger: { level: config.logLevel, stream: process.stderr },
    enableDocs: true,
    ...defined({ pageFolder: builtPage() }),
    connections,
    trustedProxies: config.trustedProxies,
  });
  try {
    await logContainment(log);
    await auditContainment(service.deps.records);
    await adoptOldUploads(service.deps, config.stagingDir);
    await app.listen({ host: config.host, port: config.port });
    void warnOfAwayProvider(service.deps.signIn?.provider, log);
  } catch (error) {
    await service.close();
    throw listenMistake(error, config);
  }
  const workers = Array.from({ length: config.workers }, (_, i) =>
    superviseWorker({ log, index: i, measured, jobs: service.deps.jobs }, signal, config),
  );
  const ended = (async () => {
    if (!signal.aborted) await once(signal, 'abort');
    await closeGracefully(app, DRAIN_SECONDS);
    await Promise.all(workers);
    await service.close();
  })();
  const { port } = app.server.address() as AddressInfo;
  const host = config.host.includes(':') ? `[${config.host}]` : config.host;
  return { address: `http://${host}:${port}`, service, ended };
}

/** Who is signed in goes on working without the provider, so it stops no start; each sign-in asks it again. */
async function warnOfAwayProvider(provider: IdentityProvider | undefined, log: Log): Promise<void> {
  try {
    await provider?.ready();
  } catch (error) {
    const { code, detail } = problemOf(error);
    log.warn(
      { code, detail },
      'nobody can sign in until the identity provider answers; each sign-in retries',
    );
  }
}

/** @throws NII_CONFIG where the demo would let in strangers, or people without their provider */
function rejectDemoSignIn({ host, oidc }: Config): void {
  if (oidc !== undefined)
    throw new NiiError(
      'NII_CONFIG',
      `Invalid NII_OIDC_ISSUER "${oidc.issuer}": the demo signs in by a link; leave it out, or run nii serve`,
    );
  if (isLoopback(host)) return;
  throw new NiiError(
    'NII_CONFIG',
    `Invalid NII_HOST "${host}": the demo lets in everybody with its link; leave NII_HOST out, or run nii serve`,
  );
}

/** Sessions of this run of the demo count, and no others. */
function withDemo<Deps extends { readonly sessions: SessionTerms }>(deps: Deps, demo?: DemoSignIn): Deps {
  if (demo === undefined) return deps;
  const source = `demo ${sha256Hex(demo.token)}`;
  return { ...deps, publicUrl: undefined, sessions: { ...deps.sessions, source } };
}

/** Whoever takes over a process of root has the machine. */
function warnOfRoot({ allowRoot }: Config, log: Log): void {
  if (process.getuid?.() === 0 && !allowRoot)
    log.warn({}, 'the service runs as root; run it as a user of its own, or set NII_ALLOW_ROOT=1');
}

/** Keys and scans go over the wire as they are where no TLS is spoken. */
function warnOfPlainConnections({ host, lane, objects }: Config, log: Log): void {
  if (!isLoopback(host))
    log.warn({ host }, 'NII_HOST is open to other machines, without TLS; put a proxy with TLS before it');
  const addresses = {
    NII_LANE_URL: lane?.url,
    NII_S3_URL: objects.kind === 's3' ? objects.endPoint : undefined,
  };
  for (const [setting, address] of Object.entries(addresses)) {
    const url = URL.parse(address ?? '');
    if (url !== null && isPlainAddress(url))
      log.warn({ setting }, 'another machine is spoken to without TLS; use https');
  }
}

async function warnOfUnlinked(deps: TimedRecords<Keys & Identities>, log: Log): Promise<void> {
  const unlinked = await unlinkedByAdministration(deps);
  if (Object.keys(unlinked).length === 0) return;
  const text =
    'unlinked persons give no second reading and are no second officer; link them with nii persons link';
  log.warn({ unlinked }, text);
}

function warnOfFormerSecret({ lane }: Config, log: Log): void {
  if (lane?.secrets.some(isFormer))
    log.warn(
      {},
      'NII_LANE_SECRET is in its form of before: from 0.3 on it is whsec_ and base64; see docs/lane.md',
    );
}

/** The audit is worth as much as the rights of the service allow. */
async function warnOfRights(protection: AuditProtection, { records }: Config, log: Log): Promise<void> {
  if (await protection.mayRewriteAudit())
    log.warn(
      {},
      'the role in NII_DATABASE_URL may change the audit; give services a lesser one (nii migrate)',
    );
  if (records.kind === 'server' && records.ownerUrl !== undefined)
    log.warn({}, 'NII_DATABASE_OWNER_URL is for nii migrate alone; take it from the settings of the service');
}

/** Says how well this machine lets us contain the processes that read files of strangers. */
async function logContainment(log: Log): Promise<void> {
  const { kind, missing } = await findContainment();
  if (kind === 'none') log.warn({ missing }, 'not contained');
  else log.info({ way: kind, missing }, 'contained');
}

async function auditContainment(records: Transactions<Audit>): Promise<void> {
  const { kind, missing } = await findContainment();
  if (kind !== 'none') return;
  await records.transaction((tx) => tx.audit(securityEvent('not contained', '', { missing })));
}

/** Runs jobs in this process until the signal, or until the process that started it is gone. */
export async function work(
  config: Config,
  signal: AbortSignal,
  { parent, name = `worker-${randomUUID()}` }: SupervisedWorker = {},
): Promise<void> {
  const log = makeLog(config, 'worker');
  const orphaned = new AbortController();
  const watch = setInterval(() => {
    if (parent !== undefined && process.ppid !== parent) orphaned.abort();
  }, PARENT_LOOK_MS);
  const until = AbortSignal.any([signal, orphaned.signal]);
  const steps = measureSteps();
  const endReports = reportToParent(steps);
  try {
    const service = await openService(config, log, steps);
    await logContainment(log);
    service.deps.converterChildren.prepare();
    if (parent === undefined) warnOfRoot(config, log);
    if (parent === undefined) await warnOfRights(service.deps.records, config, log);
    const closeMetrics =
      parent === undefined ? await offerMetrics(config, service.deps, steps) : async () => {};
    const jobs = runWorker(service.deps, name, until);
    await Promise.all([jobs, keepAudit(service.deps, until, streamOf(service.deps))])
      .finally(endReports)
      .finally(closeMetrics)
      .finally(() => service.close());
  } finally {
    clearInterval(watch);
  }
}

/** A worker that no API started answers Prometheus itself, where a port is set. @returns what ends it */
async function offerMetrics(
  { host, workerMetricsPort }: Config,
  deps: TimedRecords<AuthenticateTx>,
  steps: Measured,
): Promise<() => Promise<void>> {
  if (workerMetricsPort === undefined) return async () => {};
  const app = buildWorkerApp(deps, steps);
  await app.listen({ host, port: workerMetricsPort });
  return () => app.close();
}

/** Undefined where no SIEM is set. */
function streamOf({ siem, ...deps }: Omit<StreamDeps, 'siem'> & { readonly siem: Siem | undefined }) {
  return siem === undefined ? undefined : new AuditStream({ ...deps, siem });
}

interface WorkerPlace {
  readonly log: Log;
  readonly index: number;
  readonly measured: GatheredMetrics;
  readonly jobs: JobLeases;
}

async function superviseWorker(
  { log, index, measured, jobs }: WorkerPlace,
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
    if (freed > 0) log.warn({ worker, freed }, 'work of a worker that ended is done anew');
  } catch (err) {
    log.warn({ worker, err }, 'leases of a worker that ended are left to run out');
  }
}

/**
 * This program again with other arguments, with a channel for messages where its output is this one's;
 * through tsx where this one runs from them.
 */
export function startProgram(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  output: 'inherit' | 'pipe',
): ChildProcess {
  const here = fileURLToPath(import.meta.url);
  const main = fileURLToPath(new URL(`./main${extname(here)}`, import.meta.url));
  const execArgv = extname(here) === '.ts' ? ['--import', createRequire(here).resolve('tsx')] : [];
  const channel = output === 'inherit' ? (['ipc'] as const) : [];
  return spawn(process.execPath, [...execArgv, main, ...args], {
    env,
    stdio: ['ignore', output, output, ...channel],
  });
}

function stopWorker(child: ChildProcess): void {
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), WORKER_STOP_MS);
  child.once('exit', () => clearTimeout(late));
}
