import { randomUUID } from 'node:crypto';
import { keepAudit } from './audit/keep-audit.ts';
import { AuditStream, type StreamDeps } from './audit/siem/stream.ts';
import type { SupervisedWorker } from './cli/command.ts';
import type { AuthenticateTx } from './commands/authenticate.ts';
import type { Config } from './config.ts';
import type { Siem } from './core/ports/siem.ts';
import type { TimedRecords } from './core/ports/stores.ts';
import { makeLog } from './log.ts';
import { keepArchive } from './maintenance/keep-archive.ts';
import { keepClock } from './maintenance/keep-clock.ts';
import { scrub } from './maintenance/scrub.ts';
import { type Measured, measureSteps, reportToParent } from './metrics/step-metrics.ts';
import { proveChildren } from './prove-children.ts';
import { testModels } from './steps/test-models.ts';
import { runWorker } from './steps/worker.ts';
import {
  checkPastAtStart,
  logContainment,
  logEncryption,
  requireContainment,
  warnOfRights,
  warnOfRoot,
} from './warnings.ts';
import { openService } from './wiring.ts';

/** How often a worker looks whether the process that started it is still there. */
const PARENT_LOOK_MS = 500;

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
    await requireContainment(config);
    // what started this worker has proved it already
    if (parent === undefined) await proveChildren();
    const service = await openService(config, log, steps);
    if (parent === undefined) await checkPastAtStart(service, config);
    await logContainment(log);
    service.deps.converterChildren.prepare();
    void testModels(service.deps, until);
    if (parent === undefined) warnOfRoot(config, log);
    if (parent === undefined) logEncryption(service.deps.encryption, config, log);
    if (parent === undefined) await warnOfRights(service.deps.records, config, log);
    const closeMetrics =
      parent === undefined ? await offerMetrics(config, service.deps, steps) : async () => {};
    const jobs = runWorker(service.deps, name, until);
    const audit = keepAudit(service.deps, until, streamOf(service.deps));
    const keepers = [keepArchive, keepClock, scrub].map((keep) => keep(service.deps, until));
    await Promise.all([jobs, audit, ...keepers])
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
  const { buildWorkerApp } = await import('./http/worker-app.ts');
  const app = buildWorkerApp(deps, steps);
  await app.listen({ host, port: workerMetricsPort });
  return () => app.close();
}

/** Undefined where no SIEM is set. */
function streamOf({ siem, ...deps }: Omit<StreamDeps, 'siem'> & { readonly siem: Siem | undefined }) {
  return siem === undefined ? undefined : new AuditStream({ ...deps, siem });
}
