import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cachedBundle, readers } from '../../scripts/bundle.mjs';
import { defined } from '../../src/core/defined.ts';
import { builtInFolder } from '../../src/recognise/registry.ts';
import { ChildFailure } from '../../src/runtime/children/child-failure.ts';
import { type ChildPlan, callOnce } from '../../src/runtime/children/running-child.ts';
import { type FuzzTask, isFuzzProgress, PROGRESS_EVERY_MS, readTally } from './fuzz-task.ts';
import { inputOf } from './generate.ts';
import { loadSources } from './load-sources.ts';
import { addUp, emptyTally, type Fault, type FaultKind, type Tally, type TargetResult } from './tally.ts';

const MEMORY_BYTES = 2048 * 1024 * 1024;
/** How the process that tries inputs is started, but for its program. */
export const fuzzPlan: Omit<ChildPlan, 'program'> = { args: [builtInFolder()], output: 'stderr' };
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
  /** An input that takes more processor time is a fault. */
  readonly slowSeconds: number;
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
  const { target, seed, extra, slowSeconds } = options;
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
    slowMs: slowSeconds * 1000,
    ...defined({ milliseconds, extra }),
  };
  const stop = new AbortController();
  const onProgress = (tally: Tally, fault?: Fault) => {
    if (fault !== undefined) faults.push(fault);
    options.progress?.(addUp(before, tally), faults.length);
    if (faults.length >= FAULTS_CEILING) stop.abort();
  };
  try {
    const { tally, ended } = await watch(task, options.hangSeconds, stop.signal, onProgress);
    if (ended === undefined) return { tally };
    const index = Number(readFileSync(stateFile, 'latin1'));
    faults.push({ ...ended, target, seed, index, what: '' });
    return { tally: { ...tally, inputs: index + 1 - from }, endedAt: index };
  } finally {
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

interface Watched {
  readonly tally: Tally;
  /** How the process ended; undefined when it came to its own end or was told to stop. */
  readonly ended?: Pick<Fault, 'kind' | 'detail'>;
}

async function watch(
  task: FuzzTask,
  hangSeconds: number,
  signal: AbortSignal,
  tell: (tally: Tally, fault?: Fault) => void,
): Promise<Watched> {
  let tally = emptyTally();
  const onProgress = (value: unknown) => {
    if (!isFuzzProgress(value)) return;
    if (value.kind === 'tally') tally = value.tally;
    tell(tally, value.kind === 'fault' ? value.fault : undefined);
  };
  const bounds = { silenceMs: hangSeconds * 1000 + PROGRESS_EVERY_MS, memoryBytes: MEMORY_BYTES };
  const plan = { ...fuzzPlan, program: await fuzzProgram() };
  try {
    tally = await callOnce(plan, { task, read: readTally, onProgress, signal, ...bounds });
    tell(tally);
    return { tally };
  } catch (error) {
    if (error instanceof ChildFailure) return { tally, ended: faultOf(error, hangSeconds) };
    if (signal.aborted) return { tally };
    throw error;
  }
}

/** Bundled with the readers beside it, where the program looks for them. */
async function fuzzProgram(): Promise<string> {
  const entries = { fuzz: 'lab/fuzz/child.ts', ...Object.fromEntries(readers()) };
  return join(await cachedBundle(entries), 'fuzz.js');
}

function faultOf({ fault, message }: ChildFailure, hangSeconds: number): Pick<Fault, 'kind' | 'detail'> {
  if (fault === 'silence') return { kind: 'hang', detail: `no end within ${hangSeconds} s` };
  const kind: FaultKind = fault === 'memory' ? 'memory' : 'crash';
  return { kind, detail: `the process ${message}` };
}

/** Writes the files of an input under numbers, since names may be anything, and beside them what they are. */
async function keepInput({ keep, extra }: FuzzOptions, fault: Fault): Promise<void> {
  const { sources } = await loadSources({ target: fault.target, ...defined({ extra }) });
  const { what, files } = inputOf(sources, fault.target, fault.seed, fault.index);
  const folder = join(keep, `${fault.target}-${fault.seed}-${fault.index}`);
  mkdirSync(folder, { recursive: true });
  for (const [i, { bytes }] of files.entries()) writeFileSync(join(folder, String(i)), bytes);
  const about = { ...fault, what, names: files.map(({ name }) => name) };
  writeFileSync(join(folder, 'input.json'), `${JSON.stringify(about, null, 2)}\n`);
}
