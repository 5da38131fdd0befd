import type { FastifyInstance } from 'fastify';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import Type from 'typebox';
import { endingKeys } from '../core/access.ts';
import { isNiiError } from '../core/errors.ts';
import type { BaseBackups } from '../core/ports/base-backups.ts';
import type { JobCounts } from '../core/ports/jobs.ts';
import type { Clock } from '../core/ports/process.ts';
import type { ArchiverState } from '../core/ports/records/archiver.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Reachable, Transactions } from '../core/ports/transactions.ts';
import { failureOf } from '../maintenance/keep-archive.ts';
import { findRollbacks, type RollbackDeps, type StateTx } from '../maintenance/rollback.ts';
import { type CountedHistogram, histogramText } from '../metrics/counted-histogram.ts';
import type { GatheredMetrics } from '../metrics/gathered-metrics.ts';
import { findContainment } from '../runtime/contain/containment.ts';
import type { ObjectFaults } from '../stored/report-fault.ts';
import type { Traffic } from './connections/traffic.ts';
import { route } from './route.ts';

const BUCKETS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

interface CountedStores {
  readonly jobs: JobCounts;
  readonly records: Transactions<Tx<'scanCounts' | 'backlog' | 'keys' | 'archiver' | 'objectChecks'>>;
  readonly baseBackups: BaseBackups | undefined;
  readonly clock: Clock;
}

export interface MetricStores extends CountedStores {
  readonly records: Transactions<
    Tx<'scanCounts' | 'backlog' | 'keys' | 'archiver' | 'objectChecks'> & StateTx
  >;
  readonly objects: Reachable;
  readonly objectFaults: Readonly<ObjectFaults>;
  readonly witnesses: RollbackDeps['witnesses'];
}

export interface MetricParts extends MetricStores {
  /** What the workers beside this process measured. */
  readonly workers: GatheredMetrics;
  /** What happens below the routes. */
  readonly traffic: Traffic;
}

/** What Prometheus reads. */
export interface Scraped {
  readonly contentType: string;
  readonly text: () => Promise<string>;
}

/** Measures requests and what is known besides: process, event loop, backlog, workers. */
export function measured(app: FastifyInstance, parts: MetricParts): Scraped {
  const registry = new Registry();
  // Names nodejs_eventloop_lag_* and process_resident_memory_bytes among others.
  collectDefaultMetrics({ register: registry });
  measureRequests(app, registry);
  parts.traffic.register(registry);
  measureContainment(registry);
  measureFaults(parts.objectFaults, registry);
  const countNow = measureParts(parts, registry);
  return {
    contentType: registry.contentType,
    text: async () => {
      const counted = await countNow();
      return `${await registry.metrics()}${counted}${await parts.workers.text()}`;
    },
  };
}

export const metricRoutes = [
  route({
    id: 'readMetrics',
    method: 'GET',
    url: '/metrics',
    tag: 'service',
    right: 'any key',
    summary: 'Prometheus metrics; any key may read them',
    schema: {
      response: { 200: { description: 'Text format', content: { 'text/plain': { schema: Type.String() } } } },
    },
    handler:
      ({ metrics }: { readonly metrics: Scraped }) =>
      async (_request, reply) =>
        reply
          .header('cache-control', 'no-store')
          .type(metrics.contentType)
          .send(await metrics.text()),
  }),
];

function measureRequests(app: FastifyInstance, registry: Registry): void {
  const duration = new Histogram({
    name: 'nii_http_request_duration_seconds',
    help: 'From the first byte of a request to the last byte of its response',
    labelNames: ['method', 'route', 'status'],
    buckets: BUCKETS_SECONDS,
    registers: [registry],
  });
  app.addHook('onResponse', async (request, reply) => {
    // The pattern, never the address: an address holds identifiers and would make a series for each.
    const route = request.routeOptions.url ?? 'none';
    duration.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1000);
  });
}

/** How children are contained is found once, and does not change. */
function measureContainment(registry: Registry): void {
  const gauge: Gauge = new Gauge({
    name: 'nii_contained',
    help: 'Whether processes that read uploaded files are contained, and how: 1, or 0',
    labelNames: ['way'],
    registers: [registry],
    collect: async () => {
      const { kind } = await findContainment();
      gauge.set({ way: kind }, kind === 'none' ? 0 : 1);
    },
  });
}

function measureFaults(faults: Readonly<ObjectFaults>, registry: Registry): void {
  const counter: Counter = new Counter({
    name: 'nii_object_faults_total',
    help: 'Reads of stored objects that failed because their bytes have changed or are missing',
    labelNames: ['code'],
    registers: [registry],
    collect: () => {
      counter.reset();
      for (const [code, count] of Object.entries(faults)) counter.inc({ code }, count);
    },
  });
}

