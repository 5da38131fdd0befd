import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { NiiError } from '../../core/errors.ts';
import { headersOf, problemDocument } from '../problems.ts';

/** How long the other side is listened to after the answer, so that the answer reaches it (RFC 9112, section 9.6). */
const LINGER_MS = 500;

/** What every answer says, also one that no route gives. */
export const headersOfAll = {
  'cache-control': 'private, no-store',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
} as const;

/** A problem document as a whole answer, for a connection that has no request to answer; to HEAD without its body. */
export function rawProblem(error: NiiError, method?: 'HEAD'): string {
  const body = JSON.stringify(problemDocument(error, randomUUID()));
  const headers = {
    ...headersOf(error),
    ...headersOfAll,
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status] ?? ''}\r\n${lines.join('')}\r\n${method === 'HEAD' ? '' : body}`;
}

/** Answers, and closes the connection a moment later. */
export function endWith(socket: Socket, error: NiiError, method?: 'HEAD'): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  socket.end(rawProblem(error, method));
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}
