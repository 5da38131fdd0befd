import { MessageChannel } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { defined } from '../../core/defined.ts';
import { fromProblem, NiiError } from '../../core/errors.ts';
import { bundled } from '../bundle.ts';
import type { TaskKind, ThreadReply, ThreadRequest } from './task-kind.ts';

export interface TaskTimes {
  /** A task may take so long from its beginning. */
  readonly seconds: number;
  /** A call waits so long for its task to begin; a start of the thread is part of it. */
  readonly waitSeconds?: number;
}

export interface ThreadPoolOptions {
  /** Path of the module whose default export answers; the bundle's unless given. */
  readonly module?: string;
  /** Tasks at once, each on a thread of its own. */
  readonly threads?: number;
  /** Tasks of one kind at once, so that no kind takes every thread. */
  readonly threadsPerKind?: number;
}

/** More than processors: one kind of work must not wait for the long tasks of the others. */
const THREADS = 4;
const THREADS_PER_KIND = 2;
/** Longer than that, most callers do not wait for an answer. */
const WAIT_SECONDS = 60;
/** More calls of a kind than this are rejected: each holds what it works on in memory. */
const MOST_WAITING = 64;
/** A thread without work ends after this time and gives back its memory. */
const IDLE_MS = 60_000;

interface Call {
  readonly kind: string;
  readonly task: unknown;
  readonly times: Required<TaskTimes>;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: NiiError) => void;
  /** Ends the thread that the task hangs in. */
  readonly abort: AbortController;
  /** Runs out when the call has waited, and once its task has begun, when that has worked for too long. */
  timer: NodeJS.Timeout | undefined;
}

/**
 * The threads of this process, started when they are first needed. Calls are served in their order, a few of a kind at
 * once. A task that takes too long, or that ends its thread, is rejected alone: the next ones get a new thread.
 */
export class ThreadPool {
  readonly #options: Required<Omit<ThreadPoolOptions, 'module'>> & Pick<ThreadPoolOptions, 'module'>;
  readonly #running = new Set<Call>();
  #waiting: readonly Call[] = [];
  #threads: Promise<Piscina> | undefined;
  #isClosed = false;

  constructor({ module, threads = THREADS, threadsPerKind = THREADS_PER_KIND }: ThreadPoolOptions = {}) {
    this.#options = { threads, threadsPerKind, ...defined({ module }) };
  }

  /**
   * @throws what the work rejects by code; NII_BUSY where too many of its kind wait, or the task did not begin in time,
   *   or the service ends; NII_LIMIT_TIME where it began and took too long; NII_INTERNAL when it ended the thread
   */
  async call<Task, Result>(kind: TaskKind<Task, Result>, task: Task, times: TaskTimes): Promise<Result> {
    if (this.#isClosed) throw stopping();
    const waiting = this.#waiting.filter((call) => call.kind === kind.name).length;
    if (waiting >= MOST_WAITING) throw new NiiError('NII_BUSY', `${waiting} calls are waiting`);
    const result = await new Promise((resolve, reject) => {
      const { seconds, waitSeconds = WAIT_SECONDS } = times;
      this.#add({
        kind: kind.name,
        task,
        times: { seconds, waitSeconds },
        resolve,
        reject,
        abort: new AbortController(),
        timer: undefined,
      });
    });
    return result as Result; // the thread answers the kind with its type
  }

  /** Rejects what waits and runs, and ends the threads. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const call of [...this.#waiting, ...this.#running]) this.#reject(call, stopping());
    const threads = this.#threads;
    this.#threads = undefined;
    await (await threads)?.destroy();
  }

  #add(call: Call): void {
    this.#waiting = [...this.#waiting, call];
    this.#setTimer(call, call.times.waitSeconds, () => this.#onWaitTimeout(call));
    this.#startNext();
  }

  #startNext(): void {
    if (this.#running.size >= this.#options.threads) return;
    const next = this.#waiting.find(({ kind }) => this.#hasRoomFor(kind));
    if (next === undefined) return;
    this.#waiting = this.#waiting.filter((call) => call !== next);
    this.#running.add(next);
    void this.#run(next);
    this.#startNext();
  }

  #hasRoomFor(kind: string): boolean {
    const same = [...this.#running].filter((call) => call.kind === kind);
    return same.length < this.#options.threadsPerKind;
  }

  async #run(call: Call): Promise<void> {
    const { port1: begun, port2 } = new MessageChannel();
    begun.once('message', () => this.#onBegun(call));
    begun.unref();
    try {
      const threads = await this.#openThreads();
      const request: ThreadRequest = { kind: call.kind, task: call.task, begun: port2 };
      const { signal } = call.abort;
      this.#onReply(call, await threads.run(request, { signal, transferList: [port2] }));
    } catch (cause) {
      this.#reject(call, new NiiError('NII_INTERNAL', { detail: 'The thread ended', cause }));
    } finally {
      begun.close();
    }
  }

  #openThreads(): Promise<Piscina> {
    this.#threads ??= this.#startThreads();
    return this.#threads;
  }

  async #startThreads(): Promise<Piscina> {
    const { module, threads } = this.#options;
    const pool = new Piscina({
      filename: module ?? (await bundled('thread')),
      minThreads: 1,
      maxThreads: threads,
      idleTimeout: IDLE_MS,
      execArgv: [],
      atomics: 'disabled', // a thread without work goes on with what it left open
    });
    pool.on('error', (cause) => this.#onPoolError(pool, cause));
    return pool;
  }

  #onBegun(call: Call): void {
    if (!this.#running.has(call)) return;
    this.#setTimer(call, call.times.seconds, () => this.#onRunTimeout(call));
  }

  #onReply(call: Call, reply: ThreadReply): void {
    if ('problem' in reply) this.#reject(call, fromProblem(reply.problem));
    else if (this.#remove(call)) call.resolve(reply.result);
    this.#startNext();
  }

  #onWaitTimeout(call: Call): void {
    const detail = `The work did not begin within ${call.times.waitSeconds} s`;
    this.#reject(call, new NiiError('NII_BUSY', detail));
  }

  #onRunTimeout(call: Call): void {
    const detail = `The work took longer than ${call.times.seconds} s`;
    this.#reject(call, new NiiError('NII_LIMIT_TIME', detail));
  }

  /** A thread that cannot be started: nothing that runs on this pool gets an answer. */
  #onPoolError(pool: Piscina, cause: unknown): void {
    this.#threads = undefined;
    void pool.destroy();
    const error = new NiiError('NII_INTERNAL', { detail: 'The thread ended', cause });
    for (const call of this.#running) this.#reject(call, error);
  }

  #setTimer(call: Call, seconds: number, action: () => void): void {
    clearTimeout(call.timer);
    call.timer = setTimeout(action, seconds * 1000).unref();
  }

  /** Ends the thread of a task that runs. */
  #reject(call: Call, error: NiiError): void {
    if (!this.#remove(call)) return;
    call.reject(error);
    call.abort.abort();
    if (!this.#isClosed) this.#startNext();
  }

  /** False for a call that has its answer. */
  #remove(call: Call): boolean {
    clearTimeout(call.timer);
    const isWaiting = this.#waiting.includes(call);
    this.#waiting = this.#waiting.filter((other) => other !== call);
    return this.#running.delete(call) || isWaiting;
  }
}

function stopping(): NiiError {
  return new NiiError('NII_BUSY', 'The service is stopping');
}
