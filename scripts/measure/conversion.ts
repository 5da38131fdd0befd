/**
 * Measures conversions of the demo's scans, each in a process that is started for it (cold) and in one that was started
 * beforehand (ready): npx tsx scripts/measure/conversion.ts [ROUNDS] [--json]
 * Wall time is from asking for the process to the checked record; CPU time is of the process, from there on (during) and
 * from its start (in all).
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type ConverterChildren,
  freshChildren,
  openReadyConverters,
} from '../../src/convert/convert-in-child.ts';
import { runConverter } from '../../src/convert/run.ts';
import { defaultLimits } from '../../src/core/limits.ts';
import { convertLocal } from '../../src/local/local.ts';
import { loadConverters } from '../../src/recognise/registry.ts';
import { bundleFolder } from '../../src/tools/demo-bundle.ts';

interface Run {
  readonly wallMs: number;
  readonly duringMs: number;
  readonly inAllMs: number;
}
interface Figures extends Run {
  readonly kind: string;
  readonly scans: number;
  readonly rounds: number;
}

const json = process.argv.includes('--json');
const rounds = Number(process.argv.slice(2).find((word) => /^[0-9]+$/.test(word)) ?? 5);
/** A worker stores what it converted before it takes the next scan; the next process starts meanwhile. */
const PAUSE_MS = 500;

/** CPU time of a process so far: proc_pid_schedstat, nanoseconds, each of its threads. */
function cpuMs(pid: number | undefined): number {
  const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ').filter(Boolean);
  if (child !== undefined) return cpuMs(Number(child)); // what contains Node takes next to nothing
  const tasks = readdirSync(`/proc/${pid}/task`).map((task) => `/proc/${pid}/task/${task}/schedstat`);
  return tasks.reduce((total, path) => total + Number(readFileSync(path, 'latin1').split(' ')[0]) / 1e6, 0);
}

/** The same children, with what each took. */
function measured(children: ConverterChildren, tell: (cpu: Omit<Run, 'wallMs'>) => void): ConverterChildren {
  let before = 0;
  return {
    take: async (converter) => {
      const child = await children.take(converter);
      before = cpuMs(child.pid);
      return child;
    },
    release: (child) => {
      const inAllMs = cpuMs(child.pid);
      tell({ duringMs: inAllMs - before, inAllMs });
      return children.release(child);
    },
  };
}

async function measureRound(children: ConverterChildren): Promise<readonly Run[]> {
  const converters = await loadConverters({ enableFake: false });
  const runs: Run[] = [];
  let cpu = { duringMs: 0, inAllMs: 0 };
  const watched = measured(children, (took) => {
    cpu = took;
  });
  const run: typeof runConverter = async (conversion) => {
    await sleep(PAUSE_MS);
    const started = performance.now();
    const result = await runConverter({ ...conversion, children: watched });
    runs.push({ wallMs: performance.now() - started, ...cpu });
    return result;
  };
  const folders = readdirSync(bundleFolder(), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const tools = { converters, limits: defaultLimits, run };
  for (const { name } of folders)
    for await (const outcome of convertLocal(tools, [join(bundleFolder(), name)])) {
      if (outcome.kind === 'rejected') throw new Error(`${name}: ${outcome.problem.detail}`);
    }
  return runs;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.round((sorted[Math.floor(sorted.length / 2)] ?? Number.NaN) * 10) / 10;
}

function figures(kind: string, runs: readonly Run[]): Figures {
  const of = (field: keyof Run) => median(runs.map((run) => run[field]));
  return {
    kind,
    scans: runs.length / rounds,
    rounds,
    wallMs: of('wallMs'),
    duringMs: of('duringMs'),
    inAllMs: of('inAllMs'),
  };
}

const ready = openReadyConverters({ atOnce: 1 });
ready.prepare();
const cold: Run[] = [];
const warm: Run[] = [];
for (let i = 0; i < rounds; i += 1) {
  cold.push(...(await measureRound(freshChildren)));
  warm.push(...(await measureRound(ready)));
}
await ready.close();
const all = [figures('cold', cold), figures('ready', warm)];
if (json) console.log(JSON.stringify(all, null, 2));
else console.table(all);
