import { anyKey, get, type Operation } from './operation.ts';

/** The service itself. */
export const serviceOperations = {
  checkLive: get('service', '/v1/health/live', 'anyone', 'The process answers'),
  checkReady: get('service', '/v1/health/ready', 'anyone', 'Object store and database answer'),
  readMetrics: get('service', '/metrics', anyKey, 'Prometheus metrics; any key may read them'),
  getOpenapi: get('service', '/openapi.json', 'anyone', 'This description, as OpenAPI 3.1'),
} satisfies Readonly<Record<string, Operation>>;
