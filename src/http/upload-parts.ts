import type { IncomingMessage } from 'node:http';
import type { Multipart } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import type { Static } from 'typebox';
import Value from 'typebox/value';
import { defined } from '../core/defined.ts';
import { NiiError, orList } from '../core/errors.ts';
import type { Limits } from '../core/limits.ts';
import { MOST_VISIT_CHARACTERS, Visit } from '../core/scan/circumstances.ts';
import { Purpose } from '../core/scan/scan.ts';
import { type UploadMeta, uploadFields } from '../core/upload.ts';
import type { UploadPart } from '../receive/upload.ts';
import type { UploadQuery } from './schemas/requests.ts';

/** Room for boundaries, part headers and fields around the files of a form. */
const FORM_OVERHEAD_BYTES = 1024 * 1024;

/** An upload being read: the parts as they arrive, and what was sent beside them, complete once the parts are. */
export interface IncomingUpload {
  readonly parts: AsyncIterable<UploadPart>;
  readonly meta: () => UploadMeta;
}

type Query = Static<typeof UploadQuery>;

/**
 * The parts of a form, or a single body as one part.
 * @throws NII_LIMIT_BYTES where Content-Length alone says that the limit is passed
 */
export function incomingUpload(request: FastifyRequest, query: Query, limits: Limits): IncomingUpload {
  rejectDeclaredLength(request, limits);
  const form = request.isMultipart();
  if (form) {
    rejectBodyHash(request, query);
    requireBoundary(request);
  }
  const fields = new Map<string, string>();
  return {
    parts: form ? formParts(request, fields, limits) : singlePart(request, query),
    meta: () => metaOf(query, fields),
  };
}

export function rejectDeclaredLength({ headers }: FastifyRequest, { uploadBytes }: Limits): void {
  const declared = Number(headers['content-length'] ?? 0);
  if (declared > uploadBytes + FORM_OVERHEAD_BYTES) {
    throw new NiiError('NII_LIMIT_BYTES', `The upload is too large: use at most ${uploadBytes} bytes`);
  }
}

/** A digest of a form would cover its boundaries too, and is not checked; better rejected than ignored. */
function rejectBodyHash({ headers }: FastifyRequest, { sha256, name }: Query): void {
  if (sha256 === undefined && name === undefined && headers['content-digest'] === undefined) return;
  throw new NiiError(
    'NII_BAD_REQUEST',
    'A name or SHA-256 is only for a single body (application/octet-stream or application/zip), not for a form',
  );
}

/** RFC 2046 allows 70 characters; senders in the field write more. The reader of parts takes no more than this. */
const BOUNDARY_CEILING = 252;

/**
 * Returns the boundary between the parts of a body.
 * @throws NII_BAD_REQUEST if it is missing or too long
 */
export function requireBoundary({ headers }: FastifyRequest): string {
  const [, quoted, plain] = /;\s*boundary=(?:"([^"]*)"|([^;\s]*))/i.exec(headers['content-type'] ?? '') ?? [];
  const boundary = quoted ?? plain ?? '';
  if (boundary !== '' && boundary.length <= BOUNDARY_CEILING) return boundary;
  throw new NiiError('NII_BAD_REQUEST', {
    detail: `Invalid boundary in Content-Type: use 1 to ${BOUNDARY_CEILING} characters`,
    field: 'content-type',
  });
}

async function* formParts(
  request: FastifyRequest,
  fields: Map<string, string>,
  { uploadBytes, uploadFiles }: Limits,
): AsyncGenerator<UploadPart> {
  // Above our own limit, which counts all files together and stops the moment that it is passed: the form reader
  // would cut a file short and go on.
  const fileSize = uploadBytes + FORM_OVERHEAD_BYTES;
  const limits = { fileSize, files: uploadFiles + 1, fields: 64, parts: uploadFiles + 65, fieldSize: 4096 };
  try {
    for await (const part of request.parts({ limits })) {
      if (part.type === 'file') yield filePart(part);
      else keepField(fields, part);
    }
  } catch (error) {
    throw isUncoded(error) ? malformedForm(error) : error;
  }
}

/** The form reader gives no code to what it rejects in the body itself. */
function isUncoded(error: unknown): boolean {
  return error instanceof Error && !('code' in error);
}

function malformedForm(cause: unknown): NiiError {
  const detail =
    'Invalid form: start each part with the boundary, end lines with CRLF and the form with its last boundary';
  return new NiiError('NII_BAD_REQUEST', { detail, cause });
}

