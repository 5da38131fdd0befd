import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { NiiError } from '../../core/errors.ts';
import { addressList } from './addresses.ts';
import { ClientErrors } from './client-errors.ts';
import { type ConnectionBounds, connectionGate } from './connection-bounds.ts';
import { endSlowBodies } from './slow-bodies.ts';
import type { Traffic } from './traffic.ts';

/** A connection on which nothing moves is given up. Longer than any answer that waits on purpose. */
const IDLE_SOCKET_MS = 120_000;
/** Longer than proxies keep a connection without a request, so that they close it first. */
const KEEP_ALIVE_MS = 72_000;
/** Of the head of a request, and so of any name in its address. */
export const HEAD_BYTES = 16 * 1024;

/**
 * Options that make Fastify open servers of bounded connections, heads and bodies; also the second one that it opens
 * where a name stands for two addresses.
 */
export function boundedServers(
  bounds: ConnectionBounds,
  traffic: Traffic,
  trustedProxies: readonly string[],
) {
  const errors = new ClientErrors(traffic);
  const guards = [
    connectionGate(bounds, traffic, addressList(trustedProxies)),
    endSlowBodies(bounds, traffic),
  ];
  const serverFactory = (handler: RequestListener) => {
    const server = createServer(nodeOptions(bounds), handler);
    server.keepAliveTimeout = KEEP_ALIVE_MS;
    server.setTimeout(IDLE_SOCKET_MS);
    errors.listen(server);
    for (const guard of guards) guard(server);
    return server;
  };
  // Fastify's own answer to what is no HTTP would be a second one
  return { serverFactory, clientErrorHandler: () => {} };
}

function nodeOptions({ headMs, checkMs }: ConnectionBounds) {
  return {
    headersTimeout: headMs,
    // A body has a rate, not a time: see slow-bodies.ts
    requestTimeout: 0,
    connectionsCheckingInterval: checkMs,
    maxHeaderSize: HEAD_BYTES,
    // Node would answer without a problem document
    requireHostHeader: false,
  };
}

/** Rejects what Node's parser lets through: HTTP/0.9, and HTTP/1.1 without a host (RFC 9112, section 3.2). */
export function requireHttp(app: FastifyInstance, traffic: Traffic): void {
  app.addHook('onRequest', async ({ raw }) => {
    const problem = faultOf(raw);
    if (problem === undefined) return;
    traffic.countProtocolError(problem.code);
    throw problem;
  });
}

function faultOf({ httpVersion, headers }: IncomingMessage): NiiError | undefined {
  if (httpVersion === '1.0') return undefined;
  if (httpVersion !== '1.1')
    return new NiiError('NII_BAD_REQUEST', `Invalid version HTTP/${httpVersion}: use HTTP/1.1`);
  if (headers.host !== undefined) return undefined;
  return new NiiError('NII_BAD_REQUEST', {
    detail: 'Missing Host header: HTTP/1.1 requires it',
    field: 'host',
  });
}
