import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** One part of a multipart/related body (RFC 2387). */
export interface BodyPart {
  readonly contentType: string;
  readonly location?: string;
  readonly bytes: AsyncIterable<Uint8Array> | Uint8Array;
}

/**
 * Streams the parts one after the other. The first one is opened before the answer begins, so that what cannot be
 * given is still answered by a problem document.
 */
export async function sendMultipart(
  request: FastifyRequest,
  reply: FastifyReply,
  type: string,
  parts: AsyncIterable<BodyPart>,
): Promise<FastifyReply> {
  const boundary = randomUUID();
  const body = bodyOf(parts, boundary);
  const first = await body.next();
  reply.type(`multipart/related; type="${type}"; boundary="${boundary}"`);
  if (request.method === 'HEAD') {
    await body.return(undefined);
    return reply.send(Readable.from([]));
  }
  return reply.send(Readable.from(resumed(first, body), { objectMode: false }));
}

async function* resumed(
  first: IteratorResult<Uint8Array>,
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    for (let next = first; next.done !== true; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

async function* bodyOf(parts: AsyncIterable<BodyPart>, boundary: string): AsyncGenerator<Uint8Array> {
  for await (const { contentType, location, bytes } of parts) {
    const lines = [`--${boundary}`, `Content-Type: ${contentType}`];
    if (location !== undefined) lines.push(`Content-Location: ${location}`);
    yield Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
    if (bytes instanceof Uint8Array) yield bytes;
    else yield* bytes;
    yield Buffer.from('\r\n');
  }
  yield Buffer.from(`--${boundary}--\r\n`);
}
