import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { NiiError } from '../../core/errors.ts';
import type { Reachable } from '../../core/ports/transactions.ts';
import { type RouteContext, typed } from '../context.ts';
import { headersOf, PROBLEM_TYPE, problemDocument } from '../problems.ts';
import { type Answers, Live, NotReady, Ready } from '../schemas/answers.ts';
import { at } from './table.ts';

/** A part that does not respond within this time counts as unreachable. */
const PATIENCE_MS = 2_000;

export interface HealthDeps {
  readonly objects: Reachable;
  readonly records: Reachable;
}

export function healthRoutes(app: FastifyInstance, deps: HealthDeps, { version }: RouteContext): void {
  const routes = typed(app);
  routes.route({
    ...at('checkLive'),
    schema: { response: { 200: Live } },
    handler: async (_request, reply) => {
      reply.header('cache-control', 'no-store');
      return { live: true as const, version };
    },
  });
  routes.route({
    ...at('checkReady'),
    schema: { response: { 200: Ready, 503: NotReady } },
    handler: async (request, reply) => {
      reply.header('cache-control', 'no-store');
      const [store, database] = await Promise.all([answers(deps.objects), answers(deps.records)]);
      if (store === 'ok' && database === 'ok') return { ready: true, store, database };
      const error = unreachableError(store);
      reply.headers(headersOf(error)).type(PROBLEM_TYPE);
      return reply.code(503).send({ ...problemDocument(error, request.id), store, database });
    },
  });
}

function unreachableError(store: Answers): NiiError {
  if (store === 'away') return new NiiError('NII_STORE_AWAY', 'The object store does not respond');
  return new NiiError('NII_DATABASE_AWAY', 'The database does not answer');
}

/** Whether a part answers; why it does not is in the log of the part itself. */
async function answers(part: Reachable): Promise<Answers> {
  const ready = part.ready().then(
    () => 'ok' as const,
    () => 'away' as const,
  );
  return Promise.race([ready, delay(PATIENCE_MS, 'away' as const, { ref: false })]);
}
