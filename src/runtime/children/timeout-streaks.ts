/** A sender with this many timeouts in a row waits behind the others, until something of theirs ends in time; whoever views, with as many failures. */
export const TIMEOUTS_IN_A_ROW = 3;

/** More callers than that have no streak at the same time unless keys are made for it. */
const MOST_CALLERS = 10_000;

/** Timeouts, and failures of views, by caller; what ends well takes one back. */
export class TimeoutStreaks {
  /** Only callers with a streak, the oldest first. */
  readonly #counts = new Map<string, number>();

  note(caller: string, isTimeout: boolean): void {
    const count = this.#counts.get(caller) ?? 0;
    this.#counts.delete(caller);
    const next = isTimeout ? Math.min(count + 1, 2 * TIMEOUTS_IN_A_ROW) : count - 1;
    if (next > 0) this.#counts.set(caller, next);
    const [oldest] = this.#counts.keys();
    if (this.#counts.size > MOST_CALLERS && oldest !== undefined) this.#counts.delete(oldest);
  }

  /** Whether the caller waits behind the others. */
  isSlow(caller: string): boolean {
    return (this.#counts.get(caller) ?? 0) >= TIMEOUTS_IN_A_ROW;
  }
}
