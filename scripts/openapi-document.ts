import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { defaultLimits } from '../src/core/limits.ts';
import { type AppDeps, buildApp } from '../src/http/app.ts';

/**
 * The description that a service of this version serves at /openapi.json, without stores and without listening.
 * @param extend - adds routes to it, as a plug-in would
 */
export async function openapiDocument(extend: (app: FastifyInstance) => void = () => {}): Promise<object> {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const { version }: { readonly version: string } = JSON.parse(manifest);
  const app = buildApp(depsToDescribe, { version });
  extend(app);
  await app.ready();
  try {
    return app.swagger();
  } finally {
    await app.close();
  }
}

const silent = { info: () => {}, warn: () => {}, error: () => {} };
/** Routes take stores when a request comes, and none comes here. */
const depsToDescribe = { limits: defaultLimits, log: silent } as unknown as AppDeps;
