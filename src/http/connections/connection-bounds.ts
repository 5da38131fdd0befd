import type { Server } from 'node:http';
import type { BlockList, Socket } from 'node:net';
import { NiiError } from '../../core/errors.ts';
import { isListed, networkOf } from './addresses.ts';
import { rawProblem } from './raw-answer.ts';
import type { CloseReason, Traffic } from './traffic.ts';

/** What the connections of one process may take. */
export interface ConnectionBounds {
  /** Open at a time. */
  readonly total: number;
  /** Open at a time from one network. A proxy is one address. */
  readonly perAddress: number;
  /** The head of a request arrives within this. */
  readonly headMs: number;
  /** A body brings `bodyBytesPerSecond` on average in each of these. */
  readonly bodyWindowMs: number;
  readonly bodyBytesPerSecond: number;
  /** How often heads and bodies are looked at. */
  readonly checkMs: number;
}

/** The bounds that an administrator sets; the others follow from the files that the process may open. */
export interface WantedBounds {
  readonly total: number | undefined;
  readonly perAddress: number | undefined;
  readonly bodyBytesPerSecond: number | undefined;
}

export const defaultBounds: ConnectionBounds = Object.freeze({
  total: 1024,
  perAddress: 256,
  headMs: 20_000,
  bodyWindowMs: 30_000,
  bodyBytesPerSecond: 1024,
  checkMs: 1_000,
});

/** Files that the process needs beside those of connections: its code, the database, the log, child processes. */
const RESERVED_FILES = 128;
/** A connection itself, and the file that its upload goes to or its answer comes from. */
const FILES_PER_CONNECTION = 2;
const TOTAL_CEILING = 4096;

/**
 * The bounds of a process that may open this many files.
 * @throws NII_CONFIG where the files do not suffice
 */
export function connectionBounds(wanted: WantedBounds, openFiles: number): ConnectionBounds {
  const room = Math.floor((openFiles - RESERVED_FILES) / FILES_PER_CONNECTION);
  const total = wanted.total ?? Math.min(TOTAL_CEILING, room);
  if (total > room || total < 1) throw tooFewFiles(Math.max(total, 1), openFiles);
  const usual = Math.max(1, Math.min(defaultBounds.perAddress, Math.floor(total / 2)));
  return {
    ...defaultBounds,
    total,
    perAddress: wanted.perAddress ?? usual,
    bodyBytesPerSecond: wanted.bodyBytesPerSecond ?? defaultBounds.bodyBytesPerSecond,
  };
}

function tooFewFiles(total: number, openFiles: number): NiiError {
  const needed = total * FILES_PER_CONNECTION + RESERVED_FILES;
  return new NiiError(
    'NII_CONFIG',
    `${total} connections need ${needed} open files, but this process may open only ${openFiles}: ` +
      'raise that limit (ulimit -n) or lower NII_LIMIT_CONNECTIONS',
  );
}

/** Connections above the bound that are held for the moment in which they are answered. */
const ANSWERED_AT_A_TIME = 32;

/**
 * Lets servers hold no more connections than the bounds allow, in total and from one network; trusted proxies may open
 * more. A connection above them is answered 503 and closed; in a flood it is closed at once. So the others always have
 * the open files that they need.
 */
export function connectionGate(
  { total, perAddress }: Pick<ConnectionBounds, 'total' | 'perAddress'>,
  traffic: Traffic,
  trusted: BlockList,
): (server: Server) => void {
  const byNetwork = new Map<string, number>();
  const admit = (socket: Socket) => {
    const address = socket.remoteAddress ?? 'local';
    const network = networkOf(address);
    const held = byNetwork.get(network) ?? 0;
    if (traffic.open >= total) return rejectConnection(socket, 'total', traffic);
    if (held >= perAddress && !isListed(trusted, address))
      return rejectConnection(socket, 'address', traffic);
    traffic.open += 1;
    byNetwork.set(network, held + 1);
    socket.once('close', () => {
      traffic.open -= 1;
      const left = (byNetwork.get(network) ?? 1) - 1;
      if (left === 0) byNetwork.delete(network);
      else byNetwork.set(network, left);
    });
  };
  return (server) => {
    server.maxConnections = total + ANSWERED_AT_A_TIME;
    server.on('connection', admit);
    server.on('drop', () => traffic.countClosed('total'));
    // Accepting fails where the system has no file left for the connection: it is lost, the service is not
    server.on('error', () => {
      if (server.listening) traffic.countClosed('accept');
    });
  };
}

function rejectConnection(socket: Socket, reason: CloseReason, traffic: Traffic): void {
  traffic.countClosed(reason);
  const whose = reason === 'address' ? 'from this network' : 'to this service';
  socket.write(rawProblem(new NiiError('NII_LIMIT_CONNECTIONS', `Too many open connections ${whose}`)));
  socket.destroySoon();
}
