import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { defined } from '../core/defined.ts';
import { type ErrorCode, NiiError } from '../core/errors.ts';
import { isArriving, rejectArriving } from './reject-arriving.ts';

export const PROBLEM_TYPE = 'application/problem+json';

/** How long a caller is asked to wait where the failure does not say. */
const RETRY_AFTER_SECONDS = 5;

/** Rejections by Fastify and its plug-ins, in our words. */
const foreign: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['NII_LIMIT_BYTES', 'A request body of this kind can be at most 1 MiB'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    'NII_MEDIA_TYPE',
    'Use a media type that the API description lists for this endpoint',
  ],
  FST_INVALID_MULTIPART_CONTENT_TYPE: ['NII_MEDIA_TYPE', 'Invalid media type: use multipart/form-data'],
  FST_PARTS_LIMIT: ['NII_LIMIT_FILES', 'A single upload cannot have this many parts'],
  FST_FILES_LIMIT: ['NII_LIMIT_FILES', 'One upload cannot have this many files'],
  FST_FIELDS_LIMIT: ['NII_LIMIT_FILES', 'One upload cannot have this many fields'],
  FST_REQ_FILE_TOO_LARGE: ['NII_LIMIT_BYTES', 'A file is larger than the upload limit'],
  FST_MP_PREMATURE_CLOSE: ['NII_UPLOAD_CUT', 'The connection ended before the upload was complete'],
  EMFILE: ['NII_BUSY', 'The service has reached its limit of open files'],
  ENFILE: ['NII_BUSY', 'The machine has reached its limit of open files'],
  ECONNRESET: ['NII_UPLOAD_CUT', 'The connection ended before the request was complete'],
};

/** Answers every failure as an RFC 9457 problem document. */
export function answerProblems(app: FastifyInstance): void {
  app.setErrorHandler((error, request, reply) => answerProblem(request, reply, toNiiError(error)));
  app.setNotFoundHandler((request, reply) =>
    answerProblem(
      request,
      reply,
      new NiiError('NII_NOT_FOUND', `Unknown endpoint ${request.method} ${pathOf(request)}`),
    ),
  );
}

/** Without the query, in which a person may have written anything. */
function pathOf({ url }: FastifyRequest): string {
  return url.split('?', 1)[0]?.slice(0, 200) ?? '';
}

async function answerProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  error: NiiError,
): Promise<FastifyReply | undefined> {
  if (!isArriving(request)) {
    sendProblem(request, reply, error);
    return reply; // else Fastify takes the answer, while it is on its way, for one that is still to be sent
  }
  logFault(request, error);
  await rejectArriving(request, reply, {
    status: error.status,
    headers: headersOf(error),
    body: bodyOf(error, request),
  });
  return undefined;
}

/** Answers a request that is here whole. */
export function sendProblem(request: FastifyRequest, reply: FastifyReply, error: NiiError): void {
  logFault(request, error);
  for (const [name, value] of Object.entries(headersOf(error))) {
    if (!reply.hasHeader(name)) reply.header(name, value);
  }
  reply.code(error.status).send(bodyOf(error, request));
}

function bodyOf(error: NiiError, { id }: FastifyRequest): string {
  return JSON.stringify(problemDocument(error, id));
}

/** The problem as it goes out. What a 500 really was stays in the log. */
export function problemDocument(error: NiiError, requestId: string) {
  const problem = error.status === 500 ? hidden(error) : error.toProblem();
  const { code, title, detail, offset, field } = problem;
  return {
    type: `https://nii-hub.org/problems/${code}`,
    title,
    status: error.status,
    detail,
    code,
    instance: `urn:uuid:${requestId}`,
    ...defined({ offset, field }),
  };
}

function hidden({ code }: NiiError) {
  return new NiiError(code, 'See the service log, under the ID of this request').toProblem();
}

/** Headers that a failure of this kind comes with. */
export function headersOf(error: NiiError): Readonly<Record<string, string>> {
  const type = { 'content-type': PROBLEM_TYPE };
  if (error.status === 401) return { ...type, 'www-authenticate': 'Bearer realm="nii-hub"' };
  if (error.status === 429 || error.status === 503)
    return { ...type, 'retry-after': String(RETRY_AFTER_SECONDS) };
  return type;
}

function logFault(request: FastifyRequest, error: NiiError): void {
  if (error.status < 500) return;
  request.log.error({ err: error, code: error.code }, 'request failed');
}

/** Any failure as one of ours. */
export function toNiiError(error: unknown): NiiError {
  if (error instanceof NiiError) return error;
  if (!(error instanceof Error))
    return new NiiError('NII_INTERNAL', { detail: 'not an error', cause: error });
  return (
    knownForeign(error) ??
    clientFault(error) ??
    new NiiError('NII_INTERNAL', { detail: error.message, cause: error })
  );
}

function knownForeign(error: Error): NiiError | undefined {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const known = Object.hasOwn(foreign, code) ? foreign[code] : undefined;
  if (known === undefined) return undefined;
  return new NiiError(known[0], { detail: known[1], cause: error });
}

function clientFault(error: Error): NiiError | undefined {
  if (!('statusCode' in error) || typeof error.statusCode !== 'number') return undefined;
  if (error.statusCode < 400 || error.statusCode >= 500) return undefined;
  return new NiiError('NII_BAD_REQUEST', { detail: error.message, cause: error });
}
