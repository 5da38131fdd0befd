import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { NiiError } from '../../core/errors.ts';
import type { ConnectionBounds } from './connection-bounds.ts';
import { endWith } from './raw-answer.ts';
import type { Traffic } from './traffic.ts';

type Bounds = Pick<ConnectionBounds, 'bodyWindowMs' | 'bodyBytesPerSecond' | 'checkMs'>;

/** A request whose body is on its way, and where it stood when the window began. */
interface Arriving {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly windowBegan: number;
  readonly bytesThen: number;
}

/**
 * Ends requests whose body comes more slowly than the bounds allow. There is no limit for the whole: an upload of hours
 * over a thin line is welcome. While bytes wait to be read, the service is the slow side and nobody is blamed.
 */
export function endSlowBodies(bounds: Bounds, traffic: Traffic): (server: Server) => void {
  return (server) => watch(server, bounds, traffic);
}

function watch(server: Server, bounds: Bounds, traffic: Traffic): void {
  let arriving: readonly Arriving[] = [];
  let begun: Arriving[] = [];
  server.on('request', (request, response) => {
    if (hasBody(request)) begun.push(startWindow(request, response));
  });
  const check = setInterval(() => {
    const all = [...arriving, ...begun];
    begun = [];
    arriving = all.flatMap((one) => lookAt(one, bounds, traffic));
  }, bounds.checkMs).unref();
  server.on('close', () => clearInterval(check));
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function startWindow(request: IncomingMessage, response: ServerResponse): Arriving {
  return { request, response, windowBegan: performance.now(), bytesThen: request.socket.bytesRead };
}

/** The request as it goes on; none where it is over. */
function lookAt(one: Arriving, bounds: Bounds, traffic: Traffic): readonly Arriving[] {
  const { request, response, windowBegan, bytesThen } = one;
  if (request.complete || request.socket.destroyed) return [];
  const elapsed = performance.now() - windowBegan;
  if (request.readableLength > 0) return [startWindow(request, response)];
  if (elapsed < bounds.bodyWindowMs) return [one];
  const wanted = (bounds.bodyBytesPerSecond * elapsed) / 1000;
  if (request.socket.bytesRead - bytesThen >= wanted) return [startWindow(request, response)];
  traffic.countClosed('slow-body');
  end(one, bounds);
  return [];
}

function end({ request, response }: Arriving, { bodyBytesPerSecond, bodyWindowMs }: Bounds): void {
  const { socket } = request;
  const isItsTurn = response.socket === socket && !response.headersSent;
  if (!isItsTurn) {
    socket.destroy();
    return;
  }
  const detail = `The body arrived at fewer than ${bodyBytesPerSecond} bytes per second for ${bodyWindowMs / 1000} seconds`;
  endWith(socket, new NiiError('NII_REQUEST_TIMEOUT', detail));
}
