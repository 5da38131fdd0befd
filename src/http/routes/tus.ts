import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import Type, { type Static } from 'typebox';
import { defined } from '../../core/defined.ts';
import { fromProblem, NiiError } from '../../core/errors.ts';
import type { UploadOutcome } from '../../core/upload.ts';
import { fileNameOf, filesOf } from '../../receive/resumable/metadata.ts';
import { type ResumableDeps, ResumableUploads, type ResumableView } from '../../receive/resumable/uploads.ts';
import { actorOf } from '../access.ts';
import { presentAccepted } from '../present.ts';
import {
  handleTusRequest,
  protocolHeaders,
  TUS_BODY,
  TUS_PATH,
  TurnLocker,
  type TusAnswer,
  type TusParts,
} from '../resumable.ts';
import { readErrors, route } from '../route.ts';
import { evidenceOfMachine } from '../safety.ts';
import { binaryContent } from '../schemas/requests.ts';
import { TusParams, TusUpload, tusAnswers } from '../schemas/tus.ts';

const EXTENSIONS = 'creation,creation-with-upload,termination,expiration';
/** How often whole sets are accepted that could not be at once, and old uploads are removed. */
const SWEEP_MS = 60_000;

const protocol = {
  'tus-resumable': Type.Enum(['1.0.0'], { description: 'Version of the protocol' }),
};
const whole = { minimum: 0 } as const;

export interface TusDeps {
  readonly resumable: TusParts;
}

/** What the endpoints for resumable uploads share. */
export function tusParts(deps: ResumableDeps): TusParts {
  return { deps, uploads: new ResumableUploads(deps), locker: new TurnLocker(deps.records) };
}

const getResumable = route({
  id: 'getResumable',
  method: 'GET',
  url: '/v1/uploads/tus/:uploadId',
  tag: 'upload',
  right: 'send scans',
  summary: 'Get the state of a resumable upload and its scans; HEAD follows tus 1.0',
  errors: ['NII_NOT_FOUND'],
  headers: { 200: ['Tus-Resumable', 'Tus-Version'] },
  schema: { params: TusParams, response: { 200: TusUpload } },
  handler:
    ({ resumable }: TusDeps) =>
    async (request) =>
      shown(await settled(resumable, request)),
});

