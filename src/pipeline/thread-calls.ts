import { Worker } from 'node:worker_threads';
import { fromProblem, NiiError, type Problem } from '../core/errors.ts';
import { workerEntry } from './worker-entry.ts';

/** What the thread is asked, and what it answers. */
export interface ThreadRequest<Task> {
  readonly id: number;
  readonly task: Task;
}
export type ThreadReply<Result> =
  | { readonly id: number; readonly result: Result }
  | { readonly id: number; readonly problem: Problem };

/** More calls than this are told to come later: each holds what it works on in memory. */
const MOST_WAITING = 64;

interface Waiting<Result> {
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: NodeJS.Timeout;
}

/** Work on a thread of its own, started when it is first needed. A task past its time ends the thread. */
export class ThreadCalls<Task, Result> {
  readonly #entry: string;
  readonly #seconds: number;
  readonly #waiting = new Map<number, Waiting<Result>>();
  #worker: Worker | undefined;
  #next = 0;

  /** `entry`: name of a module beside this one. */
  constructor(entry: string, seconds: number) {
    this.#entry = entry;
    this.#seconds = seconds;
  }

  /** @throws what the thread refuses by code; NII_BUSY; NII_LIMIT_TIME; NII_INTERNAL when the thread ended */
  async call(task: Task): Promise<Result> {
    if (this.#waiting.size >= MOST_WAITING)
      throw new NiiError('NII_BUSY', `${this.#waiting.size} calls are waiting`);
    const id = this.#next++;
    const request: ThreadRequest<Task> = { id, task };
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#giveUp(), this.#seconds * 1000);
      timer.unref();
      this.#waiting.set(id, { resolve, reject, timer });
      this.#thread().postMessage(request);
    });
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #thread(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const { url, execArgv } = workerEntry(import.meta.url, this.#entry);
    const worker = new Worker(url, { execArgv });
    worker.unref();
    worker.on('message', (reply: ThreadReply<Result>) => this.#settle(reply));
    worker.on('error', (cause) => this.#ended(worker, cause));
    worker.on('exit', () => this.#ended(worker, undefined));
    this.#worker = worker;
    return worker;
  }

  #settle(reply: ThreadReply<Result>): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    clearTimeout(waiting?.timer);
    if ('result' in reply) waiting?.resolve(reply.result);
    else waiting?.reject(fromProblem(reply.problem));
  }

  /** Everything that waits behind the task that hangs is refused with it. */
  #giveUp(): void {
    const worker = this.#worker;
    this.#refuseAll(new NiiError('NII_LIMIT_TIME', `The work took longer than ${this.#seconds} s`));
    this.#worker = undefined;
    void worker?.terminate();
  }

  #ended(worker: Worker, cause: unknown): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    this.#refuseAll(new NiiError('NII_INTERNAL', { detail: 'The thread ended', cause }));
  }

  #refuseAll(error: NiiError): void {
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(error);
    }
    this.#waiting.clear();
  }
}
