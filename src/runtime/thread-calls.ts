import { Worker } from 'node:worker_threads';
import { fromProblem, NiiError, type Problem } from '../core/errors.ts';
import { workerEntry } from './worker-entry.ts';

/** What the thread is asked, and what it answers: first that it begins. */
export interface ThreadRequest<Task> {
  readonly id: number;
  readonly task: Task;
}
export type ThreadReply<Result> =
  | { readonly id: number; readonly begun: true }
  | { readonly id: number; readonly result: Result }
  | { readonly id: number; readonly problem: Problem };

export interface ThreadTimes {
  /** A task may take so long from its beginning. */
  readonly seconds: number;
  /** A call waits so long for its task to begin; a start of the thread is part of it. */
  readonly waitSeconds?: number;
}

/** Longer than that, most callers do not wait for an answer. */
const WAIT_SECONDS = 60;
/** More calls than this are told to come later: each holds what it works on in memory. */
const MOST_WAITING = 64;

interface Call<Task, Result> extends ThreadRequest<Task> {
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
  /** Runs out when it has waited, and once it has begun, when it has worked for too long. */
  timer: NodeJS.Timeout;
}

/**
 * Work on a thread of its own, started when it is first needed. One task at a time, in the order of the calls; a task
 * past its time, or that ends the thread, is refused alone: the next ones go to a new thread.
 */
export class ThreadCalls<Task, Result> {
  readonly #entry: string;
  readonly #seconds: number;
  readonly #waitSeconds: number;
  readonly #queue: Call<Task, Result>[] = [];
  #running: Call<Task, Result> | undefined;
  #worker: Worker | undefined;
  #next = 0;
  #isClosed = false;

  /** `entry`: name of a module beside this one. */
  constructor(entry: string, { seconds, waitSeconds = WAIT_SECONDS }: ThreadTimes) {
    this.#entry = entry;
    this.#seconds = seconds;
    this.#waitSeconds = waitSeconds;
  }

  /**
   * @throws what the thread refuses by code; NII_BUSY where too many wait, or the task did not begin in time, or the
   *   service ends; NII_LIMIT_TIME where it began and took too long; NII_INTERNAL when it ended the thread
   */
  async call(task: Task): Promise<Result> {
    if (this.#isClosed) throw stopping();
    if (this.#queue.length >= MOST_WAITING)
      throw new NiiError('NII_BUSY', `${this.#queue.length} calls are waiting`);
    return new Promise((resolve, reject) => {
      const id = this.#next++;
      const timer = this.#timer(this.#waitSeconds, () => this.#tiredOf(id));
      this.#queue.push({ id, task, resolve, reject, timer });
      this.#nextTask();
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const call of this.#queue.splice(0)) this.#refuse(call, stopping());
    this.#refuseRunning(stopping());
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  #timer(seconds: number, action: () => void): NodeJS.Timeout {
    return setTimeout(action, seconds * 1000).unref();
  }

  #nextTask(): void {
    if (this.#running !== undefined || this.#isClosed) return;
    const call = this.#queue.shift();
    if (call === undefined) return;
    this.#running = call;
    const { id, task } = call;
    const request: ThreadRequest<Task> = { id, task };
    try {
      this.#thread().postMessage(request);
    } catch (cause) {
      this.#refuseRunning(new NiiError('NII_INTERNAL', { detail: 'The thread cannot be asked', cause }));
      this.#nextTask();
    }
  }

  #thread(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const { url, execArgv } = workerEntry(import.meta.url, this.#entry);
    const worker = new Worker(url, { execArgv });
    worker.unref();
    worker.on('message', (reply: ThreadReply<Result>) => this.#hear(reply));
    worker.on('error', (cause) => this.#ended(worker, cause));
    worker.on('exit', () => this.#ended(worker, undefined));
    this.#worker = worker;
    return worker;
  }

  #hear(reply: ThreadReply<Result>): void {
    const call = this.#running;
    if (call === undefined || call.id !== reply.id) return;
    clearTimeout(call.timer);
    if ('begun' in reply) {
      call.timer = this.#timer(this.#seconds, () => this.#tooLong());
      return;
    }
    this.#running = undefined;
    if ('result' in reply) call.resolve(reply.result);
    else call.reject(fromProblem(reply.problem));
    this.#nextTask();
  }

  /** A call whose task has not begun; a thread that does not begin what it was given is replaced. */
  #tiredOf(id: number): void {
    const error = new NiiError('NII_BUSY', `The work did not begin within ${this.#waitSeconds} s`);
    if (this.#running?.id === id) {
      this.#giveUp(error);
      return;
    }
    const place = this.#queue.findIndex((call) => call.id === id);
    for (const call of this.#queue.splice(place, place < 0 ? 0 : 1)) this.#refuse(call, error);
  }

  #tooLong(): void {
    this.#giveUp(new NiiError('NII_LIMIT_TIME', `The work took longer than ${this.#seconds} s`));
  }

  /** Ends the thread with the task that it hangs in. */
  #giveUp(error: NiiError): void {
    const worker = this.#worker;
    this.#worker = undefined;
    void worker?.terminate();
    this.#refuseRunning(error);
    this.#nextTask();
  }

  #ended(worker: Worker, cause: unknown): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    this.#refuseRunning(new NiiError('NII_INTERNAL', { detail: 'The thread ended', cause }));
    this.#nextTask();
  }

  #refuseRunning(error: NiiError): void {
    const call = this.#running;
    this.#running = undefined;
    if (call !== undefined) this.#refuse(call, error);
  }

  #refuse({ timer, reject }: Call<Task, Result>, error: NiiError): void {
    clearTimeout(timer);
    reject(error);
  }
}

function stopping(): NiiError {
  return new NiiError('NII_BUSY', 'The service is stopping');
}
