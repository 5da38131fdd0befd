import type { Server } from 'node:http';
import type { BlockList, Socket } from 'node:net';
import { NiiError } from '../../core/errors.ts';
import { isListed } from './addresses.ts';
import type { ConnectionBounds } from './connection-bounds.ts';
import { rawProblem } from './raw-answer.ts';
import type { CloseReason, Traffic } from './traffic.ts';

/** Connections above the bound that are held for the moment in which they are answered. */
const ANSWERED_AT_A_TIME = 32;

/**
 * Lets servers hold no more connections than the bounds allow, in all and from one address, but for proxies that are trusted: those are many. One above them is answered
 * 503 and closed; in a flood it is closed at once. The files that the others need are never used up.
 */
export function connectionGate(
  { total, perAddress }: Pick<ConnectionBounds, 'total' | 'perAddress'>,
  traffic: Traffic,
  trusted: BlockList,
): (server: Server) => void {
  const byAddress = new Map<string, number>();
  const admit = (socket: Socket) => {
    const address = socket.remoteAddress ?? 'local';
    const held = byAddress.get(address) ?? 0;
    if (traffic.open >= total) return rejectConnection(socket, 'total', traffic);
    if (held >= perAddress && !isListed(trusted, address))
      return rejectConnection(socket, 'address', traffic);
    traffic.open += 1;
    byAddress.set(address, held + 1);
    socket.once('close', () => {
      traffic.open -= 1;
      const left = (byAddress.get(address) ?? 1) - 1;
      if (left === 0) byAddress.delete(address);
      else byAddress.set(address, left);
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
  const whose = reason === 'address' ? 'from this address' : 'to this service';
  socket.write(rawProblem(new NiiError('NII_LIMIT_CONNECTIONS', `Too many open connections ${whose}`)));
  socket.destroySoon();
}
