/** Later it may be in another hand, masked by the policy, or of a session that ended. */
const FRESH_MS = 5_000;

/** Holds one thing from the page that began it to the page that opens with it. */
export class HandOver<T> {
  #last: { readonly of: string; readonly value: T; readonly at: number } | undefined;

  /** @param of - what it belongs to */
  keep(of: string, value: T): void {
    this.#last = { of, value, at: performance.now() };
  }

  /** Returns the kept value for this key, once. Any call removes it. */
  take(of: string): T | undefined {
    const found = this.#last;
    this.#last = undefined;
    const isFresh = found !== undefined && performance.now() - found.at < FRESH_MS;
    return isFresh && found.of === of ? found.value : undefined;
  }
}
