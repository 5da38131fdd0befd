import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { DataStore, ERRORS, type Lock, type Locker, type RequestRelease, Server, Upload } from '@tus/server';
import type { FastifyRequest } from 'fastify';
import type { Actor } from '../core/access.ts';
import { type ErrorCode, isNiiError, NiiError } from '../core/errors.ts';
import type { Limits } from '../core/limits.ts';
import type { Log } from '../core/ports/process.ts';
import type { Turn, Turns } from '../core/ports/transactions.ts';
import type { ResumableUploads } from '../receive/resumable/uploads.ts';
import { bodyOf } from './upload-parts.ts';

const LONGEST_WAIT_MS = 30_000;

/**
 * One request at a time for each upload, among all processes. A connection that was cut without a word holds its upload
 * until the next request for it, at any process, asks to have it freed. @throws NII_BUSY if it is not freed in time
 */
export class TurnLocker implements Locker {
  readonly #turns: Turns;

  constructor(turns: Turns) {
    this.#turns = turns;
  }

  newLock(id: string): Lock {
    let turn: Turn | undefined;
    return {
      lock: async (signal: AbortSignal, askToFree: RequestRelease) => {
        const onWanted = () => void askToFree();
        turn = await this.#turns.takeTurn(`upload ${id}`, { waitMs: LONGEST_WAIT_MS, signal, onWanted });
      },
      unlock: async () => turn?.end(),
    };
  }
}

/** The resumable uploads of one actor as the protocol's server sees them. */
class ChunkDataStore extends DataStore {
  // Not creation-defer-length: a length that arrives later could not be checked against the limits
  override extensions = ['creation', 'creation-with-upload', 'termination', 'expiration'];
  readonly #uploads: ResumableUploads;
  readonly #actor: Actor;

  constructor(uploads: ResumableUploads, actor: Actor) {
    super();
    this.#uploads = uploads;
    this.#actor = actor;
  }

  override async create(upload: Upload): Promise<Upload> {
    const { id, size: bytes = 0, metadata } = upload;
    const { createdAt } = await this.#uploads.begin(this.#actor, { id, bytes, metadata });
    upload.creation_date = createdAt;
    return upload;
  }

  override write(stream: Readable, id: string, offset: number): Promise<number> {
    return this.#uploads.append(id, offset, stream);
  }

  override async getUpload(id: string): Promise<Upload> {
    const upload = await this.#uploads.upload(id);
    if (upload === undefined) throw ERRORS.FILE_NOT_FOUND;
    const { bytes: size, offset, createdAt: creation_date, metadata } = upload;
    return new Upload({ id, size, offset, creation_date, metadata });
  }

  override async remove(id: string): Promise<void> {
    if (!(await this.#uploads.remove(id))) throw ERRORS.FILE_NOT_FOUND;
  }

  override getExpiration(): number {
    return this.#uploads.expiryMs;
  }
}

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
  404: ['NII_NOT_FOUND', 'Unknown upload, or not visible to this key'],
  409: ['NII_CONFLICT', 'Upload-Offset does not match this upload; get the offset with HEAD'],
  410: ['NII_UPLOAD_EXPIRED', 'The upload was not finished in time; start it again'],
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
      ? 'Missing or invalid tus 1.0 header: see https://tus.io/protocols/resumable-upload'
      : said.trim();
  return new NiiError('NII_BAD_REQUEST', { detail, cause: failure });
}
