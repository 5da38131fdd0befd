import { NiiError } from '../../core/errors.ts';
import type { LoadedModel, Tensor } from '../../core/ports/inference.ts';
import type { Declarations } from './model-task.ts';
import { OnnxProcess } from './process.ts';

export interface OnnxRunnerOptions {
  /** Path of the ONNX file. */
  readonly file: string;
  /** Threads of one run inside the runtime; 1 unless told otherwise, and more processes before more threads. */
  readonly threads?: number;
  /** Processes, each with its own copy of the model. */
  readonly workers?: number;
  /** Runs that may wait; one more is rejected. */
  readonly queued?: number;
  /** For loading the model. */
  readonly startTimeoutMs?: number;
  /** Most resident memory of one process. */
  readonly memoryBytes?: number;
  /** A process that had no run for this long ends; the next run starts another, which takes some 0.2 s. */
  readonly idleMs?: number;
}

const GiB = 1024 ** 3;
const IDLE_MS = 60_000;

interface WaitingRun {
  readonly input: Readonly<Record<string, Tensor>>;
  readonly timeoutMs: number;
  readonly resolve: (output: Readonly<Record<string, Tensor>>) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Loads a model in processes of its own. Runs wait their turn; one that takes longer than its time, or more than its
 * memory, is killed with its process, and the next run starts a new one.
 * @throws NII_MODEL_INVALID when the runtime does not take the file, NII_MODEL_TIMEOUT when it does not get ready in
 *   time, NII_MODEL_MEMORY, NII_MODEL_FAILED
 */
export async function openOnnxRunner(options: OnnxRunnerOptions): Promise<LoadedModel> {
  const { file, threads = 1, workers = 1, queued = 64 } = options;
  const { startTimeoutMs = 60_000, memoryBytes = 4 * GiB, idleMs = IDLE_MS } = options;
  const processes = Array.from(
    { length: workers },
    () => new OnnxProcess({ file, threads, startTimeoutMs, memoryBytes, idleMs }),
  );
  try {
    const [declarations] = await Promise.all(processes.map((process) => process.start()));
    if (declarations === undefined) throw new NiiError('NII_CONFIG', 'a model needs at least one process');
    return new OnnxRunner(processes, declarations, queued);
  } catch (error) {
    await Promise.all(processes.map((process) => process.stop()));
    throw error;
  }
}

/** Hands runs to the processes, first come, first served; guards that a process has one run at a time. */
class OnnxRunner implements LoadedModel {
  readonly inputs: LoadedModel['inputs'];
  readonly outputs: LoadedModel['outputs'];
  readonly #processes: readonly OnnxProcess[];
  readonly #idle: OnnxProcess[];
  readonly #waiting: WaitingRun[] = [];
  readonly #most: number;
  #closed = false;

  constructor(processes: readonly OnnxProcess[], { inputs, outputs }: Declarations, most: number) {
    this.inputs = inputs;
    this.outputs = outputs;
    this.#processes = processes;
    this.#idle = [...processes];
    this.#most = most;
  }

  /**
   * @throws NII_MODEL_FAILED for a failed or closed run, NII_MODEL_TIMEOUT, NII_MODEL_MEMORY; NII_QUEUE_FULL when too
   *   many wait
   */
  run(input: Readonly<Record<string, Tensor>>, timeoutMs: number): Promise<Readonly<Record<string, Tensor>>> {
    if (this.#closed) return Promise.reject(closed());
    if (this.#idle.length === 0 && this.#waiting.length >= this.#most) {
      return Promise.reject(new NiiError('NII_QUEUE_FULL', `${this.#most} model runs are already waiting`));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ input, timeoutMs, resolve, reject });
      this.#dispatch();
    });
  }

  /** Ends the processes; runs that wait or go on are rejected. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { reject } of this.#waiting.splice(0)) reject(closed());
    await Promise.all(this.#processes.map((process) => process.stop()));
  }

  #dispatch(): void {
    if (this.#idle.length === 0) return;
    const next = this.#waiting.shift();
    const process = next === undefined ? undefined : this.#idle.shift();
    if (next === undefined || process === undefined) return;
    const done = process.run(next.input, next.timeoutMs);
    done.then(next.resolve, next.reject).finally(() => {
      this.#idle.push(process);
      this.#dispatch();
    });
  }
}

function closed(): NiiError {
  return new NiiError('NII_MODEL_FAILED', 'The model has been closed');
}
