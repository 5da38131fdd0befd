import { NiiError } from '../../core/errors.ts';
import { ChildStock } from './child-stock.ts';
import { FairQueue } from './fair-queue.ts';
import type { Call, ChildPlan, RunningChild } from './running-child.ts';

export interface ReadyChildrenOptions {
  readonly plan: ChildPlan;
  /** Children that work at once. */
  readonly atOnce: number;
  /** Children that work at once for one key, so that no key takes all. */
  readonly atOncePerKey?: number;
  /** Keys that wait behind all others; together they get the children of one key. */
  readonly isSlow?: (key: string) => boolean;
  /** Keys that are known to be good. All others together get no more children than one key. */
  readonly isProven?: (key: string) => boolean;
  /** Children that are started beforehand and wait; each takes memory. */
  readonly ready?: number;
  /** Tasks of one key that a child does before it ends. */
  readonly tasksPerChild?: number;
  /** Who did a task for a key waits this long for its next one. */
  readonly keepMs?: number;
  /** A call waits this long for a child. */
  readonly waitMs?: number;
  /** Calls that may wait, and of one key. */
  readonly mostWaiting?: number;
  readonly mostWaitingPerKey?: number;
}

const defaults = {
  isSlow: () => false,
  ready: 1,
  tasksPerChild: 1,
  keepMs: 5_000,
  waitMs: 60_000,
  mostWaiting: 256,
  mostWaitingPerKey: 64,
};

/** A child that works for a key, or has done so and may do more for it. */
interface Place {
  readonly key: string;
  readonly child: RunningChild;
  readonly tasks: number;
}

interface Waiting {
  readonly key: string;
  readonly resolve: (child: RunningChild) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Children of one plan that are started before they are needed. Each does one task, or a few of the same key, and ends:
 * nothing that a task left in it reaches the task of another. If all are busy, calls wait, and the keys take turns.
 */
export class ReadyChildren {
  readonly #options: Required<Omit<ReadyChildrenOptions, 'isProven'>> &
    Pick<ReadyChildrenOptions, 'isProven'>;
  readonly #stock: ChildStock;
  readonly #queue = new FairQueue<Waiting>();
  readonly #busy = new Map<RunningChild, Place>();
  /** Idle, for more tasks of their keys, the longest unused first; with the timer that ends each. */
  readonly #kept = new Map<Place, NodeJS.Timeout>();
  /** Killed after their task, and not gone yet: they still count as working. */
  readonly #ending = new Map<Place, Promise<void>>();
  /** In the last round some key got no child only because all places were taken. */
  #isPlaceWanted = false;
  #isClosed = false;

