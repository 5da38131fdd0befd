import type { FastifyInstance } from 'fastify';

/** 27 November 2026, when former addresses got their successors; they go with version 0.3. */
const SINCE = '@1795737600';

/** Every answer at a former address says since when it is deprecated (RFC 9745), and names the address to use. */
export function markFormerAddresses(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    const successor = successorOf(request.routeOptions.config);
    if (successor !== undefined) {
      reply.header('deprecation', SINCE);
      reply.header('link', `<${filled(successor, Object(request.params))}>; rel="successor-version"`);
    }
    done();
  });
}

function successorOf(config: unknown): string | undefined {
  if (typeof config !== 'object' || config === null || !('successor' in config)) return undefined;
  return typeof config.successor === 'string' ? config.successor : undefined;
}

function filled(pattern: string, params: Readonly<Record<string, unknown>>): string {
  return pattern.replace(/:([A-Za-z]+)/g, (_, name: string) => encodeURIComponent(String(params[name])));
}
