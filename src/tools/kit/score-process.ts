import { type ChildProcess, fork } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { planeFile, RECORD_FILE } from '../../convert/child.ts';
import type { Conversion } from '../../convert/in-process.ts';
import { fromProblem, isErrorCode, NiiError } from '../../core/errors.ts';
import { checkScan } from '../../core/scan/check-scan.ts';
import { channelsOf, type NiiScan, type ScanWithPlanes } from '../../core/scan/scan.ts';
import { residentBytes } from '../../runtime/resident.ts';
import type { ScoreAnswer, ScoreTask } from './score-child.ts';

const POLL_MS = 100;

interface Child {
  readonly process: ChildProcess;
  /** Folder of the one converter that it has loaded. */
  readonly converter: string;
}

/**
 * Converts in one process beside this one, which is ended and started anew for another converter, and when a reader
 * crashes, hangs or takes too much memory: what one leaves behind harms no other. What it answers is checked here.
 * One conversion at a time.
 */
export class ScoreProcess {
  readonly #folder: string;
  readonly #signal: AbortSignal | undefined;
  #child: Child | undefined;
  #count = 0;

  /**
   * @param folder - a folder of its own, removed by its owner
   * @param signal - ends the conversion under way
   */
  constructor(folder: string, signal?: AbortSignal) {
    this.#folder = folder;
    this.#signal = signal;
  }

  /** @throws NII_LIMIT_TIME, NII_LIMIT_MEMORY, NII_CONVERTER_CRASHED, and every code the converter refuses with */
  async convert({ converter, files, limits }: Conversion): Promise<ScanWithPlanes> {
    const workDir = await mkdtemp(join(this.#folder, 'c-'));
    const plain = files.map(({ name, role, complete, path, bytes, sha256 }) => {
      return { name, role, complete, path, bytes, sha256 };
    });
    this.#count += 1;
    try {
      await this.#ask({ id: this.#count, folder: converter.folder, files: plain, workDir, limits });
      return checkScan(await readResult(workDir), limits);
    } finally {
      await rm(workDir, { recursive: true, force: true });
    }
  }

  close(): void {
    this.#child?.process.kill('SIGKILL');
    this.#child = undefined;
  }

  /** Only the converter's own process, and only while it is there. */
  #childOf(converter: string): ChildProcess {
    if (this.#child?.converter !== converter || !this.#child.process.connected) {
      this.close();
      this.#child = { process: startChild(), converter };
    }
    return this.#child.process;
  }

  async #ask(task: ScoreTask): Promise<void> {
    this.#signal?.throwIfAborted();
    const child = this.#childOf(task.folder);
    const stop = () => child.kill('SIGKILL');
    this.#signal?.addEventListener('abort', stop, { once: true });
    try {
      const answer = await answerOf(child, task);
      if (answer.kind === 'problem') throw fromProblem(answer.problem);
    } catch (error) {
      // Whoever did not answer in time, or not at all, answers nobody any more
      if (error instanceof NoAnswer) {
        this.close();
        throw error.refusal;
      }
      throw error;
    } finally {
      this.#signal?.removeEventListener('abort', stop);
    }
  }
}

class NoAnswer extends Error {
  readonly refusal: NiiError;

  constructor(refusal: NiiError) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

function answerOf(child: ChildProcess, task: ScoreTask): Promise<ScoreAnswer> {
  const { convertSeconds, convertBytes } = task.limits;
  const listeners = new AbortController();
  return new Promise<ScoreAnswer>((resolve, reject) => {
    const give = (code: 'NII_LIMIT_TIME' | 'NII_LIMIT_MEMORY' | 'NII_CONVERTER_CRASHED', detail: string) =>
      reject(new NoAnswer(new NiiError(code, detail)));
    const time = setTimeout(
      () => give('NII_LIMIT_TIME', `more than ${convertSeconds} s`),
      convertSeconds * 1000,
    );
    const memory = setInterval(() => {
      void residentBytes(child.pid).then((bytes) => {
        if (bytes > convertBytes) give('NII_LIMIT_MEMORY', `more than ${convertBytes} bytes of memory`);
      });
    }, POLL_MS);
    const heard = (message: unknown) => (isAnswer(message, task.id) ? resolve(message) : undefined);
    const failed = (error: Error) => give('NII_CONVERTER_CRASHED', error.message);
    const closed = (code: number | null, signal: string | null) =>
      give('NII_CONVERTER_CRASHED', `it ended with ${signal ?? `exit code ${code}`}`);
    child.on('message', heard).on('error', failed).on('close', closed);
    listeners.signal.addEventListener('abort', () => {
      clearTimeout(time);
      clearInterval(memory);
      child.off('message', heard).off('error', failed).off('close', closed);
    });
    child.send(task, (error) => {
      if (error !== null) give('NII_CONVERTER_CRASHED', 'it did not take its task');
    });
  }).finally(() => listeners.abort());
}

function isAnswer(message: unknown, id: number): message is ScoreAnswer {
  if (typeof message !== 'object' || message === null || !('id' in message) || message.id !== id)
    return false;
  if (!('kind' in message)) return false;
  if (message.kind === 'done') return true;
  if (!('problem' in message) || typeof message.problem !== 'object' || message.problem === null)
    return false;
  return 'code' in message.problem && isErrorCode(message.problem.code);
}

async function readResult(workDir: string): Promise<ScanWithPlanes> {
  // checkScan holds it against the schema before anything is believed.
  const scan = JSON.parse(await readFile(join(workDir, RECORD_FILE), 'utf8')) as NiiScan;
  const planes = new Map<string, Uint8Array>();
  for (const { key } of channelsOf(scan)) {
    planes.set(key, new Uint8Array(await readFile(join(workDir, planeFile(key)))));
  }
  return { scan, planes };
}

/** Of the environment only the path, as a converter gets it in the service; what it prints is no answer of ours. */
function startChild(): ChildProcess {
  const fromSources = import.meta.url.endsWith('.ts');
  const script = fileURLToPath(new URL(`./score-child.${fromSources ? 'ts' : 'js'}`, import.meta.url));
  const loader = () => pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  return fork(script, [], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    execArgv: fromSources ? ['--import', loader()] : [],
    env: { PATH: process.env.PATH ?? '', NODE_ENV: process.env.NODE_ENV ?? '', NII_SCORE_CHILD: '1' },
  });
}
