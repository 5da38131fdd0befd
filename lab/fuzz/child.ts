import { openSync, writeSync } from 'node:fs';
import { compiledBeside } from '../../src/recognise/compiled-readers.ts';
import type { ConverterPackage } from '../../src/recognise/registry.ts';
import { answerParent } from '../../src/runtime/children/answer-parent.ts';
import type { Mutation } from '../../src/tools/contract/mutate.ts';
import { type FuzzProgress, type FuzzTask, PROGRESS_EVERY_MS } from './fuzz-task.ts';
import { inputOf } from './generate.ts';
import { loadSources } from './load-sources.ts';
import { judge } from './oracle.ts';
import { type PeakMeter, peakMeter } from './peak.ts';
import { emptyTally, type Fault, type Tally } from './tally.ts';

const MiB = 1024 * 1024;
/** More than a process needs for itself, and than the samples that one byte may become. */
const MEMORY_FLOOR = 64 * MiB;
const BYTES_PER_BYTE = 200;

/** The process that tries inputs: what it is asked comes from guarded.ts. */

const compiled = compiledBeside(process.argv);

async function run(task: FuzzTask, tell: (progress: FuzzProgress) => void): Promise<Tally> {
  const { target, seed } = task;
  const { all, sources } = await loadSources(task, compiled);
  const state = openSync(task.stateFile, 'r+');
  const bench: Bench = {
    all,
    folder: task.folder,
    meter: peakMeter(),
    tally: emptyTally(),
    slowMs: task.slowMs,
  };
  const ends = Date.now() + (task.milliseconds ?? Number.POSITIVE_INFINITY);
  let toldAt = Date.now();
  for (let index = task.from; index < task.to && Date.now() < ends; index++) {
    writeSync(state, String(index).padEnd(16), 0);
    const input = inputOf(sources, target, seed, index);
    for (const fault of await tried(input, index, bench)) {
      tell({ kind: 'fault', fault: { ...fault, target, seed, index, what: input.what } });
    }
    if (Date.now() - toldAt < PROGRESS_EVERY_MS) continue;
    toldAt = Date.now();
    tell({ kind: 'tally', tally: bench.tally });
    await new Promise((resolve) => setImmediate(resolve));
  }
  return bench.tally;
}

interface Bench {
  readonly all: readonly ConverterPackage[];
  readonly folder: string;
  readonly meter: PeakMeter;
  readonly tally: Tally;
  readonly slowMs: number;
}

async function tried(
  { files }: Mutation,
  index: number,
  { meter, tally, slowMs, ...oracle }: Bench,
): Promise<readonly Pick<Fault, 'kind' | 'detail'>[]> {
  meter.restart();
  const before = process.cpuUsage();
  const { words, faults } = await judge(oracle, files);
  const { user, system } = process.cpuUsage(before);
  const ms = (user + system) / 1000;
  const growth = meter.growth();
  tally.inputs += 1;
  if (ms > tally.slowestMs) Object.assign(tally, { slowestMs: ms, slowestIndex: index });
  tally.largestBytes = Math.max(tally.largestBytes, growth);
  for (const word of words) tally.words[word] = (tally.words[word] ?? 0) + 1;
  const given = files.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const allowed = Math.max(MEMORY_FLOOR, given * BYTES_PER_BYTE);
  return [
    ...faults.map((detail) => ({ kind: 'crash', detail }) as const),
    ...(ms > slowMs
      ? [{ kind: 'slow', detail: `${Math.round(ms)} ms of processor time; allowed are ${slowMs}` } as const]
      : []),
    ...(growth > allowed
      ? [{ kind: 'memory', detail: `${growth} bytes of memory for ${given} bytes` } as const]
      : []),
  ];
}

answerParent((task, progress) => run(task as FuzzTask, progress)); // our own parent sends it
