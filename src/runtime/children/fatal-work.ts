import { isNiiError, type NiiError } from '../../core/errors.ts';
import { ChildFailure, type ChildFault } from './child-failure.ts';

/** A busy machine may have been the cause, so the same work is tried again after this time. */
export const REMEMBERED_MS = 15 * 60 * 1000;
const MOST_REMEMBERED = 10_000;

/** How work ends its own process. "killed" is not one of them: another program did that. */
const fatalFaults: ReadonlySet<ChildFault> = new Set(['time', 'silence', 'memory', 'ended', 'unreadable']);

/**
 * Remembers work that ended its process: what was done, to which bytes. It would end the next process too, and take the
 * turns of others meanwhile.
 */
export class FatalWork {
  readonly #now: () => number;
  /** The oldest first. */
  readonly #failures = new Map<string, { readonly error: NiiError; readonly until: number }>();

  /** @param now - milliseconds of a clock that never goes back */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** @throws the error that the same work ended with, for `REMEMBERED_MS` after that */
  rejectKnown(work: string): void {
    const known = this.#failures.get(work);
    if (known !== undefined && this.#now() < known.until) throw known.error;
  }

  /** Remembers the work if the error is the end of its process. */
  note(work: string, error: unknown): void {
    const isKnown = this.#failures.get(work)?.error === error;
    if (isKnown || !isNiiError(error) || !isFatal(error)) return;
    this.#failures.delete(work);
    this.#failures.set(work, { error, until: this.#now() + REMEMBERED_MS });
    const [oldest] = this.#failures.keys();
    if (this.#failures.size > MOST_REMEMBERED && oldest !== undefined) this.#failures.delete(oldest);
  }
}

function isFatal({ cause }: NiiError): boolean {
  return cause instanceof ChildFailure && fatalFaults.has(cause.fault);
}
