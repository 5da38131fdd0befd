import { openSync, writeSync } from 'node:fs';
import { type ConverterPackage, loadConverters } from '../../recognise/registry.ts';
import { fixturesOfAll } from '../contract/contract.ts';
import type { Mutation } from '../contract/mutate.ts';
import { inputOf, type Sources } from './generate.ts';
import { judge } from './oracle.ts';
import { type PeakMeter, peakMeter } from './peak.ts';
import { sourcesOf } from './seeds.ts';
import { emptyTally, type Fault, type Tally } from './tally.ts';

const MiB = 1024 * 1024;
const NEWS_EVERY_MS = 500;
/** More than a process needs for itself, and than the samples that one byte may become. */
const MEMORY_FLOOR = 64 * MiB;
const BYTES_PER_BYTE = 200;

/** What the parent asks for. */
export interface FuzzTask {
  readonly target: string;
  readonly seed: number;
  /** First and behind the last input. */
  readonly from: number;
  readonly to: number;
  readonly milliseconds?: number;
  /** Packages beside those that are built in. */
  readonly extra?: string;
  readonly folder: string;
  /** Holds the number of the input at work, for the case that nobody is left to say it. */
  readonly stateFile: string;
}

export type FuzzNews =
  | { readonly kind: 'tally'; readonly tally: Tally }
  | { readonly kind: 'fault'; readonly fault: Fault }
  | { readonly kind: 'done'; readonly tally: Tally };

/** What both sides make inputs of. */
export async function loadSources({ target, extra }: Pick<FuzzTask, 'target' | 'extra'>): Promise<{
  readonly all: readonly ConverterPackage[];
  readonly sources: Sources;
}> {
  const all = await loadConverters({ enableFake: true, ...(extra === undefined ? {} : { extra }) });
  return { all, sources: await sourcesOf(target, await fixturesOfAll(all)) };
}

async function run(task: FuzzTask): Promise<void> {
  const { all, sources } = await loadSources(task);
  const state = openSync(task.stateFile, 'r+');
  const meter = peakMeter();
  const ends = Date.now() + (task.milliseconds ?? Number.POSITIVE_INFINITY);
  const tally = emptyTally();
  let toldAt = Date.now();
  for (let index = task.from; index < task.to && Date.now() < ends; index++) {
    writeSync(state, String(index).padEnd(16), 0);
    const input = inputOf(sources, task.target, task.seed, index);
    for (const fault of await tried(input, { all, folder: task.folder, meter, tally })) {
      tell({
        kind: 'fault',
        fault: { ...fault, target: task.target, seed: task.seed, index, what: input.what },
      });
    }
    if (Date.now() - toldAt < NEWS_EVERY_MS) continue;
    toldAt = Date.now();
    tell({ kind: 'tally', tally });
    await new Promise((resolve) => setImmediate(resolve));
  }
  process.send?.({ kind: 'done', tally } satisfies FuzzNews, undefined, {}, () => process.disconnect());
}

interface Bench {
  readonly all: readonly ConverterPackage[];
  readonly folder: string;
  readonly meter: PeakMeter;
  readonly tally: Tally;
}

async function tried(
  { files }: Mutation,
  { meter, tally, ...oracle }: Bench,
): Promise<readonly Pick<Fault, 'kind' | 'detail'>[]> {
  meter.restart();
  const started = performance.now();
  const { words, faults } = await judge(oracle, files);
  const growth = meter.growth();
  tally.inputs += 1;
  tally.slowestMs = Math.max(tally.slowestMs, performance.now() - started);
  tally.largestBytes = Math.max(tally.largestBytes, growth);
  for (const word of words) tally.words[word] = (tally.words[word] ?? 0) + 1;
  const given = files.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const allowed = Math.max(MEMORY_FLOOR, given * BYTES_PER_BYTE);
  return [
    ...faults.map((detail) => ({ kind: 'crash', detail }) as const),
    ...(growth > allowed
      ? [{ kind: 'memory', detail: `${growth} bytes of memory for ${given} bytes` } as const]
      : []),
  ];
}

function tell(news: FuzzNews): void {
  process.send?.(news);
}

/** Only where a parent listens: importing this module starts nothing. */
if (process.send !== undefined && process.env.NII_FUZZ_CHILD === '1') {
  process.once('disconnect', () => process.exit());
  process.once('message', (task: FuzzTask) => {
    void run(task);
  });
}
