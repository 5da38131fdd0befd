import { TIMEOUTS_IN_A_ROW } from '../../core/turns.ts';

/** More callers than that have no streak at the same time unless keys are made for it. */
const MOST_CALLERS = 10_000;

/** Timeouts in a row, by caller. */
export class TimeoutStreaks {
  /** Only callers with a streak, the oldest first. */
  readonly #counts = new Map<string, number>();

  note(caller: string, isTimeout: boolean): void {
    const count = this.#counts.get(caller) ?? 0;
    this.#counts.delete(caller);
    if (isTimeout) this.#counts.set(caller, count + 1);
    const [oldest] = this.#counts.keys();
    if (this.#counts.size > MOST_CALLERS && oldest !== undefined) this.#counts.delete(oldest);
  }

  /** Whether the caller waits behind the others. */
  isSlow(caller: string): boolean {
    return (this.#counts.get(caller) ?? 0) >= TIMEOUTS_IN_A_ROW;
  }
}