  constructor(options: ReadyChildrenOptions) {
    this.#options = { ...defaults, atOncePerKey: options.atOnce, ...options };
    this.#stock = new ChildStock(options.plan, this.#options.ready, {
      onReady: () => this.#serve(),
      onFailing: (failure) => this.#rejectWaiting(failure),
    });
  }

  /** Starts the first children now, and not with the first call. */
  prepare(): void {
    this.#stock.fill();
  }

  /**
   * One task. @param key of the caller: the keys take turns
   * @throws what RunningChild.call throws, and what `take` throws
   */
  async call<Result>(key: string, call: Call<Result>): Promise<Result> {
    const child = await this.take(key, call.signal);
    try {
      return await child.call(call);
    } finally {
      await this.release(child);
    }
  }

  /**
   * A child for one task; it must be released.
   * @throws NII_BUSY where too many wait, none is free in time or this is closed; ChildFailure where none can be started;
   *   the signal's reason
   */
  async take(key: string, signal?: AbortSignal): Promise<RunningChild> {
    signal?.throwIfAborted();
    if (this.#isClosed) throw closed();
    this.#requireRoom(key);
    if (this.#stock.failure !== undefined) throw this.#stock.failure;
    const child = new Promise<RunningChild>((resolve, reject) =>
      this.#wait({ key, resolve, reject }, signal),
    );
    this.#stock.fill();
    this.#serve();
    return child;
  }

  /** The task has ended, well or not. Returns when the child is gone, or is kept for the next task of its key. */
  async release(child: RunningChild): Promise<void> {
    const place = this.#busy.get(child);
    if (place === undefined) return;
    this.#busy.delete(child);
    const isSpent = place.tasks >= this.#options.tasksPerChild || !child.isAlive || this.#isClosed;
    if (isSpent) await this.#end(place);
    else this.#keep(place);
    this.#serve();
  }

  /** Ends all children, those that work included, rejects the calls that wait, and returns when all are gone. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#rejectWaiting(closed());
    const working = [...this.#busy.keys()].map((child) => child.end());
    const idle = [...this.#kept.keys()].map((place) => this.#endKept(place));
    await Promise.all([this.#stock.close(), ...working, ...idle, ...this.#ending.values()]);
  }

  #requireRoom(key: string): void {
    const { mostWaiting, mostWaitingPerKey } = this.#options;
    const own = this.#queue.sizeOf(key);
    if (own >= mostWaitingPerKey)
      throw new NiiError('NII_BUSY', `${own} calls from one sender are already waiting`);
    if (this.#queue.size >= mostWaiting) throw new NiiError('NII_BUSY', `${mostWaiting} calls are waiting`);
  }

  #wait({ key, resolve, reject }: Waiting, signal: AbortSignal | undefined): void {
    const { waitMs } = this.#options;
    const leave = (error: unknown) => {
      this.#queue.remove(key, waiting);
      waiting.reject(error);
    };
    const stop = () => leave(signal?.reason);
    const timer = setTimeout(
      () => leave(new NiiError('NII_BUSY', `no process was free within ${waitMs} ms`)),
      waitMs,
    );
    const settled = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
    };
    const waiting: Waiting = {
      key,
      resolve: (child) => {
        settled();
        resolve(child);
      },
      reject: (error) => {
        settled();
        reject(error);
      },
    };
    signal?.addEventListener('abort', stop, { once: true });
    this.#queue.add(key, waiting);
  }

  /** Gives children to calls that wait, as long as there are both. */
  #serve(): void {
    if (this.#isClosed) return;
    const { isSlow } = this.#options;
    this.#isPlaceWanted = false;
    const next = () => this.#queue.next((key) => this.#placeFor(key), isSlow);
    for (let found = next(); found !== undefined; found = next()) this.#give(found.place, found.entry);
    const [idle] = this.#kept.keys();
    if (this.#isPlaceWanted && idle !== undefined) void this.#endKept(idle);
  }

  get #isFull(): boolean {
    return this.#busy.size + this.#kept.size + this.#ending.size >= this.#options.atOnce;
  }

  #placeFor(key: string): Place | undefined {
    if (this.#hasItsShare(key)) return undefined;
    const kept = [...this.#kept.keys()].find((place) => place.key === key && place.child.isAlive);
    if (kept !== undefined) return kept;
    if (this.#isFull) {
      this.#isPlaceWanted = true;
      return undefined;
    }
    const child = this.#stock.take();
    return child === undefined ? undefined : { key, child, tasks: 0 };
  }

  /** Whether the key, or all slow or all unproven ones if it is such a key, have the children of one key. */
  #hasItsShare(key: string): boolean {
    const { isSlow, isProven, atOncePerKey } = this.#options;
    const isSame = (other: string) => other === key;
    const isUnproven = (other: string) => isProven?.(other) === false;
    const busy = [...this.#busy.values()];
    return [isSame, isSlow, isUnproven]
      .filter((isOne) => isOne(key))
      .some((isOne) => busy.filter((place) => isOne(place.key)).length >= atOncePerKey);
  }

  #give(place: Place, waiting: Waiting): void {
    clearTimeout(this.#kept.get(place));
    this.#kept.delete(place);
    this.#busy.set(place.child, { ...place, tasks: place.tasks + 1 });
    place.child.ref();
    waiting.resolve(place.child);
  }

  #keep(place: Place): void {
    place.child.unref();
    this.#kept.set(place, setTimeout(() => void this.#endKept(place), this.#options.keepMs).unref());
    void place.child.failed.then(() => this.#endKept(place));
  }

  async #endKept(place: Place): Promise<void> {
    if (!this.#kept.has(place)) return; // it works again
    clearTimeout(this.#kept.get(place));
    this.#kept.delete(place);
    await this.#end(place);
    this.#serve();
  }

  async #end(place: Place): Promise<void> {
    const ended = place.child.end();
    this.#ending.set(place, ended);
    try {
      await ended;
    } finally {
      this.#ending.delete(place);
    }
  }

  #rejectWaiting(error: unknown): void {
    for (const waiting of this.#queue.drain()) waiting.reject(error);
  }
}

function closed(): NiiError {
  return new NiiError('NII_BUSY', 'The service is stopping');
}
