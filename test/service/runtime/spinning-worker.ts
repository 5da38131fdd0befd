import { answerOnThread } from '../../../src/runtime/thread-answers.ts';

/** Turns for so long, or ends the thread. */
export interface SpinTask {
  readonly ms: number;
  readonly ends?: boolean;
}

answerOnThread(async ({ ms, ends = false }: SpinTask) => {
  if (ends) process.exit(1);
  const until = performance.now() + ms;
  while (performance.now() < until);
  return ms;
});
