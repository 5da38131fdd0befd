import { setTimeout as delay } from 'node:timers/promises';
import { ERRORS, type Lock, type Locker, type RequestRelease } from '@tus/server';

const LONGEST_WAIT_MS = 30_000;

interface Holder {
  readonly askToFree: RequestRelease;
  readonly freed: Promise<void>;
  readonly free: () => void;
}

/**
 * One request at a time for each upload. A connection that was cut without a word holds its upload until the next
 * request for it asks to have it freed. The library's own locker turns the event loop at full speed while it waits.
 */
export class TusLocks implements Locker {
  readonly #held = new Map<string, Holder>();

  newLock(id: string): Lock {
    return {
      lock: (signal, askToFree) => this.#hold(id, signal, askToFree),
      unlock: async () => this.#free(id),
    };
  }

  async #hold(id: string, signal: AbortSignal, askToFree: RequestRelease): Promise<void> {
    const deadline = Date.now() + LONGEST_WAIT_MS;
    for (let other = this.#held.get(id); other !== undefined; other = this.#held.get(id)) {
      await other.askToFree();
      const waited = new AbortController();
      const late = delay(Math.max(0, deadline - Date.now()), undefined, { signal: waited.signal });
      await Promise.race([other.freed, late]);
      waited.abort();
      late.catch(ignoreAbort);
      if (signal.aborted || Date.now() >= deadline) throw ERRORS.ERR_LOCK_TIMEOUT;
    }
    let free = () => {};
    const freed = new Promise<void>((resolve) => {
      free = resolve;
    });
    this.#held.set(id, { askToFree, freed, free });
  }

  #free(id: string): void {
    this.#held.get(id)?.free();
    this.#held.delete(id);
  }
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error && error.name === 'AbortError')) throw error;
}
