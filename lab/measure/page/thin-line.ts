import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A proxy on loopback that carries bytes as a thin line does. */
export interface ThinLine {
  readonly address: string;
  /** From now on; before, it carries all at once. */
  readonly begin: () => void;
  readonly close: () => void;
}

/** What both ways share: each piece waits for those before it, and then for its way. */
interface Line {
  isThin: boolean;
  freeAt: number;
}

interface Terms {
  readonly bytesASecond: number;
  /** One way. */
  readonly latencyMs: number;
}

export async function openThinLine(target: string, terms: Terms): Promise<ThinLine> {
  const { hostname, port } = new URL(target);
  const open = new Set<Socket>();
  const ways = [newWay(), newWay()] as const;
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    for (const socket of [near, far]) {
      open.add(socket);
      socket.on('close', () => open.delete(socket));
      // a page that leaves ends its requests; the other side is told by the end of its socket
      socket.on('error', () => socket.destroy());
    }
    carry(near, far, ways[0], terms);
    carry(far, near, ways[1], terms);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    begin: () => {
      for (const way of ways) way.isThin = true;
    },
    close: () => {
      for (const socket of open) socket.destroy();
      server.close();
    },
  };
}

function newWay(): Line {
  return { isThin: false, freeAt: 0 };
}

/** Bytes that wait may be this many times what the line carries while a byte is on its way. */
const MOST_WAITING = 2;

function carry(from: Socket, to: Socket, line: Line, { bytesASecond, latencyMs }: Terms): void {
  let waiting = 0;
  let last = Promise.resolve();
  const later = (ms: number, act: () => void) => {
    last = last
      .then(() => new Promise((done) => setTimeout(done, Math.max(0, ms - performance.now()))))
      .then(act);
  };
  from.on('data', (bytes) => {
    const now = performance.now();
    line.freeAt = Math.max(now, line.freeAt) + (line.isThin ? (1000 * bytes.length) / bytesASecond : 0);
    waiting += bytes.length;
    if (line.isThin && waiting > (MOST_WAITING * bytesASecond * latencyMs) / 1000) from.pause();
    later(line.freeAt + (line.isThin ? latencyMs : 0), () => {
      waiting -= bytes.length;
      if (!to.destroyed) to.write(bytes);
      from.resume();
    });
  });
  from.on('end', () => later(0, () => to.end()));
  from.on('close', () => later(0, () => to.destroy()));
}
