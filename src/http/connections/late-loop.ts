import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { FastifyInstance } from 'fastify';
import { NiiError } from '../../core/errors.ts';

const RESOLUTION_MS = 10;
const SAMPLE_MS = 1_000;
const ALIVE = '/v1/health/live';

/**
 * Answers 503 while the event loop is later than this, in the mean of the last second. The process is alive even then:
 * that question is answered. It opens no file to find out, so it works where none is left.
 */
export function rejectWhenLate(app: FastifyInstance, lateLoopMs: number): void {
  let delayMs = 0;
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delays.enable();
  const sample = setInterval(() => {
    // A second in which the delay was not measured once says nothing, and nobody is sent away for it
    delayMs = delays.count === 0 ? 0 : delays.mean / 1e6 - RESOLUTION_MS;
    delays.reset();
  }, SAMPLE_MS).unref();
  app.addHook('onClose', async () => {
    clearInterval(sample);
    delays.disable();
  });
  app.addHook('onRequest', async (request) => {
    if (delayMs <= lateLoopMs || request.routeOptions.url === ALIVE) return;
    throw new NiiError('NII_BUSY', 'The service is overloaded');
  });
}
