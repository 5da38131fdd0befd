import type { Terminal } from './command.ts';

export interface Progress {
  readonly count: (done: number) => void;
  /** Ends the line. */
  readonly end: () => void;
}

const EVERY_MS = 200;

/** A count that runs on one line while a person watches; silent otherwise. */
export function progressOf({ watched, overwrite }: Terminal, what: string): Progress {
  let shownAt = 0;
  let shown = false;
  return {
    count: (done) => {
      const now = Date.now();
      if (!watched || now - shownAt < EVERY_MS) return;
      shownAt = now;
      shown = true;
      overwrite(`${done} ${what}`);
    },
    end: () => {
      if (shown) overwrite('');
    },
  };
}