/** Asks database and store at each scrape. If one is unreachable, sets nii_up to 0 and clears its old values; returns what is not in the registry. */
function measureParts(parts: MetricStores, registry: Registry): () => Promise<string> {
  const up = new Gauge({
    name: 'nii_up',
    help: 'Whether a part of the service responds: 1, or 0',
    labelNames: ['part'],
    registers: [registry],
  });
  const rolledBack = new Gauge({
    name: 'nii_rolled_back',
    help: 'Whether the database disagrees with this witness, because one of them was rolled back: 1, or 0',
    labelNames: ['witness'],
    registers: [registry],
  });
  const database = new DatabaseGauges(registry);
  return async () => {
    const store = parts.objects.ready();
    const answers = await Promise.all([
      isReachable(store, 'NII_STORE_UNREACHABLE'),
      isReachable(database.read(parts), 'NII_DATABASE_UNREACHABLE'),
    ]);
    up.set({ part: 'store' }, answers[0] ? 1 : 0);
    up.set({ part: 'database' }, answers[1] ? 1 : 0);
    if (!answers[1]) database.clear();
    rolledBack.reset();
    if (answers[0] && answers[1]) await measureRollbacks(parts, rolledBack);
    return database.histograms;
  };
}

async function measureRollbacks(parts: MetricStores, gauge: Gauge): Promise<void> {
  try {
    const found = await findRollbacks(parts);
    for (const { name } of parts.witnesses)
      gauge.set({ witness: name }, found.some(({ witness }) => witness === name) ? 1 : 0);
  } catch (error) {
    // A witness that cannot be read has no value
    if (!isNiiError(error)) throw error;
  }
}

async function isReachable(
  asked: Promise<unknown>,
  code: 'NII_STORE_UNREACHABLE' | 'NII_DATABASE_UNREACHABLE',
): Promise<boolean> {
  try {
    await asked;
    return true;
  } catch (error) {
    if (!isNiiError(error, code)) throw error;
    return false;
  }
}

const vehiclesHeld: CountedHistogram = {
  name: 'nii_alarm_vehicles_held',
  help: 'Other scans that a radiation alarm had held when it stopped holding the scans near it',
  bounds: [0, 1, 2, 3, 5, 8, 13, 21, 34, 55],
};

