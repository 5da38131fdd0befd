/** Later it may be in another hand, or of a session that ended. */
const FRESH_MS = 5_000;

/** A case with the version that was seen. */
interface Seen<T> {
  readonly value: T;
  readonly tag: string;
}

/** Holds a case as it was just dealt, for the page that opens with it. */
export class Dealt<T extends { readonly id: string }> {
  #last: { readonly seen: Seen<T>; readonly at: number } | undefined;

  keep(seen: Seen<T>): void {
    this.#last = { seen, at: performance.now() };
  }

  /** The case, where it was dealt a moment ago; once. */
  take(id: string): Seen<T> | undefined {
    const found = this.#last;
    this.#last = undefined;
    const isFresh = found !== undefined && performance.now() - found.at < FRESH_MS;
    return isFresh && found.seen.value.id === id ? found.seen : undefined;
  }
}
