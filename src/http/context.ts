import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import type { Stopping } from './stopping.ts';

/** An instance whose routes take their types from their schemas. */
export function typed(app: FastifyInstance) {
  return app.withTypeProvider<TypeBoxTypeProvider>();
}

/** The process that the routes are in. */
export interface RouteContext {
  readonly stopping: Stopping;
  readonly version: string;
}
