import type { FastifyInstance, RouteOptions } from 'fastify';
import { NiiError } from '../core/errors.ts';

/**
 * What an operation can do to the safety of a live site. It loosens if it can remove a reason to hold a vehicle, make a
 * later `proceed` more likely, or choose who decides. If that depends on the request, the loosest case counts.
 */
export type Safety = 'tightens' | 'neutral' | Loosens;

type Loosens =
  | {
      readonly class: 'loosens';
      /** Whom it takes besides the caller, and when; the operation by which they agree, where there is one. */
      readonly secondPerson: string;
    }
  | {
      readonly class: 'loosens';
      /** One person does it alone: who, and what limits it. */
      readonly onePerson: string;
    };

/** The class in the OpenAPI document, as `x-safety`. */
export type StatedSafety = { readonly class: 'tightens' | 'neutral' } | Loosens;

export function statedSafety(safety: Safety): StatedSafety {
  return typeof safety === 'string' ? { class: safety } : safety;
}

/** Files of a scanner or portal. Each new scan holds, but a file can join an alarm to one vehicle, which frees the others. */
export const evidenceOfMachine = {
  class: 'loosens',
  onePerson: 'The sender is a machine; its files can join an alarm to one vehicle, which frees the others',
} as const satisfies Safety;

export type SafeMethod = 'GET' | 'HEAD' | 'OPTIONS';
const safeMethods: ReadonlySet<string> = new Set<SafeMethod>(['GET', 'HEAD', 'OPTIONS']);

/** Stops the start if a route that changes something states no safety class, a route of a plug-in as well. */
export function requireSafetyClasses(app: FastifyInstance): void {
  const known: RouteOptions[] = [];
  app.addHook('onRoute', (route) => {
    known.push(route);
  });
  app.addHook('onReady', async () => rejectUnclassed(known));
}

/** @throws NII_CONFIG */
function rejectUnclassed(known: readonly RouteOptions[]): void {
  const unclassed = known.filter(({ config, method }) => changes(method) && !hasSafety(config));
  if (unclassed.length === 0) return;
  const names = unclassed.map(({ method, url }) => `${String(method)} ${url}`).join(', ');
  throw new NiiError(
    'NII_CONFIG',
    `Routes without a safety class: ${names}. Add safety to each: 'tightens', 'neutral', or { class: 'loosens' } with secondPerson or onePerson`,
  );
}

function changes(method: RouteOptions['method']): boolean {
  return [method].flat().some((one) => !safeMethods.has(one.toUpperCase()));
}

function hasSafety(config: unknown): boolean {
  const { safety }: { readonly safety?: unknown } = Object(config);
  return safety === 'tightens' || safety === 'neutral' || isLoosening(safety);
}

function isLoosening(safety: unknown): boolean {
  const stated: Record<string, unknown> = Object(safety);
  const who = stated.secondPerson ?? stated.onePerson;
  return stated.class === 'loosens' && typeof who === 'string' && who.trim() !== '';
}
