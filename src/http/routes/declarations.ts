import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { type Declaration, DeclarationBody } from '../../core/case/declaration.ts';
import { defined } from '../../core/defined.ts';
import { type PutDeclarationDeps, putDeclaration } from '../../decide/declare.ts';
import { type DeclarationJoins, type GetDeclarationTx, getDeclaration } from '../../look/declarations.ts';
import { listDeclarations, type Viewing } from '../../look/read.ts';
import { actorOf } from '../access.ts';
import { commandOf, versionTag } from '../commands.ts';
import { typed } from '../context.ts';
import { scanHref } from '../present.ts';
import { DeclarationAnswer, DeclarationDetails, pageOf } from '../schemas/answers.ts';
import { CommandHeaders, DEFAULT_PAGE, DeclarationParams, pageQuery } from '../schemas/requests.ts';
import { rolesWho } from './rights.ts';
import { at } from './table.ts';

const DeclarationQuery = pageQuery({
  container: Type.Optional(
    Type.String({ minLength: 1, maxLength: 64, description: 'Only those that name this container' }),
  ),
});

const assessors = rolesWho('assess declarations');

export function declarationRoutes(
  app: FastifyInstance,
  deps: PutDeclarationDeps & Viewing<GetDeclarationTx>,
): void {
  const routes = typed(app);
  routes.route({
    ...at('listDeclarations'),
    schema: { querystring: DeclarationQuery, response: { 200: pageOf(DeclarationAnswer) } },
    handler: async (request) => {
      const { limit = DEFAULT_PAGE, cursor, ...filter } = request.query;
      const { rows, next } = await listDeclarations(deps, actorOf(request), filter, limit, cursor);
      return { items: rows.map(shown), ...defined({ next }) };
    },
  });
  routes.route({
    ...at('getDeclaration'),
    schema: { params: DeclarationParams, response: { 200: DeclarationDetails } },
    handler: async (request, reply) => {
      const found = await getDeclaration(deps, actorOf(request), request.params.ref);
      const { version } = found.declaration;
      reply.header('etag', versionTag(version)).header('cache-control', 'private, no-cache');
      return { ...shown(found.declaration), ...(found.joins && joinsOf(found.joins)) };
    },
  });
  routes.route({
    ...at('putDeclaration'),
    schema: {
      params: DeclarationParams,
      headers: CommandHeaders,
      body: DeclarationBody,
      response: { 200: DeclarationAnswer, 201: DeclarationAnswer },
    },
    handler: async (request, reply) => {
      const command = commandOf(request, request.headers);
      const { declaration, changed } = await putDeclaration(
        deps,
        command,
        request.params.ref,
        request.body,
        assessors.includes(command.actor.role),
      );
      reply.header('etag', versionTag(declaration.version));
      return reply.code(changed && declaration.version === 1 ? 201 : 200).send(shown(declaration));
    },
  });
}

function joinsOf({ joined, notJoined }: DeclarationJoins) {
  return {
    joined: joined.map(({ scan, ...one }) => ({ ...one, ...toScan(scan) })),
    notJoined: notJoined.map(({ scan, ...one }) => (scan === undefined ? one : { ...one, ...toScan(scan) })),
  };
}

function toScan({ id, site, receivedAt, acquiredAt }: DeclarationJoins['joined'][number]['scan']) {
  return { scanId: id, site, receivedAt, ...defined({ acquiredAt }), scanHref: scanHref(id) };
}

function shown({ ref, administration, version, updatedAt, body }: Declaration) {
  return { ref, administration, version, updatedAt, body };
}
