import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * Continues an iteration whose first step has been taken. If the reader gives up before the next step, the source is closed
 * too; a generator that has not started yet would leave it open.
 */
export function resumed(
  first: IteratorResult<Uint8Array>,
  rest: AsyncIterator<Uint8Array>,
): AsyncIterable<Uint8Array> {
  let taken: IteratorResult<Uint8Array> | undefined = first;
  const iterator: AsyncIterator<Uint8Array> = {
    next: async () => {
      const step = taken ?? (await rest.next());
      taken = undefined;
      return step;
    },
    return: async () => {
      await rest.return?.();
      return { done: true, value: undefined };
    },
  };
  return { [Symbol.asyncIterator]: () => iterator };
}

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

async function* bodyOf(parts: AsyncIterable<BodyPart>, boundary: string): AsyncGenerator<Uint8Array> {
  for await (const { contentType, location, bytes } of parts) {
    const lines = [`--${boundary}`, `Content-Type: ${contentType}`];
    if (location !== undefined) lines.push(`Content-Location: ${location}`);
    const pieces = bytes instanceof Uint8Array ? undefined : bytes[Symbol.asyncIterator]();
    try {
      yield Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
      if (bytes instanceof Uint8Array) yield bytes;
      for (let next = await pieces?.next(); next?.done === false; next = await pieces?.next())
        yield next.value;
    } finally {
      await pieces?.return?.(); // who leaves before the first piece gives it up, too
    }
    yield Buffer.from('\r\n');
  }
  yield Buffer.from(`--${boundary}--\r\n`);
}
