import { ChildFailure } from './child-failure.ts';
import { type ChildPlan, type RunningChild, startChild, untilReady } from './running-child.ts';

/** So many failed starts in a row are no accident: who asks for a child is told why there is none. */
const FAILED_STARTS = 3;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 30_000;

export interface StockListener {
  /** A child has become ready: it can be taken. */
  readonly onReady: () => void;
  /** There will be no child for a while. */
  readonly onFailing: (failure: ChildFailure) => void;
}

/**
 * Children that are started, have loaded their modules and wait, unused. One that dies is replaced. If several starts
 * in a row fail, it pauses, each time for longer, before it tries again.
 */
export class ChildStock {
  readonly #plan: ChildPlan;
  readonly #wanted: number;
  readonly #listener: StockListener;
  readonly #ready: RunningChild[] = [];
  readonly #starting = new Set<Promise<void>>();
  readonly #notReady = new Set<RunningChild>();
  /** Killed, and not gone yet. */
  readonly #ending = new Set<Promise<void>>();
  #failedStarts = 0;
  #failure: ChildFailure | undefined;
  #pause: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(plan: ChildPlan, wanted: number, listener: StockListener) {
    this.#plan = plan;
    this.#wanted = wanted;
    this.#listener = listener;
  }

  /** Why no child can be started; undefined while one can. */
  get failure(): ChildFailure | undefined {
    return this.#failure;
  }

  /** Starts what is missing. */
  fill(): void {
    if (this.#isClosed || this.#pause !== undefined) return;
    while (this.#ready.length + this.#starting.size < this.#wanted) this.#start();
  }

  /** A child that is ready and has never been used; another is started in its place. */
  take(): RunningChild | undefined {
    let child = this.#ready.shift();
    while (child?.isAlive === false) child = this.#ready.shift();
    this.fill();
    return child;
  }

  /** Ends all, and waits until they are gone. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#pause);
    for (const child of [...this.#ready.splice(0), ...this.#notReady]) this.#end(child);
    await Promise.all(this.#starting);
    await Promise.all(this.#ending);
  }

  #start(): void {
    const started = this.#startOne().finally(() => {
      this.#starting.delete(started);
      this.fill(); // it may have been taken as soon as it was ready
    });
    this.#starting.add(started);
  }

  async #startOne(): Promise<void> {
    let child: RunningChild | undefined;
    try {
      child = await startChild(this.#plan);
      await this.#readyInTime(child);
      this.#onReady(child);
    } catch (cause) {
      if (child !== undefined) this.#end(child);
      this.#onStartFailed(cause);
    }
  }

  async #readyInTime(child: RunningChild): Promise<void> {
    child.unref();
    this.#notReady.add(child);
    if (this.#isClosed) this.#end(child); // closed while it was started
    try {
      await untilReady(child);
    } finally {
      this.#notReady.delete(child);
    }
  }

  #onReady(child: RunningChild): void {
    if (this.#isClosed) {
      this.#end(child);
      return;
    }
    this.#failedStarts = 0;
    this.#failure = undefined;
    this.#ready.push(child);
    void child.failed.then(() => this.#onDeath(child));
    this.#listener.onReady();
  }

  /** It died while it waited; one that was taken is no longer here. */
  #onDeath(child: RunningChild): void {
    const at = this.#ready.indexOf(child);
    if (at < 0) return;
    this.#ready.splice(at, 1);
    this.#end(child);
    this.fill();
  }

  #onStartFailed(cause: unknown): void {
    if (this.#isClosed) return;
    this.#failedStarts += 1;
    if (this.#failedStarts >= FAILED_STARTS) {
      this.#failure = failureOf(cause);
      this.#listener.onFailing(this.#failure);
    }
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(10, this.#failedStarts - 1));
    this.#pause ??= setTimeout(() => this.#endPause(), pauseMs).unref();
  }

  #endPause(): void {
    this.#pause = undefined;
    this.fill();
  }

  #end(child: RunningChild): void {
    const ended = child.end().finally(() => this.#ending.delete(ended));
    this.#ending.add(ended);
  }
}

function failureOf(cause: unknown): ChildFailure {
  if (cause instanceof ChildFailure)
    return new ChildFailure('start', `does not start: it ${cause.message}`, cause);
  return new ChildFailure('start', 'cannot be started', cause);
}
