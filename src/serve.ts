import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { RunningService } from './cli/command.ts';
import type { Config } from './config.ts';
import { endingKeys } from './core/access.ts';
import { defined } from './core/defined.ts';
import { NiiError, problemOf } from './core/errors.ts';
import type { IdentityProvider } from './core/ports/identity-provider.ts';
import type { JobLeases } from './core/ports/jobs.ts';
import { unmeasured } from './core/ports/metrics.ts';
import type { Log } from './core/ports/process.ts';
import type { Tx } from './core/ports/records.ts';
import type { TimedRecords } from './core/ports/stores.ts';
import type { Transactions } from './core/ports/transactions.ts';
import { securityEvent } from './core/security-event.ts';
import type { SessionTerms } from './core/sign-in/session.ts';
import { unlinkedByAdministration } from './features/persons/decide.ts';
import { connectionBounds } from './http/connections/connection-bounds.ts';
import { builtPage } from './http/pages/workstation.ts';
import type { DemoSignIn } from './http/sign-in/demo.ts';
import { makeLog } from './log.ts';
import { GatheredMetrics } from './metrics/gathered-metrics.ts';
import { readReport } from './metrics/step-metrics.ts';
import { startProgram } from './program.ts';
import { proveChildren } from './prove-children.ts';
import { findContainment } from './runtime/contain/containment.ts';
import { openFilesLimit } from './runtime/open-files.ts';
import { isLoopback, isPlainAddress } from './runtime/plain-connections.ts';
import { listenMistake } from './start-mistakes.ts';
import { sha256Hex } from './stored/identity.ts';
import {
  logContainment,
  logEncryption,
  reportRollbacksAtStart,
  requireContainment,
  warnOfRights,
  warnOfRoot,
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
  await requireContainment(config);
  const proof = settle(proveChildren());
  const service = await openService(config, log, unmeasured, () => void loadInterface());
  const { buildApp, closeGracefully } = await loadInterface();
  await reportRollbacksAtStart(service, config);
  await warnOfRights(service.deps.records, config, log);
  await warnOfUnlinked(service.deps, log);
  await warnOfEndingKeys(service.deps, log);
  warnOfRoot(config, log);
  logEncryption(service.deps.encryption, config, log);
  warnOfPlainConnections(config, log);
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
    await proof();
    await auditContainment(service.deps.records);
    await app.listen({ host: config.host, port: config.port });
    void warnOfAwayProvider(service.deps.signIn?.provider, log);
  } catch (error) {
    await service.close();
    throw listenMistake(error, config);
  }
  const daily = setInterval(() => void warnOfEndingKeys(service.deps, log), DAY_MS).unref();
  const workers = Array.from({ length: config.workers }, (_, i) =>
    superviseWorker({ log, index: i, measured, jobs: service.deps.jobs }, signal, config),
  );
  const ended = (async () => {
    if (!signal.aborted) await once(signal, 'abort');
    clearInterval(daily);
    await closeGracefully(app, DRAIN_SECONDS);
    await Promise.all(workers);
    await service.close();
  })();
  const { port } = app.server.address() as AddressInfo;
  const host = config.host.includes(':') ? `[${config.host}]` : config.host;
  return { address: `http://${host}:${port}`, service, ended };
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

async function warnOfUnlinked(deps: TimedRecords<Tx<'keys' | 'identitiesOf'>>, log: Log): Promise<void> {
  const unlinked = await unlinkedByAdministration(deps);
  if (Object.keys(unlinked).length === 0) return;
  const text =
    'unlinked persons give no second reading and are no second officer; link them with nii persons link';
  log.warn({ unlinked }, text);
}

/** Does nothing while the database is unreachable: the next warning is a day later. */
async function warnOfEndingKeys({ records, clock }: TimedRecords<Tx<'keys'>>, log: Log): Promise<void> {
  try {
    const keys = await records.transaction((tx) => tx.keys());
    for (const { keyId, administration, endsAt } of endingKeys(keys, clock.now()))
      log.warn({ key: keyId, administration, endsAt }, 'key ends soon; create its successor with nii keys');
  } catch (err) {
    log.warn({ err }, 'keys that end soon are unknown');
  }
}

async function auditContainment(records: Transactions<Tx<'audit'>>): Promise<void> {
  const { kind, missing } = await findContainment();
  if (kind !== 'none') return;
  await records.transaction((tx) => tx.audit(securityEvent('not contained', '', { missing })));
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

function stopWorker(child: ChildProcess): void {
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), WORKER_STOP_MS);
  child.once('exit', () => clearTimeout(late));
}
