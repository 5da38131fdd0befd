import { parentPort } from 'node:worker_threads';
import { problemOf } from '../core/errors.ts';
import type { ThreadReply, ThreadRequest } from './thread-calls.ts';

/** The other end of ThreadCalls: says that a task begins, and answers it, a failure as its problem. */
export function answerOnThread<Task, Result>(work: (task: Task) => Promise<Result>): void {
  parentPort?.on('message', async ({ id, task }: ThreadRequest<Task>) => {
    const begun: ThreadReply<Result> = { id, begun: true };
    parentPort?.postMessage(begun);
    const reply = await work(task).then(
      (result): ThreadReply<Result> => ({ id, result }),
      (error: unknown): ThreadReply<Result> => ({ id, problem: problemOf(error) }),
    );
    parentPort?.postMessage(reply);
  });
}
