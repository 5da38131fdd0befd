import type { FastifyInstance } from 'fastify';
import type { TSchema } from 'typebox';
import Value from 'typebox/value';
import { Problem } from '../../../src/http/schemas/answers.ts';

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema: TSchema }>>;
}

/** Compares every JSON answer with the schema that its route publishes, and notes what differs. */
export function checkAnswers(app: FastifyInstance, wrong: string[]): void {
  app.addHook('onSend', async (request, reply, payload) => {
    const type = String(reply.getHeader('content-type') ?? '');
    if (
      typeof payload !== 'string' ||
      !type.includes('json') ||
      request.routeOptions.url?.startsWith('/docs')
    )
      return payload;
    const own = request.routeOptions.schema?.response as Record<number, TSchema & Content> | undefined;
    const stated: (TSchema & Content) | undefined =
      own?.[reply.statusCode] ?? (type.includes('problem') ? Problem : undefined);
    const schema = stated?.content === undefined ? stated : Object.values(stated.content)[0]?.schema;
    const where = `${request.method} ${request.url} ${reply.statusCode}`;
    if (schema === undefined) {
      wrong.push(`${where}: no schema for this answer`);
      return payload;
    }
    const value: unknown = JSON.parse(payload);
    if (!Value.Check(schema, value))
      wrong.push(`${where}: ${JSON.stringify(Value.Errors(schema, value)[0])}`);
    return payload;
  });
}
