const MOST_REMEMBERED = 10_000;
/** A busy machine may have been the cause. */
const REMEMBERED_MS = 15 * 60 * 1000;
/** What is done in this time is quick, whatever it is. */
const QUICK_MS = 250;

/** Remembers which views are slow, whose are being done, and who looks at good ones. */
export class SlowViews {
  /** Until when they count as slow; the oldest first. */
  readonly #works = new Map<string, number>();
  /** Were done in no time at least once, and not slow since; the oldest first. */
  readonly #quick = new Set<string>();
  readonly #proven = new Set<string>();
  /** How many slow views of a caller are waiting or being done. */
  readonly #callers = new Map<string, number>();

  /** Whether the view would keep those waiting who look at quick ones. */
  isSlow(work: string, caller: string): boolean {
    return performance.now() < (this.#works.get(work) ?? 0) || this.#callers.has(caller);
  }

  /** Whether the same work was done in no time before: if it takes longer now, the machine is busy. */
  wasQuick(work: string): boolean {
    return this.#quick.has(work);
  }

  /** Whether the last view of the caller was good. */
  isProven(caller: string): boolean {
    return this.#proven.has(caller);
  }

  /** It was not done in the time of a quick one. */
  note(work: string): void {
    this.#quick.delete(work);
    this.#works.delete(work);
    this.#works.set(work, performance.now() + REMEMBERED_MS);
    forgetOldest(this.#works);
  }

  /** @param ms - that it took: a view that was slow on a busy machine is quick again on an idle one */
  noteGood(work: string, caller: string, ms: number): void {
    this.#proven.delete(caller);
    this.#proven.add(caller);
    forgetOldest(this.#proven);
    if (ms >= QUICK_MS) return;
    this.#works.delete(work);
    this.#quick.delete(work);
    this.#quick.add(work);
    forgetOldest(this.#quick);
  }

  noteBad(caller: string): void {
    this.#proven.delete(caller);
  }

  /** Counts a slow view of the caller until it has ended. */
  async during<T>(caller: string, view: () => Promise<T>): Promise<T> {
    this.#callers.set(caller, (this.#callers.get(caller) ?? 0) + 1);
    try {
      return await view();
    } finally {
      const left = (this.#callers.get(caller) ?? 1) - 1;
      if (left > 0) this.#callers.set(caller, left);
      else this.#callers.delete(caller);
    }
  }
}

function forgetOldest(names: Map<string, number> | Set<string>): void {
  const [oldest] = names.keys();
  if (names.size > MOST_REMEMBERED && oldest !== undefined) names.delete(oldest);
}
