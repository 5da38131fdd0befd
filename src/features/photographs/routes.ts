import type { FastifyInstance, FastifyReply } from 'fastify';
import Type from 'typebox';
import { Photograph, PhotographId, photographLimits, photographTypes } from '../../core/case/photograph.ts';
import { NiiError } from '../../core/errors.ts';
import { actorOf } from '../../http/access.ts';
import { sendBytes } from '../../http/bytes-answer.ts';
import { readErrors, route } from '../../http/route.ts';
import { attachment, hashed } from '../../http/routes/objects.ts';
import { storedBytes } from '../../http/schemas/answers.ts';
import { binaryContent, CaseParams, closed } from '../../http/schemas/requests.ts';
import { bodyOf } from '../../http/upload-parts.ts';
import {
  addPhotograph,
  type PhotographAnswer,
  type PhotographDeps,
  removePhotograph,
  requireOpenSearch,
} from './decide.ts';
import { listPhotographs, openPhotograph } from './read.ts';
import { discardPhotograph, type ReceivePhotographDeps, receivePhotograph } from './receive.ts';

const PhotographParams = Type.Object({ ...CaseParams.properties, photographId: PhotographId });

const Query = Type.Object(
  { removed: Type.Optional(Type.Boolean({ description: 'true: also removed ones' })) },
  closed,
);

const List = Type.Object({ items: Type.Array(Photograph) }, closed);

const fileNames = { 'image/jpeg': 'jpg', 'image/png': 'png', 'image/webp': 'webp' } as const;

type LookDeps = Parameters<typeof openPhotograph>[0];

type AddDeps = PhotographDeps & ReceivePhotographDeps & Parameters<typeof requireOpenSearch>[0];

/** For a scope of its own. The body is left unread: it is streamed to the disk, and never held. */
export function takePhotographs(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser([...photographTypes], (_request, _payload, done) => done(null));
}

/** What a searcher photographed. */
export const photographRoutes = [
  route({
    id: 'listPhotographs',
    method: 'GET',
    url: '/v1/cases/:caseId/photographs',
    tag: 'triage',
    right: 'read cases',
    summary:
      'Photographs of a search, in the order in which they were added; none while somebody may still read the image',
    errors: ['NII_NOT_FOUND'],
    schema: { params: CaseParams, querystring: Query, response: { 200: List } },
    handler: (deps: Parameters<typeof listPhotographs>[0]) => async (request) => {
      const { removed = false } = request.query;
      const { caseId } = request.params;
      return { items: [...(await listPhotographs(deps, actorOf(request), caseId, { removed }))] };
    },
  }),
  route({
    id: 'getPhotograph',
    method: 'GET',
    url: '/v1/cases/:caseId/photographs/:photographId',
    tag: 'triage',
    right: 'read cases',
    summary: 'Get a photograph as an upright JPEG, without place and camera',
    errors: ['NII_NOT_FOUND'],
    schema: {
      params: PhotographParams,
      response: storedBytes(
        'image/jpeg',
        'The photograph, upright and without what the camera wrote beside it',
      ),
    },
    handler: (deps: LookDeps) => async (request, reply) => {
      const { caseId, photographId } = request.params;
      const opened = await openPhotograph(deps, actorOf(request), caseId, photographId, 'shown');
      return sendBytes(request, reply, hashed(opened), 'ask-again');
    },
  }),
  route({
    id: 'getPhotographOriginal',
    method: 'GET',
    url: '/v1/cases/:caseId/photographs/:photographId/original',
    tag: 'triage',
    right: ['read cases', 'read originals'],
    summary: 'Get the original file of a photograph, with place, time and camera',
    errors: ['NII_NOT_FOUND'],
    headers: { 200: ['Content-Disposition'], 206: ['Content-Disposition'] },
    schema: {
      params: PhotographParams,
      response: storedBytes(photographTypes, 'The file as the camera wrote it'),
    },
    handler: (deps: LookDeps) => async (request, reply) => {
      const { caseId, photographId } = request.params;
      const opened = await openPhotograph(deps, actorOf(request), caseId, photographId, 'original');
      const type = photographTypes.find((one) => one === opened.row.contentType) ?? 'image/jpeg';
      reply.header('content-disposition', attachment(`${photographId}.${fileNames[type]}`));
      return sendBytes(request, reply, hashed(opened), 'ask-again');
    },
  }),
  route({
    id: 'addPhotograph',
    method: 'POST',
    url: '/v1/cases/:caseId/photographs',
    tag: 'triage',
    right: 'record outcomes',
    safety: 'neutral',
    summary: 'Add a photograph to a case in search: JPEG, PNG or WebP; the same file is stored once',
    errors: [
      'NII_NOT_FOUND',
      'NII_STATE_CONFLICT',
      'NII_UPLOAD_CUT',
      'NII_LIMIT_BYTES',
      'NII_LIMIT_FILES',
      'NII_LIMIT_PIXELS',
      ...readErrors,
    ],
    headers: { 200: ['Idempotency-Replayed?'] },
    answers: { 200: 'The photograph as it is listed' },
    unchecked: { content: binaryContent(...photographTypes) },
    schema: { params: CaseParams, response: { 200: Photograph } },
    handler: (deps: AddDeps) => async (request, reply) => {
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
  }),
  route({
    id: 'removePhotograph',
    method: 'DELETE',
    url: '/v1/cases/:caseId/photographs/:photographId',
    tag: 'triage',
    right: 'record outcomes',
    safety: 'neutral',
    summary:
      'Remove a photograph while the case is in search; the record keeps it and the person who removed it',
    errors: ['NII_NOT_FOUND', 'NII_STATE_CONFLICT'],
    headers: { 200: ['Idempotency-Replayed?'] },
    answers: { 200: 'The photograph, with who removed it and when' },
    schema: { params: PhotographParams, response: { 200: Photograph } },
    handler: (deps: PhotographDeps) => async (request, reply) => {
      const { caseId, photographId } = request.params;
      return send(reply, await removePhotograph(deps, actorOf(request), caseId, photographId));
    },
  }),
];

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
