import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { NiiError } from '../../core/errors.ts';
import type { LoadedModel, Tensor } from '../../core/ports/inference.ts';
import type { ChildMessage, RunMessage, StartMessage } from './child.ts';

export type Declarations = Pick<LoadedModel, 'inputs' | 'outputs'>;

interface ProcessOptions {
  readonly file: string;
  readonly threads: number;
  readonly startTimeoutMs: number;
}

interface Waiting {
  readonly resolve: (message: ChildMessage) => void;
  readonly reject: (error: NiiError) => void;
}

/**
 * One process with one session. A process and not a thread, because the runtime works in native code, where a
 * thread cannot be stopped and a crash would end the service (docs/decisions/0004-inference-runner.md).
 */
export class OnnxProcess {
  readonly #options: ProcessOptions;
  /** Killed processes included, until they are gone. */
  readonly #alive = new Set<ChildProcess>();
  #child: ChildProcess | undefined;
  #awaited: Waiting | undefined;
  #runs = 0;
  #stopped = false;

  constructor(options: ProcessOptions) {
    this.#options = options;
  }

  /** Starts the process and loads the model. */
  async start(): Promise<Declarations> {
    const { file, threads, startTimeoutMs } = this.#options;
    const child = this.#fork();
    const first: StartMessage = { file, threads };
    const answer = await this.#ask(child, first, startTimeoutMs);
    if (answer.kind === 'ready') return { inputs: answer.inputs, outputs: answer.outputs };
    const detail = answer.kind === 'refused' ? answer.detail : 'an unexpected answer';
    throw new NiiError(
      'NII_MODEL_INVALID',
      `The runtime does not take the model: ${publicText(detail, file)}`,
    );
  }

  /** One run; the caller sees to it that there is one at a time. Starts a new process after a kill or a crash. */
  async run(
    input: Readonly<Record<string, Tensor>>,
    timeoutMs: number,
  ): Promise<Readonly<Record<string, Tensor>>> {
    if (this.#child === undefined) await this.start();
    const child = this.#child;
    if (child === undefined) throw ended('did not stay up');
    const message: RunMessage = { run: ++this.#runs, input };
    const answer = await this.#ask(child, message, timeoutMs);
    if (answer.kind === 'result' && answer.run === message.run) return answer.output;
    const detail = answer.kind === 'failed' ? answer.detail : 'an unexpected answer';
    throw new NiiError('NII_MODEL_FAILED', `The run failed: ${publicText(detail, this.#options.file)}`);
  }

  /** Ends the process for good and waits until it is gone; a run in progress is refused. */
  async stop(): Promise<void> {
    this.#stopped = true;
    const gone = [...this.#alive].map((child) => once(child, 'exit'));
    this.#kill('was closed');
    await Promise.all(gone);
  }

  #fork(): ChildProcess {
    if (this.#stopped) throw ended('was closed');
    const { module, execArgv } = childModule();
    const child = fork(module, [], {
      serialization: 'advanced',
      execArgv,
      env: bareEnvironment(),
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    child.on('message', (message: ChildMessage) =>
      this.#settle(child, (awaited) => awaited.resolve(message)),
    );
    this.#alive.add(child);
    child.on('exit', (code, signal) => {
      this.#alive.delete(child);
      this.#lost(child, `ended by ${signal ?? `exit code ${code}`}`);
    });
    child.on('error', () => {
      // A process that never started has no exit to wait for.
      if (child.pid === undefined) this.#alive.delete(child);
      this.#lost(child, 'could not be reached');
    });
    this.#child = child;
    return child;
  }

  /** Sends a message and waits for the answer; nothing in time means that the process is killed. */
  async #ask(
    child: ChildProcess,
    message: StartMessage | RunMessage,
    timeoutMs: number,
  ): Promise<ChildMessage> {
    const timer = setTimeout(() => this.#kill(`gave no answer in ${timeoutMs} ms`), timeoutMs);
    try {
      return await new Promise<ChildMessage>((resolve, reject) => {
        this.#awaited = { resolve, reject };
        child.send(message, (error) => {
          if (error !== null) this.#lost(child, 'could not be reached');
        });
      });
    } finally {
      clearTimeout(timer);
    }
  }

  #settle(child: ChildProcess, how: (awaited: Waiting) => void): void {
    const awaited = this.#awaited;
    if (child !== this.#child || awaited === undefined) return;
    this.#awaited = undefined;
    how(awaited);
  }

  /** SIGKILL, because native code does not return for anything less. */
  #kill(why: string): void {
    const child = this.#child;
    if (child === undefined) return;
    child.kill('SIGKILL');
    this.#lost(child, why);
  }

  #lost(child: ChildProcess, why: string): void {
    this.#settle(child, (awaited) => awaited.reject(ended(why)));
    if (this.#child === child) this.#child = undefined;
  }
}

function ended(why: string): NiiError {
  return new NiiError('NII_MODEL_FAILED', `The process of the model ${why}`);
}

/** What the runtime says, without the path of the file. */
function publicText(detail: string, file: string): string {
  return detail.replaceAll(file, 'the model').slice(0, 500);
}

/** Beside this module, as source under a TypeScript loader or as built. */
function childModule(): { readonly module: string; readonly execArgv: string[] } {
  const isSource = import.meta.url.endsWith('.ts');
  const module = fileURLToPath(new URL(isSource ? './child.ts' : './child.js', import.meta.url));
  if (!isSource) return { module, execArgv: [] };
  const loader = createRequire(import.meta.url).resolve('tsx');
  return { module, execArgv: ['--import', pathToFileURL(loader).href] };
}

/** The model needs none of the service's settings, secrets least of all. */
function bareEnvironment(): NodeJS.ProcessEnv {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'SystemRoot', 'LD_LIBRARY_PATH'];
  return Object.fromEntries(
    kept.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}
