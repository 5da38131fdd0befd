import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import type { Stopping } from './stopping.ts';

/** An instance whose routes take their types from their schemas. */
export function typed(app: FastifyInstance) {
  return app.withTypeProvider<TypeBoxTypeProvider>();
}

export type RouteGroup = (app: FastifyInstance, context: RouteContext) => void;

/** What the routes stand on. */
export interface RouteContext {
  readonly deps: Deps;
  readonly stopping: Stopping;
  readonly version: string;
}
