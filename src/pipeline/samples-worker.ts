import { parentPort } from 'node:worker_threads';
import { problemOf } from '../core/errors.ts';
import { decodePlane } from './planes.ts';
import type { DecodeReply, DecodeRequest } from './samples.ts';

/** The decoding thread of samples.ts. */
parentPort?.on('message', async ({ id, bytes, channel, name, limits }: DecodeRequest) => {
  const reply = await decodePlane(bytes, channel, name, limits).then(
    (samples): DecodeReply => ({ id, samples }),
    (error: unknown): DecodeReply => ({ id, problem: problemOf(error) }),
  );
  parentPort?.postMessage(reply);
});
