import type { FastifyInstance } from 'fastify';

/** Answers OPTIONS at every address with the methods that it takes. */
export function answerOptions(app: FastifyInstance): void {
  const methods = new Map<string, Set<string>>();
  app.addHook('onRoute', function (route) {
    if (route.method === 'OPTIONS' || route.url.includes('*') || route.prefix !== '') return;
    const known = methods.get(route.url);
    const allowed = known ?? new Set(['OPTIONS']);
    for (const method of [route.method].flat()) allowed.add(method);
    methods.set(route.url, allowed);
    if (known !== undefined) return;
    this.route({
      method: 'OPTIONS',
      url: route.url,
      config: { roles: 'anyone' },
      schema: { hide: true },
      handler: async (_request, reply) =>
        reply
          .code(204)
          .header('allow', [...allowed].join(', '))
          .send(),
    });
  });
}
