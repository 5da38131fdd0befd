import { readFileSync } from 'node:fs';
import { defaultLimits } from '../src/core/limits.ts';
import { type AppDeps, buildApp } from '../src/http/app.ts';

/** The description that a service of this version serves at /openapi.json, without stores and without listening. */
export async function openapiDocument(): Promise<object> {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const { version }: { readonly version: string } = JSON.parse(manifest);
  const app = buildApp(depsToDescribe, { version });
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
