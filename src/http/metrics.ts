import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import Type from 'typebox';
import { isNiiError } from '../core/errors.ts';
import type { Deps } from '../deps.ts';
import { type RouteContext, typed } from './context.ts';
import { at } from './routes/table.ts';

const BUCKETS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Measures requests and offers what is known to Prometheus: process, event loop, requests, jobs, scans. */
export function metricRoutes(app: FastifyInstance, { deps }: RouteContext): void {
  const registry = new Registry();
  // Names nodejs_eventloop_lag_* and process_resident_memory_bytes among others.
  collectDefaultMetrics({ register: registry });
  measureRequests(app, registry);
  const countNow = measureDatabase(deps, registry);
  typed(app).route({
    ...at('metrics'),
    schema: {
      response: { 200: { description: 'Text format', content: { 'text/plain': { schema: Type.String() } } } },
    },
    handler: async (_request, reply) => {
      await countNow();
      const text = await registry.metrics();
      return reply.header('cache-control', 'no-store').type(registry.contentType).send(text);
    },
  });
}

function measureRequests(app: FastifyInstance, registry: Registry): void {
  const duration = new Histogram({
    name: 'nii_http_request_duration_seconds',
    help: 'From the first byte of a request to the last of its answer',
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

/** Counts what is in the database now; while it is away that is told instead, and no count of before is repeated. */
function measureDatabase({ jobs, records }: Pick<Deps, 'jobs' | 'records'>, registry: Registry) {
  const gauge = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    new Gauge({ name, help, labelNames, registers: [registry] });
  const up = gauge('nii_up', 'Whether a part of the service answers: 1, or 0', ['part']);
  const jobCount = gauge('nii_jobs', 'Jobs by kind and state', ['kind', 'state']);
  const scanCount = gauge('nii_scans', 'Scans by state of their newest revision', ['state']);
  const count = async () => {
    const [byKind, byState] = await Promise.all([
      jobs.counts(),
      records.transaction((tx) => tx.scanCounts()),
    ]);
    for (const [kind, states] of Object.entries(byKind)) {
      for (const [state, value] of Object.entries(states)) jobCount.set({ kind, state }, value);
    }
    for (const [state, value] of Object.entries(byState)) scanCount.set({ state }, value);
    up.set({ part: 'database' }, 1);
  };
  return async (): Promise<void> => {
    try {
      await count();
    } catch (error) {
      if (!isNiiError(error, 'NII_DATABASE_AWAY')) throw error;
      jobCount.reset();
      scanCount.reset();
      up.set({ part: 'database' }, 0);
    }
  };
}
