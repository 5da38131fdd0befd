import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * How long a rejected sender is listened to after the answer. Closing at once would make the kernel throw away an
 * answer that is still on its way (RFC 9112, section 9.6).
 */
const LINGER_MS = 500;

export interface Rejection {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Answers while the body is still arriving: the answer goes out whole at once, what still comes is thrown away for
 * a moment, then the connection is closed. Nothing of the rest is kept.
 */
export async function rejectArriving(
  request: FastifyRequest,
  reply: FastifyReply,
  rejection: Rejection,
): Promise<void> {
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(rejection.status, {
    ...plainHeaders(reply),
    ...rejection.headers,
    'content-length': Buffer.byteLength(rejection.body),
    connection: 'close',
  });
  raw.write(rejection.body);
  await throwAway(request);
  raw.end();
}

/** True while the sender has more to say. */
export function isArriving({ raw }: FastifyRequest): boolean {
  return raw.complete === false && !raw.destroyed;
}

function plainHeaders(reply: FastifyReply): Record<string, string> {
  const entries = Object.entries(reply.getHeaders()).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}

async function throwAway({ raw }: FastifyRequest): Promise<void> {
  raw.unpipe();
  // An iterator that was left before its end still listens, and nothing flows while it does
  raw.removeAllListeners('readable');
  raw.resume();
  const ended = new Promise<void>((resolve) => {
    raw
      .once('end', resolve)
      .once('close', resolve)
      .once('error', () => resolve());
  });
  await Promise.race([ended, delay(LINGER_MS)]);
}
