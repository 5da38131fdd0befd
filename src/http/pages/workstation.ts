import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { installedPath } from '../../runtime/installed.ts';

/** Nothing from elsewhere, and no script or style inside of the page itself. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob:",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join(';');

/** Names of what the bundler makes hold a hash of it, so they never change. */
const FOR_EVER = 'public, max-age=31536000, immutable';

/** Folder of the built page; undefined where it was not built. */
export function builtPage(): string | undefined {
  const folder = installedPath('dist/page');
  return existsSync(join(folder, 'index.html')) ? folder : undefined;
}

/** Of the page besides `/`; what each shows is in src/page/shell/places.tsx. */
const addresses = [
  '/queue',
  '/case/:caseId',
  '/decided',
  '/decided/:caseId',
  '/room',
  '/measures',
  '/searches',
  '/searches/:caseId',
  '/radiation',
  '/radiation/:holdId',
  '/reasons',
  '/vehicles',
  '/vehicles/:site/:kind/:mark',
  '/proposals',
];

/** The workstation: one page, at every address of it that a browser may be sent to. */
export function workstationPage(app: FastifyInstance, folder: string): void {
  app.addHook('onRoute', (route) => {
    route.config = { ...route.config, ...{ roles: 'anyone' } };
  });
  // the router takes the target `*`, which is no address, for the first page
  app.addHook('onRequest', async (request, reply) => {
    if (!request.raw.url?.startsWith('/')) return reply.callNotFound();
  });
  app.register(fastifyStatic, {
    root: folder,
    wildcard: false,
    preCompressed: true,
    cacheControl: false,
    setHeaders: (reply, file) => {
      reply.setHeader('content-security-policy', policy);
      reply.setHeader('cache-control', file.includes('/assets/') ? FOR_EVER : 'no-cache');
    },
  });
  for (const url of addresses)
    app.get(url, { schema: { hide: true } }, (_request, reply) => reply.sendFile('index.html'));
}
