import { setTimeout as sleep } from 'node:timers/promises';
import { ATTACKER } from '../ask.ts';
import type { Attack } from '../target.ts';
import { Wire } from '../wire.ts';

/** Uploads that bring one byte a second. */
export function slowBodies({ count = 64, seconds = 50 } = {}): Attack {
  return {
    name: 'slow-bodies',
    summary: 'uploads of one byte a second',
    sizes: { count, seconds },
    allowed: ['408', 'closed'],
    memoryMiB: 48,
    prepare:
      async ({ url, senderKey }, { signal }) =>
      async () => {
        const wires = Array.from({ length: count }, () => new Wire(Number(url.port), ATTACKER));
        for (const wire of wires) beginUpload(wire, senderKey);
        const bytes = Buffer.alloc(seconds, '-');
        const dripping = Promise.all(wires.map((wire) => wire.drip(bytes, 1000)));
        await Promise.race([
          dripping,
          sleep(seconds * 1000 + 1000, undefined, { signal }).catch(() => undefined),
        ]);
        const words = wires.map(({ word }) => word);
        for (const { socket } of wires) socket.destroy();
        await dripping;
        return words;
      },
  };
}

function beginUpload(wire: Wire, key: string): void {
  wire.send(
    'POST /v1/scans?name=slow.dcm HTTP/1.1',
    'host: x',
    `authorization: Bearer ${key}`,
    'content-type: application/octet-stream',
    'content-length: 4000',
  );
}
