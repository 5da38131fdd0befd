import type { FastifyReply } from 'fastify';
import Type from 'typebox';
import { type Actor, placeOf } from '../../core/access.ts';
import { Annotation, AnnotationChange, NewAnnotation, toAnnotation } from '../../core/case/annotation.ts';
import { NiiError } from '../../core/errors.ts';
import type { Tx } from '../../core/ports/records.ts';
import { actorOf } from '../../http/access.ts';
import { commandOf, versionTag } from '../../http/commands.ts';
import { moveErrors, route, versioned } from '../../http/route.ts';
import { CaseParams, CommandHeaders, closed } from '../../http/schemas/requests.ts';
import { isOpenTo, type Viewing, viewed } from '../../queries/read.ts';
import { annotationDocument } from '../../stored/document-kinds.ts';
import { seenBy } from '../../triage/annotations.ts';
import {
  type AnnotateDeps,
  type AnnotationAnswer,
  addAnnotation,
  changeAnnotation,
  removeAnnotation,
} from './decide.ts';

/** Returns the annotations of a case that the caller may see, oldest first. */
function listAnnotations(
  deps: Viewing<Tx<'case' | 'documentsAbout'>>,
  actor: Actor,
  caseId: string,
  { removed }: { readonly removed: boolean },
): Promise<readonly Annotation[]> {
  return viewed(deps, actor, 'annotations', caseId, { removed }, async (tx) => {
    const current = await tx.case(placeOf(actor), caseId);
    if (current === undefined || !isOpenTo(actor, current))
      throw new NiiError('NII_NOT_FOUND', `Unknown case "${caseId}"`);
    const seen = seenBy(actor, current, await tx.documentsAbout(annotationDocument, caseId));
    return seen.filter((one) => removed || one.removed === undefined).map(toAnnotation);
  });
}

const AnnotationParams = Type.Object({
  ...CaseParams.properties,
  annotationId: NewAnnotation.properties.id,
});

const Query = Type.Object(
  {
    removed: Type.Optional(Type.Boolean({ description: 'true: also removed ones' })),
  },
  closed,
);

const List = Type.Object({ items: Type.Array(Annotation) }, closed);

/** What readers draw on the picture of a case. */
export const annotationRoutes = [
  route({
    id: 'listAnnotations',
    method: 'GET',
    url: '/v1/cases/:caseId/annotations',
    tag: 'triage',
    right: 'read cases',
    summary:
      'List the annotations of the case: for its reader, their own; after the decision, those of the verdicts',
    errors: ['NII_NOT_FOUND'],
    schema: { params: CaseParams, querystring: Query, response: { 200: List } },
    handler: (deps: Parameters<typeof listAnnotations>[0]) => async (request) => {
      const { removed = false } = request.query;
      return {
        items: [...(await listAnnotations(deps, actorOf(request), request.params.caseId, { removed }))],
      };
    },
  }),
  route({
    id: 'addAnnotation',
    method: 'POST',
    url: '/v1/cases/:caseId/annotations',
    tag: 'triage',
    right: 'decide cases',
    safety: 'neutral',
    summary: 'Add a point, box, polygon, arrow or text to the claimed case; it is stored immediately',
    errors: [...moveErrors, 'NII_CONFLICT'],
    example: {
      id: '0f3a5c7e9b1d2f400f3a5c7e9b1d2f40',
      shape: 'arrow',
      view: 'main',
      points: [
        { x: 200, y: 60 },
        { x: 150, y: 48 },
      ],
      text: 'a block behind the door',
    },
    headers: versioned,
    answers: { 200: 'The annotation as it is kept' },
    schema: {
      params: CaseParams,
      headers: CommandHeaders,
      body: NewAnnotation,
      response: { 200: Annotation },
    },
    handler: (deps: AnnotateDeps) => async (request, reply) => {
      const command = commandOf(request, request.headers);
      return send(reply, await addAnnotation(deps, command, request.params.caseId, request.body));
    },
  }),
  route({
    id: 'changeAnnotation',
    method: 'PATCH',
    url: '/v1/cases/:caseId/annotations/:annotationId',
    tag: 'triage',
    right: 'decide cases',
    safety: 'neutral',
    summary: "Move the caller's own annotation, or change its text",
    errors: moveErrors,
    example: { text: 'two blocks behind the door' },
    headers: versioned,
    answers: { 200: 'The annotation as it is now' },
    schema: {
      params: AnnotationParams,
      headers: CommandHeaders,
      body: AnnotationChange,
      response: { 200: Annotation },
    },
    handler: (deps: AnnotateDeps) => async (request, reply) => {
      const command = commandOf(request, request.headers);
      const { caseId, annotationId } = request.params;
      return send(reply, await changeAnnotation(deps, command, caseId, annotationId, request.body));
    },
  }),
  route({
    id: 'removeAnnotation',
    method: 'DELETE',
    url: '/v1/cases/:caseId/annotations/:annotationId',
    tag: 'triage',
    right: 'decide cases',
    safety: 'neutral',
    summary: "Remove the caller's own annotation; the record keeps it and the person who removed it",
    errors: moveErrors,
    headers: versioned,
    answers: { 200: 'The annotation, with who removed it and when' },
    schema: { params: AnnotationParams, headers: CommandHeaders, response: { 200: Annotation } },
    handler: (deps: AnnotateDeps) => async (request, reply) => {
      const command = commandOf(request, request.headers);
      const { caseId, annotationId } = request.params;
      return send(reply, await removeAnnotation(deps, command, caseId, annotationId));
    },
  }),
];

function send(reply: FastifyReply, { annotation, replayed }: AnnotationAnswer): Annotation {
  if (replayed) reply.header('idempotency-replayed', 'true');
  reply.header('etag', versionTag(annotation.version)).header('cache-control', 'private, no-cache');
  return toAnnotation(annotation);
}
