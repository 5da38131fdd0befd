import { problemOf } from '../../core/errors.ts';
import type { TaskKind, ThreadReply, ThreadRequest } from './task-kind.ts';

/** One kind of work with the function that does it. */
export interface ThreadWork {
  readonly kind: string;
  readonly work: (task: unknown) => Promise<unknown>;
}

export function workOf<Task, Result>(
  { name }: TaskKind<Task, Result>,
  work: (task: Task) => Promise<Result>,
): ThreadWork {
  // Both ends are this program, and the kind holds the type: what comes is what was sent
  return { kind: name, work: (task) => work(task as Task) };
}

/** The thread's end of ThreadPool: says that a task begins, and answers it, a failure as its problem. */
export function answerOnThread(
  works: readonly ThreadWork[],
): (request: ThreadRequest) => Promise<ThreadReply> {
  const byKind = new Map(works.map(({ kind, work }) => [kind, work]));
  return async ({ kind, task, begun }) => {
    begun.postMessage('begun');
    try {
      const work = byKind.get(kind);
      if (work === undefined) throw new Error(`no thread does ${kind}`);
      return { result: await work(task) };
    } catch (error) {
      return { problem: problemOf(error) };
    }
  };
}
