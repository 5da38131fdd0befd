import type { FastifyInstance, FastifyReply } from 'fastify';
import Type from 'typebox';
import {
  Photograph,
  PhotographId,
  photographLimits,
  photographTypes,
} from '../../../core/case/photograph.ts';
import { NiiError } from '../../../core/errors.ts';
import {
  addPhotograph,
  type PhotographAnswer,
  type PhotographDeps,
  removePhotograph,
  requireOpenSearch,
} from '../../../decide/photographs.ts';
import { listPhotographs, openPhotograph } from '../../../look/photographs.ts';
import {
  discardPhotograph,
  type ReceivePhotographDeps,
  receivePhotograph,
} from '../../../receive/photograph.ts';
import { actorOf } from '../../access.ts';
import { sendBytes } from '../../bytes-answer.ts';
import { typed } from '../../context.ts';
import { storedBytes } from '../../schemas/answers.ts';
import { CaseParams, closed } from '../../schemas/requests.ts';
import { bodyOf } from '../../upload-parts.ts';
import { attachment, hashed } from '../objects.ts';
import { at } from '../table.ts';

const PhotographParams = Type.Object({ ...CaseParams.properties, photographId: PhotographId });

const Query = Type.Object(
  { removed: Type.Optional(Type.Boolean({ description: 'true: those that were removed, too' })) },
  closed,
);

const List = Type.Object({ items: Type.Array(Photograph) }, closed);

const fileNames = { 'image/jpeg': 'jpg', 'image/png': 'png', 'image/webp': 'webp' } as const;

type LookDeps = Parameters<typeof openPhotograph>[0];

export type PhotographRoutesDeps = PhotographDeps &
  ReceivePhotographDeps &
  LookDeps &
  Parameters<typeof requireOpenSearch>[0];

/** What a searcher photographed. In a scope of its own: it takes no JSON. */
export function photographRoutes(app: FastifyInstance, deps: PhotographRoutesDeps): void {
  app.removeAllContentTypeParsers();
  // The body is left unread: it is streamed to the disk, and never held.
  app.addContentTypeParser([...photographTypes], (_request, _payload, done) => done(null));
  lookRoutes(app, deps);
  const routes = typed(app);
  routes.route({
    ...at('addPhotograph'),
    schema: { params: CaseParams, response: { 200: Photograph } },
    handler: async (request, reply) => {
      const actor = actorOf(request);
      const { caseId } = request.params;
      await requireOpenSearch(deps, actor, caseId);
      requireFew(Number(request.headers['content-length'] ?? 0));
      const received = await receivePhotograph(deps, bodyOf(request.raw), actor.keyId);
      try {
        return send(reply, await addPhotograph(deps, actor, caseId, received));
      } finally {
        await discardPhotograph(received);
      }
    },
  });
  routes.route({
    ...at('removePhotograph'),
    schema: { params: PhotographParams, response: { 200: Photograph } },
    handler: async (request, reply) => {
      const { caseId, photographId } = request.params;
      return send(reply, await removePhotograph(deps, actorOf(request), caseId, photographId));
    },
  });
}

function lookRoutes(app: FastifyInstance, deps: LookDeps): void {
  const routes = typed(app);
  routes.route({
    ...at('listPhotographs'),
    schema: { params: CaseParams, querystring: Query, response: { 200: List } },
    handler: async (request) => {
      const { removed = false } = request.query;
      const { caseId } = request.params;
      return { items: [...(await listPhotographs(deps, actorOf(request), caseId, { removed }))] };
    },
  });
  routes.route({
    ...at('getPhotograph'),
    schema: {
      params: PhotographParams,
      response: storedBytes(
        'image/jpeg',
        'The photograph, upright and without what the camera wrote beside it',
      ),
    },
    handler: async (request, reply) => {
      const { caseId, photographId } = request.params;
      const opened = await openPhotograph(deps, actorOf(request), caseId, photographId, 'shown');
      return sendBytes(request, reply, hashed(opened), 'ask-again');
    },
  });
  routes.route({
    ...at('getPhotographOriginal'),
    schema: {
      params: PhotographParams,
      response: storedBytes(photographTypes, 'The file as the camera wrote it'),
    },
    handler: async (request, reply) => {
      const { caseId, photographId } = request.params;
      const opened = await openPhotograph(deps, actorOf(request), caseId, photographId, 'original');
      const type = photographTypes.find((one) => one === opened.row.contentType) ?? 'image/jpeg';
      reply.header('content-disposition', attachment(`${photographId}.${fileNames[type]}`));
      return sendBytes(request, reply, hashed(opened), 'ask-again');
    },
  });
}

/** What its length says already is not waited for. */
function requireFew(declaredBytes: number): void {
  const { bytes } = photographLimits;
  if (declaredBytes <= bytes) return;
  throw new NiiError('NII_LIMIT_BYTES', `The photograph has ${declaredBytes} bytes: use at most ${bytes}`);
}

function send(reply: FastifyReply, { photograph, replayed }: PhotographAnswer): Photograph {
  if (replayed) reply.header('idempotency-replayed', 'true');
  return photograph;
}
