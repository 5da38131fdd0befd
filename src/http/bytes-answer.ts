import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { NiiError } from '../core/errors.ts';
import type { ByteRange } from '../core/ports/objects.ts';

/** Stored bytes that never change under their hash. */
export interface HashedBytes {
  readonly bytes: number;
  readonly contentType: string;
  /** Or another hash that names exactly these bytes; absent where none is on record. */
  readonly sha256?: string;
  readonly open: (range?: ByteRange) => Promise<AsyncIterable<Uint8Array>>;
}

/** How long the answer may be kept: an address by number names the same bytes for ever, `latest` does not. */
export type Keeping = 'for-ever' | 'ask-again';

/**
 * Streams bytes with an ETag, answers If-None-Match with 304 and a single Range with 206.
 * Several ranges in one request are answered with the whole, as RFC 9110 section 14.2 allows.
 * @throws NII_RANGE
 */
export async function sendBytes(
  request: FastifyRequest,
  reply: FastifyReply,
  body: HashedBytes,
  keeping: Keeping,
): Promise<FastifyReply> {
  describe(reply, body, keeping);
  if (body.sha256 !== undefined && isKnownTag(request, body.sha256)) return reply.code(304).send();
  const range = rangeAsked(request, reply, body);
  if (range !== undefined)
    reply.code(206).header('content-range', `bytes ${range.first}-${range.last}/${body.bytes}`);
  const length = range === undefined ? body.bytes : range.last - range.first + 1;
  reply.header('content-length', length).type(body.contentType);
  if (request.method === 'HEAD' || length === 0) return reply.send(Readable.from([]));
  return reply.send(Readable.from(await body.open(range), { objectMode: false }));
}

function describe(reply: FastifyReply, body: HashedBytes, keeping: Keeping): void {
  reply.header('accept-ranges', 'bytes').header('vary', 'authorization');
  reply.header('cache-control', keepingHeader(keeping));
  if (body.sha256 !== undefined) reply.header('etag', `"${body.sha256}"`);
}

export function keepingHeader(keeping: Keeping): string {
  return keeping === 'for-ever' ? 'private, max-age=31536000, immutable' : 'private, no-cache';
}

/** Whether the caller has what this tag names. */
export function isKnownTag({ headers }: FastifyRequest, tag: string): boolean {
  const known = headers['if-none-match'];
  if (known === undefined) return false;
  const tags = known.split(',').map((one) => one.trim().replace(/^W\//, ''));
  return tags.includes('*') || tags.includes(`"${tag}"`);
}

function rangeAsked(request: FastifyRequest, reply: FastifyReply, body: HashedBytes): ByteRange | undefined {
  const { range, 'if-range': ifRange } = request.headers;
  if (request.method !== 'GET' || range === undefined) return undefined;
  if (ifRange !== undefined && ifRange !== `"${body.sha256}"`) return undefined;
  const asked = parseRange(range, body.bytes);
  if (asked !== 'outside') return asked;
  reply
    .header('content-range', `bytes */${body.bytes}`)
    .header('cache-control', 'no-store')
    .removeHeader('etag');
  throw new NiiError(
    'NII_RANGE',
    `The range is outside the data: it has ${body.bytes} bytes, numbered from 0`,
  );
}

/** One range of bytes within `length`; undefined for what is not one range and is to be ignored. */
export function parseRange(header: string, length: number): ByteRange | 'outside' | undefined {
  const [, from = '', to = ''] = /^bytes=([0-9]{0,15})-([0-9]{0,15})$/.exec(header.trim()) ?? [];
  if (from === '' && to === '') return undefined;
  if (from === '') return lastBytes(Number(to), length);
  const first = Number(from);
  const last = to === '' ? length - 1 : Math.min(Number(to), length - 1);
  if (to !== '' && Number(to) < first) return undefined;
  return first < length ? { first, last } : 'outside';
}

function lastBytes(count: number, length: number): ByteRange | 'outside' {
  if (count === 0 || length === 0) return 'outside';
  return { first: Math.max(0, length - count), last: length - 1 };
}

/** A revision as an address names it. */
export function revisionNumber(n: string): number | 'latest' {
  return n === 'latest' ? n : Number(n);
}

export function keepingOf(n: string): Keeping {
  return n === 'latest' ? 'ask-again' : 'for-ever';
}
