import { NiiError } from '../core/errors.ts';

/**
 * Bounds work that a request starts in this process: more than `most` at once are told to come later, since each holds
 * memory and a processor that others need. @throws NII_BUSY, naming `what`
 */
export function atMost(most: number, what: string): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  return async (work) => {
    if (running >= most) throw new NiiError('NII_BUSY', `${what}: ${most} run already`);
    running += 1;
    try {
      return await work();
    } finally {
      running -= 1;
    }
  };
}
