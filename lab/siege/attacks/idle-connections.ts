import { setTimeout as sleep } from 'node:timers/promises';
import { ATTACKER } from '../ask.ts';
import type { Attack } from '../target.ts';
import { Wire } from '../wire.ts';

/** Connections that say nothing, all from one address. */
export async function openIdle(port: number, count: number): Promise<readonly Wire[]> {
  const wires = Array.from({ length: count }, () => new Wire(port, ATTACKER));
  await Promise.all(wires.map((wire) => wire.opened()));
  return wires;
}

/** As many connections as the process may open files, and more. */
export function idleConnections({ count = 1100, seconds = 8 } = {}): Attack {
  return {
    name: 'idle-connections',
    summary: 'connections from one address that say nothing',
    sizes: { count, seconds },
    allowed: ['503', 'closed', 'still open'],
    memoryMiB: 48,
    prepare:
      async ({ url }, { signal }) =>
      async () => {
        const wires = await openIdle(Number(url.port), count);
        await sleep(seconds * 1000, undefined, { signal }).catch(() => undefined);
        const words = wires.map(({ word }) => word);
        for (const { socket } of wires) socket.destroy();
        return words;
      },
  };
}