/** Uploads that may be cut and taken up again, by tus 1.0. */
export const tusRoutes = [
  route({
    id: 'beginResumable',
    method: 'POST',
    url: '/v1/uploads/tus',
    tag: 'upload',
    right: 'send scans',
    safety: evidenceOfMachine,
    summary: 'Start a resumable upload (tus 1.0)',
    errors: [
      'NII_PRECONDITION_FAILED',
      'NII_LIMIT_BYTES',
      'NII_LIMIT_FILES',
      'NII_QUEUE_FULL',
      'NII_DISK_FULL',
    ],
    headers: { 201: ['Location', 'Tus-Resumable', 'Tus-Version', 'Upload-Expires?'] },
    unchecked: {
      headers: {
        ...protocol,
        'upload-length': Type.Integer({ ...whole, description: 'Bytes of the file' }),
        'upload-metadata': Type.Optional(
          Type.String({
            description:
              'Pairs of a name and a value in Base64, with commas between: filename, site, scanner, lane, visit, purpose, sha256, set, files',
          }),
        ),
      },
    },
    schema: { response: tusAnswers.created },
    handler:
      ({ resumable }: TusDeps) =>
      async (request, reply) =>
        send(reply, await handleTusRequest(resumable, actorOf(request), request)),
  }),
  getResumable,
  route({
    id: 'sendResumable',
    method: 'PATCH',
    url: '/v1/uploads/tus/:uploadId',
    tag: 'upload',
    right: 'send scans',
    safety: evidenceOfMachine,
    summary: 'Continue a resumable upload; it is accepted with the last byte',
    errors: [
      'NII_NOT_FOUND',
      'NII_HASH_MISMATCH',
      'NII_UPLOAD_CUT',
      'NII_CONFLICT',
      'NII_AMBIGUOUS_FORMAT',
      'NII_UPLOAD_EXPIRED',
      'NII_PRECONDITION_FAILED',
      'NII_LIMIT_BYTES',
      'NII_LIMIT_FILES',
      'NII_MEDIA_TYPE',
      'NII_UNKNOWN_FORMAT',
      ...readErrors,
      'NII_SET_ASIDE',
      'NII_QUEUE_FULL',
      'NII_DISK_FULL',
    ],
    headers: { 204: ['Upload-Offset', 'Tus-Resumable', 'Tus-Version', 'Upload-Expires?'] },
    unchecked: {
      content: binaryContent(TUS_BODY),
      headers: {
        ...protocol,
        'upload-offset': Type.Integer({
          ...whole,
          description: 'Offset of these bytes, as returned by HEAD',
        }),
      },
    },
    schema: { params: TusParams, response: tusAnswers.appended },
    handler:
      ({ resumable }: TusDeps) =>
      async (request, reply) =>
        send(reply, await append(resumable, request)),
  }),
  route({
    id: 'endResumable',
    method: 'DELETE',
    url: '/v1/uploads/tus/:uploadId',
    tag: 'upload',
    right: 'send scans',
    safety: 'neutral',
    summary: 'Cancel a resumable upload and remove its bytes',
    errors: ['NII_NOT_FOUND', 'NII_CONFLICT', 'NII_PRECONDITION_FAILED'],
    headers: { 204: ['Tus-Resumable', 'Tus-Version'] },
    unchecked: { headers: protocol },
    schema: { params: TusParams, response: tusAnswers.ended },
    handler:
      ({ resumable }: TusDeps) =>
      async (request, reply) =>
        send(reply, await end(resumable, request)),
  }),
];

/** For a scope of its own: it takes no JSON, every answer names the protocol, and old uploads are swept. */
export function takeChunks(app: FastifyInstance, { resumable }: TusDeps): void {
  app.removeContentTypeParser(['application/json', 'text/plain']);
  app.addContentTypeParser(TUS_BODY, (_request, _payload, done) => done(null));
  addTusHeaders(app, resumable.deps.limits.uploadBytes);
  sweepMeanwhile(app, resumable);
  answerHead(app, resumable);
}

/** Without an id, so that the description does not name it beside GET. */
function answerHead(app: FastifyInstance, resumable: TusParts): void {
  app.route({
    method: 'HEAD',
    url: getResumable.url,
    config: { roles: getResumable.roles },
    schema: { params: TusParams, hide: true },
    handler: async (request, reply) => send(reply, await offsetOf(resumable, request)),
  });
}

/** Every answer names the protocol; OPTIONS also what is offered of it. */
function addTusHeaders(app: FastifyInstance, uploadBytes: number): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(protocolHeaders);
    if (request.method !== 'OPTIONS') return;
    reply.headers({ 'tus-extension': EXTENSIONS, 'tus-max-size': String(uploadBytes) });
  });
}

function sweepMeanwhile(app: FastifyInstance, { uploads, deps }: TusParts): void {
  const sweep = () => {
    running = uploads.sweep().catch((err: unknown) => deps.log.error({ err }, 'resumable uploads not swept'));
  };
  let running: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  app.addHook('onReady', async () => {
    sweep();
    timer = setInterval(sweep, SWEEP_MS).unref();
  });
  app.addHook('onClose', async () => {
    clearInterval(timer);
    await running;
  });
}

function send(reply: FastifyReply, { status, headers }: TusAnswer): FastifyReply {
  return reply.code(status).headers(headers).send();
}

function idOf(request: FastifyRequest): string {
  return (request.params as Static<typeof TusParams>).uploadId;
}

function viewOf({ uploads }: TusParts, request: FastifyRequest): Promise<ResumableView> {
  return uploads.view(actorOf(request), idOf(request));
}

