import type { Server } from 'node:http';
import type { BlockList, Socket } from 'node:net';
import { NiiError } from '../../core/errors.ts';
import { isListed, networkOf } from './addresses.ts';
import type { ConnectionBounds } from './connection-bounds.ts';
import { rawProblem } from './raw-answer.ts';
import type { CloseReason, Traffic } from './traffic.ts';

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
