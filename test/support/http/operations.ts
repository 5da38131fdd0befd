import type { Route } from '../../../src/http/route.ts';
import { type OperationId, routes } from '../../../src/http/routes/index.ts';

const all: readonly Route[] = routes;

/** Every endpoint by its id. */
export const operations = Object.fromEntries(all.map((route) => [route.id, route])) as Readonly<
  Record<OperationId, Route>
>;

export function isOperationId(value: unknown): value is OperationId {
  return typeof value === 'string' && Object.hasOwn(operations, value);
}
