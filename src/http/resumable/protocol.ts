import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { ERRORS, Server } from '@tus/server';
import type { FastifyRequest } from 'fastify';
import type { Actor } from '../../core/access.ts';
import { type ErrorCode, isNiiError, NiiError } from '../../core/errors.ts';
import type { Limits } from '../../core/limits.ts';
import type { Log } from '../../core/ports/process.ts';
import type { ResumableUploads } from '../../receive/resumable/uploads.ts';
import { bodyOf } from '../upload-parts.ts';
import { ChunkDataStore } from './data-store.ts';
import type { TurnLocker } from './locks.ts';

export const TUS_PATH = '/v1/uploads/tus';
export const TUS_BODY = 'application/offset+octet-stream';

/** What every answer of these addresses says of the protocol (tus 1.0, Core Protocol). */
export const protocolHeaders = { 'tus-resumable': '1.0.0', 'tus-version': '1.0.0' } as const;

/** Headers that the library's answers carry; those for pages of other origins are not ours to give. */
const passedOn = [
  'location',
  'upload-offset',
  'upload-length',
  'upload-expires',
  'upload-metadata',
  'cache-control',
];

export interface TusAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

export interface TusParts {
  readonly deps: { readonly limits: Limits; readonly log: Log };
  readonly uploads: ResumableUploads;
  readonly locker: TurnLocker;
}

/**
 * One request through the protocol's own server, which reads the body as it arrives.
 * @throws the rejection as one of our codes
 */
export async function handleTusRequest(
  parts: TusParts,
  actor: Actor,
  request: FastifyRequest,
): Promise<TusAnswer> {
  const failures: unknown[] = [];
  const server = serverFor(parts, actor, failures);
  const answer = await server.handleWeb(webRequest(request.raw));
  if (answer.status >= 400) throw toNiiError(parts.deps, answer.status, failures.at(-1));
  const headers = passedOn.flatMap((name) => {
    const value = answer.headers.get(name);
    return value === null ? [] : [[name, value] as const];
  });
  return { status: answer.status, headers: Object.fromEntries(headers) };
}

function serverFor({ deps, uploads, locker }: TusParts, actor: Actor, failures: unknown[]): Server {
  return new Server({
    path: TUS_PATH,
    relativeLocation: true,
    datastore: new ChunkDataStore(uploads, actor),
    locker,
    maxSize: deps.limits.uploadBytes,
    namingFunction: () => `${actor.keyId}.${randomBytes(16).toString('hex')}`,
    onUploadFinish: async (_request, upload) => {
      await uploads.finish(upload.id);
      // To say when it expires, the library would look for what is accepted, and gone
      upload.creation_date = undefined;
      return {};
    },
    onResponseError: (_request, error) => {
      failures.push(error);
      return undefined;
    },
  });
}

function webRequest(message: IncomingMessage): Request {
  const { method = 'GET', url = '/', headers: given } = message;
  const headers = Object.entries(given).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  const init: RequestInit & { duplex: 'half' } = { method, headers, duplex: 'half' };
  if (method === 'PATCH' || method === 'POST') init.body = streamOf(message);
  // The library takes what stands last for the upload's id, of a query too: only the path was checked
  return new Request(new URL(url.replace(/[?#].*$/s, ''), 'http://service'), init);
}

function streamOf(message: IncomingMessage): ReadableStream<Uint8Array> {
  const chunks = bodyOf(message);
  return new ReadableStream(
    {
      async pull(controller) {
        const next = await chunks.next();
        if (next.done === true) controller.close();
        else controller.enqueue(next.value);
      },
    },
    { highWaterMark: 0 },
  );
}

/** The library's rejections in our words, by status. */
const words: Readonly<Record<number, readonly [ErrorCode, string]>> = {
  404: ['NII_NOT_FOUND', 'There is no such upload of this key'],
  409: ['NII_CONFLICT', 'Upload-Offset is not where this upload stands; ask for it with HEAD'],
  410: ['NII_UPLOAD_EXPIRED', 'It was not finished in time; begin it again'],
  412: ['NII_PRECONDITION_FAILED', 'Send Tus-Resumable: 1.0.0'],
};

function toNiiError({ limits }: { readonly limits: Limits }, status: number, failure: unknown): NiiError {
  if (isNiiError(failure)) return failure;
  if (failure === ERRORS.ABORTED)
    return new NiiError(
      'NII_UPLOAD_CUT',
      'The connection ended early. The bytes that arrived are kept: get the offset with HEAD, and continue',
    );
  if (status === 413)
    return new NiiError(
      'NII_LIMIT_BYTES',
      `The upload is too large: use at most ${limits.uploadBytes} bytes`,
    );
  const known = words[status];
  if (known !== undefined) return new NiiError(known[0], { detail: known[1], cause: failure });
  if (status === 500 && failure instanceof Error)
    return new NiiError('NII_INTERNAL', { detail: failure.message, cause: failure });
  const said =
    typeof failure === 'object' && failure !== null && 'body' in failure ? String(failure.body) : '';
  const detail =
    said.trim() === ''
      ? 'Missing or invalid header of tus 1.0: see https://tus.io/protocols/resumable-upload'
      : said.trim();
  return new NiiError('NII_BAD_REQUEST', { detail, cause: failure });
}
