/** Callers with this many failures in a row wait behind the others until something of theirs succeeds. */
export const FAILURES_IN_A_ROW = 3;

/** More callers than that have no streak at the same time unless keys are made for it. */
const MOST_CALLERS = 10_000;

/** Counts what fails, by caller. Each success takes one failure back. */
export class FailureStreaks {
  /** Only callers with a streak, the oldest first. */
  readonly #counts = new Map<string, number>();

  note(caller: string, hasFailed: boolean): void {
    const count = this.#counts.get(caller) ?? 0;
    this.#counts.delete(caller);
    const next = hasFailed ? Math.min(count + 1, 2 * FAILURES_IN_A_ROW) : count - 1;
    if (next > 0) this.#counts.set(caller, next);
    const [oldest] = this.#counts.keys();
    if (this.#counts.size > MOST_CALLERS && oldest !== undefined) this.#counts.delete(oldest);
  }

  /** Whether the caller waits behind the others. */
  isSlow(caller: string): boolean {
    return (this.#counts.get(caller) ?? 0) >= FAILURES_IN_A_ROW;
  }
}
