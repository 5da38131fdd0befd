import type { Documents } from '../../../core/ports/records/documents.ts';
import type { FastifyInstance, FastifyReply } from 'fastify';
import Type from 'typebox';
import { Annotation, AnnotationChange, NewAnnotation, toAnnotation } from '../../../core/case/annotation.ts';
import type { Cases } from '../../../core/ports/records/cases.ts';
import {
  type AnnotateDeps,
  type AnnotationAnswer,
  addAnnotation,
  changeAnnotation,
  removeAnnotation,
} from '../../../decide/annotate.ts';
import { listAnnotations } from '../../../look/annotations.ts';
import type { Viewing } from '../../../look/read.ts';
import { actorOf } from '../../access.ts';
import { commandOf, versionTag } from '../../commands.ts';
import { typed } from '../../context.ts';
import { CaseParams, CommandHeaders, closed } from '../../schemas/requests.ts';
import { at } from '../table.ts';

const AnnotationParams = Type.Object({
  ...CaseParams.properties,
  annotationId: NewAnnotation.properties.id,
});

const Query = Type.Object(
  {
    removed: Type.Optional(Type.Boolean({ description: 'true: those that were removed, too' })),
  },
  closed,
);

const List = Type.Object({ items: Type.Array(Annotation) }, closed);

/** What readers draw on the picture of a case. */
export function annotationRoutes(
  app: FastifyInstance,
  deps: AnnotateDeps & Viewing<Cases & Pick<Documents, 'documentsAbout'>>,
): void {
  const routes = typed(app);
  routes.route({
    ...at('listAnnotations'),
    schema: { params: CaseParams, querystring: Query, response: { 200: List } },
    handler: async (request) => {
      const { removed = false } = request.query;
      return {
        items: [...(await listAnnotations(deps, actorOf(request), request.params.caseId, { removed }))],
      };
    },
  });
  routes.route({
    ...at('addAnnotation'),
    schema: {
      params: CaseParams,
      headers: CommandHeaders,
      body: NewAnnotation,
      response: { 200: Annotation },
    },
    handler: async (request, reply) => {
      const command = commandOf(request, request.headers);
      return send(reply, await addAnnotation(deps, command, request.params.caseId, request.body));
    },
  });
  routes.route({
    ...at('changeAnnotation'),
    schema: {
      params: AnnotationParams,
      headers: CommandHeaders,
      body: AnnotationChange,
      response: { 200: Annotation },
    },
    handler: async (request, reply) => {
      const command = commandOf(request, request.headers);
      const { caseId, annotationId } = request.params;
      return send(reply, await changeAnnotation(deps, command, caseId, annotationId, request.body));
    },
  });
  routes.route({
    ...at('removeAnnotation'),
    schema: { params: AnnotationParams, headers: CommandHeaders, response: { 200: Annotation } },
    handler: async (request, reply) => {
      const command = commandOf(request, request.headers);
      const { caseId, annotationId } = request.params;
      return send(reply, await removeAnnotation(deps, command, caseId, annotationId));
    },
  });
}

function send(reply: FastifyReply, { annotation, replayed }: AnnotationAnswer): Annotation {
  if (replayed) reply.header('idempotency-replayed', 'true');
  reply.header('etag', versionTag(annotation.version)).header('cache-control', 'private, no-cache');
  return toAnnotation(annotation);
}
