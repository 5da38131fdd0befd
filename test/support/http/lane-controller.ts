import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { IssuedLaneInstruction } from '../../../src/core/case/lane.ts';

/** A controller at a lane that acknowledges whatever it is told. */
export interface LaneController {
  /** What the service is given as its lane. */
  readonly lane: { readonly url: string; readonly secrets: readonly string[] };
  /** What it was told, in order. */
  readonly told: IssuedLaneInstruction[];
  close(): void;
}

export async function openLane(): Promise<LaneController> {
  const told: IssuedLaneInstruction[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      told.push(JSON.parse(Buffer.concat(parts).toString()));
      response.writeHead(204).end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return {
    lane: { url, secrets: ['whsec_b2YgdGhlIHRlc3QsIGFuZCBvZiBub3RoaW5nIGVsc2U='] },
    told,
    close: () => void server.close(),
  };
}
