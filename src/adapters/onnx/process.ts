import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { type ErrorCode, NiiError } from '../../core/errors.ts';
import type { Tensor } from '../../core/ports/inference.ts';
import { ChildFailure, type ChildFault } from '../../runtime/children/child-failure.ts';
import { structuredEncoding } from '../../runtime/children/encoding.ts';
import { type ChildPlan, type RunningChild, startChild } from '../../runtime/children/running-child.ts';
import {
  type Declarations,
  type ModelOutput,
  type ModelTask,
  readDeclarations,
  readOutput,
} from './model-task.ts';

interface ProcessOptions {
  readonly file: string;
  readonly threads: number;
  readonly startTimeoutMs: number;
  readonly memoryBytes: number;
  /** So long after its last run the process ends. */
  readonly idleMs: number;
}

export const modelPlan: ChildPlan = {
  program: 'model',
  output: 'stderr',
  encoding: structuredEncoding,
  longestAnswerBytes: 1024 ** 3,
  // the runtime keeps a number of this machine and would send its maker what it does
  environment: { ORT_DISABLE_TELEMETRY: '1' },
};

/**
 * One process with one session. A process and not a thread, because the runtime works in native code, where a
 * thread cannot be stopped and a crash would end the service (docs/decisions/0004-inference-runner.md). It keeps up to
 * 300 MB for its next run, so one that has had nothing to do for a while ends; the next run starts another.
 */
export class OnnxProcess {
  readonly #options: ProcessOptions;
  /** Killed processes included, until they are gone. */
  readonly #started = new Set<RunningChild>();
  #child: RunningChild | undefined;
  #idle: NodeJS.Timeout | undefined;
  /** Of the file that was loaded first: whoever tested the model tested this one. */
  #sha256: string | undefined;
  #isStopped = false;

  constructor(options: ProcessOptions) {
    this.#options = options;
  }

  /** Starts the process and loads the model. @throws NII_MODEL_INVALID, NII_MODEL_TIMEOUT, NII_MODEL_MEMORY, NII_MODEL_FAILED */
  async start(): Promise<Declarations> {
    const { declarations } = await this.#load();
    this.#rest();
    return declarations;
  }

  /** One run; the caller sees to it that there is one at a time. Starts a new process after a kill or a crash. */
  async run(input: Readonly<Record<string, Tensor>>, timeoutMs: number): Promise<ModelOutput> {
    clearTimeout(this.#idle);
    try {
      const child = this.#child?.isAlive === true ? this.#child : (await this.#load()).child;
      const task: ModelTask = { kind: 'run', input };
      const { memoryBytes } = this.#options;
      return await this.#answered(child, () =>
        child.call({ task, timeoutMs, memoryBytes, read: readOutput }),
      );
    } finally {
      this.#rest();
    }
  }

  /** Ends the process for good and waits until it is gone; a run in progress is rejected. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#idle);
    await Promise.all([...this.#started].map((child) => this.#end(child)));
  }

  #rest(): void {
    const child = this.#child;
    if (child === undefined || this.#isStopped) return;
    this.#idle = setTimeout(() => {
      this.#child = undefined;
      void this.#end(child);
    }, this.#options.idleMs);
    this.#idle.unref();
  }

  async #load(): Promise<{ readonly child: RunningChild; readonly declarations: Declarations }> {
    const { file, threads, startTimeoutMs, memoryBytes } = this.#options;
    const child = await this.#startChild();
    const task: ModelTask = { kind: 'load', file, threads };
    try {
      const call = { task, timeoutMs: startTimeoutMs, memoryBytes, read: readDeclarations };
      const declarations = await this.#answered(child, () => child.call(call));
      await this.#requireSameFile();
      this.#child = child;
      return { child, declarations };
    } catch (error) {
      void this.#end(child);
      throw error;
    }
  }

  /** Looked at after it was loaded. @throws NII_MODEL_FAILED for one that was put in the place of the first */
  async #requireSameFile(): Promise<void> {
    const hash = createHash('sha256');
    const isRead = await pipeline(createReadStream(this.#options.file), hash).then(
      () => true,
      () => false,
    );
    const sha256 = isRead ? hash.digest('hex') : 'none';
    this.#sha256 ??= sha256;
    if (sha256 !== this.#sha256) throw failed('ended, because its file was replaced');
  }

  async #startChild(): Promise<RunningChild> {
    if (this.#isStopped) throw failed('was closed');
    const reads = [this.#options.file];
    const child = await startChild({ ...modelPlan, contained: { reads, addons: true } });
    this.#started.add(child);
    if (this.#isStopped) void this.#end(child); // closed while it was started
    return child;
  }

  async #answered<Result>(child: RunningChild, call: () => Promise<Result>): Promise<Result> {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof ChildFailure)) throw error;
      void this.#end(child);
      throw failed(error.message, codes[error.fault]);
    }
  }

  async #end(child: RunningChild): Promise<void> {
    await child.end();
    this.#started.delete(child);
  }
}

/** Faults of a child that have a code of their own; all others are NII_MODEL_FAILED. */
const codes: { readonly [Fault in ChildFault]?: ErrorCode } = {
  time: 'NII_MODEL_TIMEOUT',
  memory: 'NII_MODEL_MEMORY',
};

function failed(why: string, code: ErrorCode = 'NII_MODEL_FAILED'): NiiError {
  return new NiiError(code, `The model process ${why}`);
}
