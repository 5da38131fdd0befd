import type { TaskKind } from '../../../src/runtime/threads/task-kind.ts';
import { answerOnThread, workOf } from '../../../src/runtime/threads/thread-entry.ts';

/** Turns for so long, or ends the thread. */
export interface SpinTask {
  readonly ms: number;
  readonly ends?: boolean;
}

const spin = async ({ ms, ends = false }: SpinTask) => {
  if (ends) process.exit(1);
  const until = performance.now() + ms;
  while (performance.now() < until);
  return ms;
};

export const spinTask: TaskKind<SpinTask, number> = { name: 'spin' };
export const otherSpinTask: TaskKind<SpinTask, number> = { name: 'other-spin' };

export default answerOnThread([workOf(spinTask, spin), workOf(otherSpinTask, spin)]);
