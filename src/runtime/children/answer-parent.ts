import { Socket } from 'node:net';
import { isNiiError, problemOf, stackOf } from '../../core/errors.ts';
import { CHANNEL_FD, Channel } from './channel.ts';
import { type Encoding, jsonEncoding } from './encoding.ts';
import { isRequest, type Reply, type Request } from './messages.ts';
import { isProof, tryForbidden } from './proof.ts';

/** Does one task; `progress` tells the parent how far it is. */
export type Work = (task: unknown, progress: (value: unknown) => void) => Promise<unknown>;

/** What a parent sends is its own business: its memory is the bound. */
const TASK_CEILING = 2 ** 32 - 1;

/** The child's end: answers one request after the other, and ends this process when the parent is gone. */
export function answerParent(work: Work, encoding: Encoding = jsonEncoding): void {
  let before: Promise<void> = Promise.resolve();
  const channel = new Channel(
    new Socket({ fd: CHANNEL_FD, readable: true, writable: true }),
    { encoding, longestBytes: TASK_CEILING },
    {
      onMessage: (message) => {
        if (!isRequest(message)) return;
        before = before.then(() => answer(message, work, (reply) => channel.send(reply)));
      },
      onUnreadable: () => process.exit(1),
      onClose: () => process.exit(),
    },
  );
  channel.send({ kind: 'ready' } satisfies Reply);
}

async function answer({ id, task }: Request, work: Work, send: (reply: Reply) => void): Promise<void> {
  try {
    const value = isProof(task)
      ? await tryForbidden(task)
      : await work(task, (progress) => send({ kind: 'progress', id, value: progress }));
    send({ kind: 'result', id, value });
  } catch (error) {
    send({ kind: 'problem', id, problem: problemOf(error), ...causeOf(error) });
  }
}

function causeOf(error: unknown): { readonly cause?: string } {
  return isNiiError(error) && error.cause !== undefined ? { cause: stackOf(error.cause) } : {};
}
