import fastify, { type FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { AuthenticateTx } from '../commands/authenticate.ts';
import type { TimedRecords } from '../core/ports/stores.ts';
import { GatheredMetrics } from '../metrics/gathered-metrics.ts';
import type { Measured } from '../metrics/step-metrics.ts';
import { guardRoutes } from './access.ts';
import { defaultBounds } from './connections/connection-bounds.ts';
import { boundedServers, requireHttp } from './connections/index.ts';
import { Traffic } from './connections/traffic.ts';
import { metricRoutes } from './metrics.ts';
import { answerProblems } from './problems.ts';

const REJECTED_KEYS_PER_MINUTE = 60;
/** Who asks is Prometheus, and perhaps a person. */
const CONNECTIONS = 32;

/** What a worker without an API beside it offers: `/metrics` of its own, to any key. It does not listen yet. */
export function buildWorkerApp(deps: TimedRecords<AuthenticateTx>, steps: Measured): FastifyInstance {
  const traffic = new Traffic();
  const bounds = { ...defaultBounds, total: CONNECTIONS, perAddress: CONNECTIONS };
  const app: FastifyInstance = fastify({
    ...boundedServers(bounds, traffic, []),
    logger: false,
    bodyLimit: 1024,
  });
  const registry = new Registry();
  traffic.register(registry);
  requireHttp(app, traffic);
  collectDefaultMetrics({ register: registry });
  answerProblems(app);
  guardRoutes(app, deps, { rejectedKeysPerMinute: REJECTED_KEYS_PER_MINUTE });
  const text = async () => {
    const own = new GatheredMetrics();
    own.take('steps', await steps.values());
    return `${await registry.metrics()}${await own.text()}`;
  };
  for (const route of metricRoutes)
    route.addTo(app, { metrics: { contentType: registry.contentType, text } });
  return app;
}
