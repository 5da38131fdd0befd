import type { Lock, Locker, RequestRelease } from '@tus/server';
import type { Turn, Turns } from '../../core/ports/transactions.ts';

const LONGEST_WAIT_MS = 30_000;

/**
 * One request at a time for each upload, among all processes. A connection that was cut without a word holds its upload
 * until the next request for it, at any process, asks to have it freed. @throws NII_BUSY if it is not freed in time
 */
export class TurnLocker implements Locker {
  readonly #turns: Turns;

  constructor(turns: Turns) {
    this.#turns = turns;
  }

  newLock(id: string): Lock {
    let turn: Turn | undefined;
    return {
      lock: async (signal: AbortSignal, askToFree: RequestRelease) => {
        const onWanted = () => void askToFree();
        turn = await this.#turns.takeTurn(`upload ${id}`, { waitMs: LONGEST_WAIT_MS, signal, onWanted });
      },
      unlock: async () => turn?.end(),
    };
  }
}