/** The upload as it stands, once its set, where whole, is accepted: a crash or an outage may have come between. */
async function settled(parts: TusParts, request: FastifyRequest): Promise<ResumableView> {
  const view = await viewOf(parts, request);
  if (view.kind === 'ended' || view.upload.offset < view.upload.bytes) return view;
  await parts.uploads.settle(view.upload.id);
  return viewOf(parts, request);
}

/** An accepted upload stands at its end although its chunks are gone. */
async function offsetOf(parts: TusParts, request: FastifyRequest): Promise<TusAnswer> {
  requireProtocol(request);
  const view = await settled(parts, request);
  return view.kind === 'ended' ? endOf(view.outcome) : handleTusRequest(parts, actorOf(request), request);
}

async function append(parts: TusParts, request: FastifyRequest): Promise<TusAnswer> {
  const view = await viewOf(parts, request);
  if (view.kind === 'ended') return appendToEnded(request, view.outcome);
  try {
    return await handleTusRequest(parts, actorOf(request), request);
  } catch (error) {
    // Its set may have been accepted by the request for another of its files
    const outcome = await parts.uploads.outcome(idOf(request));
    if (outcome?.scans === undefined) throw error;
    return appendToEnded(request, outcome);
  }
}

/** @throws NII_CONFLICT where the request would append to what is whole; the problem that it ended with */
function appendToEnded(request: FastifyRequest, outcome: UploadOutcome): TusAnswer {
  requireProtocol(request);
  const { status, headers } = endOf(outcome);
  if (request.headers['upload-offset'] === headers['upload-offset'])
    return { status: status === 200 ? 204 : status, headers };
  throw new NiiError('NII_CONFLICT', 'This upload is complete: get its result with GET');
}

async function end(parts: TusParts, request: FastifyRequest): Promise<TusAnswer> {
  const view = await viewOf(parts, request);
  if (view.kind === 'open') return handleTusRequest(parts, actorOf(request), request);
  requireProtocol(request);
  if (view.outcome.scans !== undefined)
    throw new NiiError('NII_CONFLICT', 'This upload was already accepted and cannot be deleted');
  await parts.uploads.forgetRejected(view.outcome);
  return { status: 204, headers: {} };
}

/** @throws the problem that the upload ended with */
function endOf({ upload, problem }: UploadOutcome): TusAnswer {
  if (problem !== undefined) throw fromProblem(problem);
  const bytes = String(upload.bytes);
  return {
    status: 200,
    headers: { 'upload-offset': bytes, 'upload-length': bytes, 'cache-control': 'no-store' },
  };
}

function requireProtocol({ headers }: FastifyRequest): void {
  if (headers['tus-resumable'] === protocolHeaders['tus-resumable']) return;
  throw new NiiError('NII_PRECONDITION_FAILED', 'Missing or invalid Tus-Resumable: use 1.0.0');
}

function shown(view: ResumableView): TusUpload {
  const upload = view.kind === 'ended' ? view.outcome.upload : view.upload;
  const { id, bytes, offset, metadata } = upload;
  const common = { id, name: fileNameOf(metadata), bytes, offset, href: `${TUS_PATH}/${id}` };
  if (view.kind === 'open')
    return { ...common, state: offset < bytes ? 'arriving' : 'waiting', ...shownSet(view) };
  const { scans, problem } = view.outcome;
  return {
    ...common,
    state: scans === undefined ? 'refused' : 'accepted',
    ...defined({ scans: scans?.map((scan) => presentAccepted(scan, undefined)), problem }),
  };
}

function shownSet({ upload, set }: Extract<ResumableView, { kind: 'open' }>): Pick<TusUpload, 'set'> {
  const { metadata } = upload;
  if (metadata.set === undefined) return {};
  const names = set.filter(({ offset, bytes }) => offset === bytes).map((one) => fileNameOf(one.metadata));
  return { set: { id: metadata.set, files: filesOf(metadata), whole: new Set(names).size } };
}
