import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import Type from 'typebox';
import type { Deps } from '../pipeline/deps.ts';
import { type RouteContext, typed } from './context.ts';
import { at } from './routes/table.ts';

const BUCKETS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Measures requests and offers what is known to Prometheus: process, event loop, requests, jobs, scans. */
export function metricRoutes(app: FastifyInstance, { deps }: RouteContext): void {
  const registry = new Registry();
  // Names nodejs_eventloop_lag_* and process_resident_memory_bytes among others.
  collectDefaultMetrics({ register: registry });
  measureRequests(app, registry);
  countJobs(deps, registry);
  countScans(deps, registry);
  typed(app).route({
    ...at('metrics'),
    schema: {
      response: { 200: { description: 'Text format', content: { 'text/plain': { schema: Type.String() } } } },
    },
    handler: async (_request, reply) => {
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

function countJobs({ jobs }: Pick<Deps, 'jobs'>, registry: Registry): void {
  const gauge = new Gauge({
    name: 'nii_jobs',
    help: 'Jobs by kind and state',
    labelNames: ['kind', 'state'],
    registers: [registry],
    async collect() {
      for (const [kind, states] of Object.entries(await jobs.counts())) {
        for (const [state, count] of Object.entries(states)) gauge.set({ kind, state }, count);
      }
    },
  });
}

function countScans({ records }: Pick<Deps, 'records'>, registry: Registry): void {
  const gauge = new Gauge({
    name: 'nii_scans',
    help: 'Scans by state of their newest revision',
    labelNames: ['state'],
    registers: [registry],
    async collect() {
      const counts = await records.transaction((tx) => tx.scanCounts());
      for (const [state, count] of Object.entries(counts)) gauge.set({ state }, count);
    },
  });
}
