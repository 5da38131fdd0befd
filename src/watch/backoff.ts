const FIRST_MS = 1_000;
const LONGEST_MS = 5 * 60_000;
/** Longer waits that a service asks for are not believed. */
const ASKED_CEILING_MS = 60 * 60_000;
/** Many watchers must not come back at the same moment. */
const SPREAD = 0.2;

/** Waits that double from one try to the next, up to five minutes. */
export class Backoff {
  readonly #random: () => number;
  #tries = 0;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** How long to wait now; at least as long as was asked for. */
  next(askedMs = 0): number {
    const ms = Math.min(FIRST_MS * 2 ** Math.min(this.#tries, 20), LONGEST_MS);
    this.#tries += 1;
    const spread = ms * (1 - SPREAD * this.#random());
    return Math.max(spread, Math.min(askedMs, ASKED_CEILING_MS));
  }

  get tries(): number {
    return this.#tries;
  }

  reset(): void {
    this.#tries = 0;
  }
}