/** What the database counts now, over all administrations. */
class DatabaseGauges {
  readonly #gauges: Gauge[] = [];
  readonly #jobs = this.#gauge('nii_jobs', 'Jobs by kind and state', 'kind', 'state');
  readonly #scans = this.#gauge('nii_scans', 'Scans by state of their newest revision', 'state');
  readonly #cases = this.#gauge('nii_cases', 'Cases by state and band', 'state', 'band');
  readonly #holds = this.#gauge('nii_holds', 'Radiation holds by state', 'state');
  readonly #oldestJob = this.#gauge(
    'nii_oldest_job_age_seconds',
    'Age of the oldest job that is not done',
    'kind',
  );
  readonly #setAside = this.#gauge(
    'nii_uploads_set_aside',
    'Resumable uploads that made processes crash and are not retried',
  );
  readonly #oldestCase = this.#gauge(
    'nii_oldest_case_age_seconds',
    'Age of the oldest case that is not closed',
  );
  readonly #escalated = this.#gauge(
    'nii_cases_escalated',
    'Cases that were not settled by their due time, and are not closed',
  );
  readonly #released = this.#gauge(
    'nii_releases_while_open',
    'Cases of goods that customs released while something was open, and that are not reviewed yet',
  );
  readonly #passages = this.#gauge(
    'nii_passages_without_instruction',
    'Vehicles that passed without a valid instruction, not settled yet',
  );
  readonly #leftWithFact = this.#gauge(
    'nii_vehicles_left_with_open_fact',
    'Vehicles that passed and have something open against them, not settled yet',
  );
  readonly #unjoined = this.#gauge(
    'nii_alarms_unjoined',
    'Radiation alarms that hold every scan near them: not ended, and not certain to belong to one scan',
  );
  readonly #overdue = this.#gauge(
    'nii_alarms_overdue',
    'Radiation alarms that are past due and that no officer has adjudicated',
  );
  readonly #dangers = this.#gauge(
    'nii_dangers',
    'Persons in danger, reported by an analyst, that nobody has acknowledged',
  );
  readonly #overdueDangers = this.#gauge(
    'nii_dangers_overdue',
    'Persons in danger that nobody has acknowledged, past the time limit',
  );
  readonly #endingKeys = this.#gauge(
    'nii_keys_ending',
    'Keys that are valid and end within 30 days',
    'administration',
  );
  #histograms = '';
  readonly #streamBehind = this.#gauge(
    'nii_syslog_behind_seconds',
    'Age of the oldest audit log row that was not streamed to the SIEM',
  );

  readonly #archiveFailing = this.#gauge(
    'nii_archive_failing',
    'Whether database changes are failing to reach the archive: 1, or 0; absent without an archive',
  );
  readonly #baseAge = this.#gauge(
    'nii_base_backup_age_seconds',
    'Age of the newest base backup in the archive of the embedded database',
  );

  readonly #faulty = this.#gauge(
    'nii_objects_faulty',
    'Stored objects that were missing, damaged or locked when they were last compared with their hash',
    'fault',
  );
  readonly #checkAge = this.#gauge(
    'nii_object_check_age_seconds',
    'Time since the object that was compared with its hash the longest ago was compared',
  );

  constructor(registry: Registry) {
    for (const gauge of this.#gauges) registry.registerMetric(gauge);
  }

  /** @throws NII_DATABASE_UNREACHABLE */
  async read({ jobs, records, baseBackups, clock }: CountedStores): Promise<void> {
    const [byKind, { scans, backlog, keys, archiver, checks }] = await Promise.all([
      jobs.counts(),
      records.transaction(async (tx) => ({
        scans: await tx.scanCounts(),
        backlog: await tx.backlog(),
        keys: await tx.keys(),
        archiver: await tx.archiver(),
        checks: await tx.objectChecks(),
      })),
    ]);
    this.clear();
    for (const { administration } of keys) this.#endingKeys.set({ administration }, 0);
    for (const { administration } of endingKeys(keys, clock.now())) this.#endingKeys.inc({ administration });
    for (const [kind, states] of Object.entries(byKind)) {
      for (const [state, value] of Object.entries(states)) this.#jobs.set({ kind, state }, value);
    }
    for (const [state, value] of Object.entries(scans)) this.#scans.set({ state }, value);
    for (const { state, band, count } of backlog.cases) this.#cases.set({ state, band }, count);
    for (const [state, value] of Object.entries(backlog.holds)) this.#holds.set({ state }, value);
    for (const [kind, age] of Object.entries(backlog.oldestJobSeconds)) this.#oldestJob.set({ kind }, age);
    this.#oldestCase.set(backlog.oldestOpenCaseSeconds);
    this.#escalated.set(backlog.escalatedCases);
    this.#released.set(backlog.releasesWhileOpen);
    this.#dangers.set(backlog.openDangers);
    this.#overdueDangers.set(backlog.overdueDangers);
    this.#passages.set(backlog.passagesWithoutInstruction);
    this.#leftWithFact.set(backlog.vehiclesLeftWithFact);
    this.#unjoined.set(backlog.unjoinedAlarms);
    this.#overdue.set(backlog.overdueAlarms);
    this.#histograms = histogramText(vehiclesHeld, backlog.vehiclesHeld);
    this.#setAside.set(backlog.uploadsSetAside);
    for (const [fault, count] of Object.entries(checks.faulty)) this.#faulty.set({ fault }, count);
    if (checks.oldestSeconds !== undefined) this.#checkAge.set(checks.oldestSeconds);
    else this.#checkAge.remove();
    if (backlog.streamBehindSeconds !== undefined) this.#streamBehind.set(backlog.streamBehindSeconds);
    else this.#streamBehind.remove();
    this.#readArchive(archiver, await baseBackups?.newest().catch(() => undefined), { clock, baseBackups });
  }

  #readArchive(
    archiver: ArchiverState,
    newest: Date | undefined,
    { clock, baseBackups }: Pick<CountedStores, 'clock' | 'baseBackups'>,
  ): void {
    this.#archiveFailing.remove();
    this.#baseAge.remove();
    if (archiver.isOn || baseBackups !== undefined)
      this.#archiveFailing.set(failureOf(archiver) === undefined ? 0 : 1);
    if (newest !== undefined) this.#baseAge.set((clock.now().getTime() - newest.getTime()) / 1000);
  }

  clear(): void {
    for (const gauge of this.#gauges) gauge.reset();
    this.#histograms = '';
  }

  /** In Prometheus' text format; empty while the database is unreachable. */
  get histograms(): string {
    return this.#histograms;
  }

  #gauge(name: string, help: string, ...labelNames: string[]): Gauge {
    const gauge = new Gauge({ name, help, labelNames, registers: [] });
    this.#gauges.push(gauge);
    return gauge;
  }
}