function filePart(part: Extract<Multipart, { type: 'file' }>): UploadPart {
  const { filename, file } = part;
  return {
    name: filename === undefined || filename === '' ? 'unnamed' : filename,
    stream: file,
    truncated: () => file.truncated,
  };
}

function keepField(fields: Map<string, string>, part: Extract<Multipart, { type: 'field' }>): void {
  const { fieldname: field, value } = part;
  if (!uploadFields.has(field)) {
    throw new NiiError('NII_BAD_REQUEST', {
      detail: `Unknown field: a form can have files and the fields ${[...uploadFields].join(', ')}`,
      field,
    });
  }
  if (typeof value !== 'string' || part.valueTruncated || value.length > 128) {
    throw new NiiError('NII_BAD_REQUEST', { detail: 'Field too long: use at most 128 characters', field });
  }
  if (fields.has(field))
    throw new NiiError('NII_BAD_REQUEST', { detail: 'The form has this field twice: send it once', field });
  fields.set(field, value);
}

async function* singlePart(request: FastifyRequest, query: Query): AsyncGenerator<UploadPart> {
  const sha256 = declaredHash(request, query);
  const name = query.name ?? dispositionName(request.headers['content-disposition']) ?? 'unnamed';
  yield { name, stream: bodyOf(request.raw), ...defined({ sha256 }) };
}

/**
 * The body as it arrives; one that the connection cuts short fails, it does not merely end. When its reader stops
 * early the message is left open, unlike with `for await`: the rejection has yet to go out on the same connection.
 */
export async function* bodyOf(message: IncomingMessage): AsyncGenerator<Uint8Array> {
  const chunks: AsyncIterator<Uint8Array> = message.iterator({ destroyOnReturn: false });
  for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value;
  if (message.complete === false)
    throw new NiiError('NII_UPLOAD_CUT', 'The connection ended before the upload was complete');
}

function declaredHash({ headers }: FastifyRequest, { sha256 }: Query): string | undefined {
  const header = headers['content-digest'];
  const digest = header === undefined ? undefined : digestHex(String(header));
  if (digest !== undefined && sha256 !== undefined && digest !== sha256.toLowerCase()) {
    throw new NiiError('NII_BAD_REQUEST', 'Content-Digest and sha256 are different hashes');
  }
  return digest ?? sha256;
}

/** SHA-256 of a Content-Digest (RFC 9530), hex. */
function digestHex(header: string): string {
  const value = /(?:^|,)\s*sha-256=:([A-Za-z0-9+/]{43}=):\s*(?:,|$)/.exec(header)?.[1];
  if (value === undefined) {
    throw new NiiError('NII_BAD_REQUEST', {
      detail: 'Invalid Content-Digest: use sha-256=:<base64>:',
      field: 'content-digest',
    });
  }
  return Buffer.from(value, 'base64').toString('hex');
}

/** File name of a Content-Disposition (RFC 6266), the extended form first. */
export function dispositionName(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const extended = /;\s*filename\*=UTF-8''([^;\s]+)/i.exec(header)?.[1];
  if (extended !== undefined) return decoded(extended);
  return /;\s*filename="([^"\\]*)"/i.exec(header)?.[1] ?? /;\s*filename=([^;\s"]+)/i.exec(header)?.[1];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new NiiError('NII_BAD_REQUEST', {
      detail: 'The file name is not percent-encoded UTF-8',
      field: 'content-disposition',
      cause,
    });
  }
}

function metaOf(query: Query, fields: ReadonlyMap<string, string>): UploadMeta {
  const site = fields.get('site') ?? query.site;
  const scanner = fields.get('scanner') ?? query.scanner;
  const lane = fields.get('lane') ?? query.lane;
  const visit = fields.get('visit') ?? query.visit;
  const purpose = fields.get('purpose') ?? query.purpose;
  return {
    ...defined({ site, scanner, lane, visit: visit === undefined ? undefined : visitOf(visit) }),
    ...defined({ purpose: purpose === undefined ? undefined : purposeOf(purpose) }),
  };
}

function visitOf(value: string): string {
  if (Value.Check(Visit, value)) return value;
  throw new NiiError('NII_BAD_REQUEST', {
    detail: `Invalid visit: use 1 to ${MOST_VISIT_CHARACTERS} characters without control characters`,
    field: 'visit',
  });
}

function purposeOf(value: string): Purpose {
  if (Value.Check(Purpose, value)) return value;
  throw new NiiError('NII_BAD_REQUEST', {
    detail: `Invalid purpose "${value}": use ${orList(Purpose.enum)}`,
    field: 'purpose',
  });
}
