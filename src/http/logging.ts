import type { FastifyInstance, FastifyServerOptions } from 'fastify';
import { knownActor } from './access.ts';

/** Where the log goes and from which level on; false: nowhere. */
export type LogChoice = false | { readonly level: string; readonly stream?: { write(line: string): void } };

/** Options for the logger: events with identifiers, never a key, a body or an address line with a query. */
export function loggerOptions(choice: LogChoice): NonNullable<FastifyServerOptions['logger']> {
  if (choice === false) return false;
  return {
    ...choice,
    redact: {
      paths: [
        'req.headers.authorization',
        'headers.authorization',
        '*.authorization',
        'req.headers.cookie',
        'headers.cookie',
        '*.cookie',
      ],
      censor: '[key]',
    },
    serializers: { req: ({ method, id }) => ({ method, id }) },
  };
}

/** One line for each answer. */
export function logAnswers(app: FastifyInstance): void {
  app.addHook('onResponse', async (request, reply) => {
    const fields = {
      method: request.method,
      route: request.routeOptions.url ?? 'none',
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
      keyId: knownActor(request)?.keyId,
    };
    request.log.info(fields, 'answered');
  });
}
