import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { residentBytes } from '../../runtime/resident.ts';
import type { FuzzNews, FuzzTask } from './child.ts';
import { loadSources } from './child.ts';
import { inputOf } from './generate.ts';
import { addUp, emptyTally, type Fault, type Tally, type TargetResult } from './tally.ts';

const POLL_MS = 500;
const MEMORY_BYTES = 2048 * 1024 * 1024;
/** Beyond these a target is broken and more inputs say nothing new. */
const FAULTS_CEILING = 50;
/** On Linux in memory; anywhere else where temporary files go. */
const MEMORY_FOLDER = '/dev/shm';

export interface FuzzOptions {
  readonly target: string;
  readonly seed: number;
  readonly from?: number;
  readonly inputs: number;
  readonly seconds?: number;
  readonly extra?: string;
  /** An input that takes longer is a hang. */
  readonly hangSeconds: number;
  /** Folder for inputs that did what they must not. */
  readonly keep: string;
  readonly progress?: (tally: Tally, faults: number) => void;
}

/**
 * Tries inputs of one target in a process of its own, and in another when one of them ended it. Every input that
 * crashed, hung or took too much memory is kept with what it needs to be made again.
 */
export async function fuzzTarget(options: FuzzOptions): Promise<TargetResult> {
  const started = Date.now();
  const from = options.from ?? 0;
  const end = from + options.inputs;
  const faults: Fault[] = [];
  let tally = emptyTally();
  let next = from;
  while (next < end && faults.length < FAULTS_CEILING) {
    const left = timeLeft(options, started);
    if (left !== undefined && left <= 0) break;
    const part = await runChild({ options, from: next, to: end, milliseconds: left, before: tally, faults });
    tally = addUp(tally, part.tally);
    if (part.endedAt === undefined) break;
    next = part.endedAt + 1;
  }
  for (const fault of faults) await keepInput(options, fault);
  return {
    target: options.target,
    seed: options.seed,
    seconds: (Date.now() - started) / 1000,
    faults,
    ...tally,
  };
}

function timeLeft({ seconds }: FuzzOptions, started: number): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000 - (Date.now() - started);
}

interface Part {
  readonly options: FuzzOptions;
  readonly from: number;
  readonly to: number;
  readonly milliseconds: number | undefined;
  readonly before: Tally;
  /** Those of this part are added. */
  readonly faults: Fault[];
}

interface PartResult {
  readonly tally: Tally;
  /** The input that ended the process; undefined when it came to its own end. */
  readonly endedAt?: number;
}

async function runChild({ options, from, to, milliseconds, before, faults }: Part): Promise<PartResult> {
  const { target, seed, extra } = options;
  const folder = mkdtempSync(join(temporaryRoot(), 'nii-fuzz-'));
  const stateFile = join(folder, 'state');
  writeFileSync(stateFile, String(from).padEnd(16));
  const task = {
    target,
    seed,
    from,
    to,
    folder,
    stateFile,
    ...(milliseconds === undefined ? {} : { milliseconds }),
    ...(extra === undefined ? {} : { extra }),
  };
  const child = startChild();
  try {
    let tally = emptyTally();
    const ended = await watch(child, task, options.hangSeconds, (news) => {
      if (news.kind === 'fault') faults.push(news.fault);
      else tally = news.tally;
      options.progress?.(addUp(before, tally), faults.length);
      return faults.length < FAULTS_CEILING;
    });
    if (ended === undefined) return { tally };
    const index = Number(readFileSync(stateFile, 'latin1'));
    faults.push({ ...ended, target, seed, index, what: '' });
    return { tally: { ...tally, inputs: index + 1 - from }, endedAt: index };
  } finally {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

function temporaryRoot(): string {
  try {
    rmSync(mkdtempSync(join(MEMORY_FOLDER, 'nii-')), { recursive: true });
    return MEMORY_FOLDER;
  } catch {
    return tmpdir();
  }
}

/** Undefined when the child came to its own end or was told to stop. */
function watch(
  child: ChildProcess,
  task: FuzzTask,
  hangSeconds: number,
  hear: (news: FuzzNews) => boolean,
): Promise<Pick<Fault, 'kind' | 'detail'> | undefined> {
  let seen = '';
  let since = Date.now();
  let timer: NodeJS.Timeout | undefined;
  return new Promise<Pick<Fault, 'kind' | 'detail'> | undefined>((resolve) => {
    timer = setInterval(() => {
      const state = readFileSync(task.stateFile, 'latin1');
      if (state !== seen) since = Date.now();
      seen = state;
      if (Date.now() - since > hangSeconds * 1000) {
        resolve({ kind: 'hang', detail: `no end within ${hangSeconds} s` });
      }
      void residentBytes(child.pid).then((bytes) => {
        if (bytes > MEMORY_BYTES)
          resolve({ kind: 'memory', detail: `more than ${MEMORY_BYTES} bytes of memory` });
      });
    }, POLL_MS);
    child.on('message', (news: FuzzNews) => {
      if (!hear(news) || news.kind === 'done') resolve(undefined);
    });
    child.once('error', (error) => resolve({ kind: 'crash', detail: error.message }));
    child.once('close', (code, signal) => {
      resolve({ kind: 'crash', detail: `the process ended with ${signal ?? `exit code ${code}`}` });
    });
    child.send(task);
  }).finally(() => clearInterval(timer));
}

/** Of the environment only the path, as a converter gets it in the service. */
function startChild(): ChildProcess {
  const fromSources = import.meta.url.endsWith('.ts');
  const script = fileURLToPath(new URL(`./child.${fromSources ? 'ts' : 'js'}`, import.meta.url));
  const loader = () => pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  return fork(script, [], {
    execArgv: fromSources ? ['--import', loader()] : [],
    env: { PATH: process.env.PATH ?? '', NODE_ENV: process.env.NODE_ENV ?? '', NII_FUZZ_CHILD: '1' },
  });
}

/** Writes the files of an input under numbers, since names may be anything, and beside them what they are. */
async function keepInput({ keep, extra }: FuzzOptions, fault: Fault): Promise<void> {
  const { sources } = await loadSources({ target: fault.target, ...(extra === undefined ? {} : { extra }) });
  const { what, files } = inputOf(sources, fault.target, fault.seed, fault.index);
  const folder = join(keep, `${fault.target}-${fault.seed}-${fault.index}`);
  mkdirSync(folder, { recursive: true });
  for (const [i, { bytes }] of files.entries()) writeFileSync(join(folder, String(i)), bytes);
  const about = { ...fault, what, names: files.map(({ name }) => name) };
  writeFileSync(join(folder, 'input.json'), `${JSON.stringify(about, null, 2)}\n`);
}
