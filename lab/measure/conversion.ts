/**
 * Measures conversions of the demo's scans, each in a process that is started for it (cold), in one that was started
 * beforehand (ready), and in one that did others of the same sender before (kept): npm run measure -- conversion [ROUNDS] [FOLDER]... [--json]. Folders hold the files of a scan
 * each, as `nii simulate` writes them; without any, the demo's scans are taken. Beside them: SHA-256 of the same bytes.
 * Wall time is from asking for the process to the checked record; CPU time is of the process, from there on (during) and
 * from its start (in all).
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type ConverterChildren,
  freshChildren,
  openReadyConverters,
} from '../../src/convert/convert-in-child.ts';
import { runConverter } from '../../src/convert/run.ts';
import { defined } from '../../src/core/defined.ts';
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
const words = process.argv.slice(2).filter((word) => word !== '--json');
const rounds = Number(words.find((word) => /^[0-9]+$/.test(word)) ?? 5);
const given = words.filter((word) => !/^[0-9]+$/.test(word));
const folders =
  given.length > 0
    ? given
    : readdirSync(bundleFolder(), { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => join(bundleFolder(), name));
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
    take: async (converter, sender) => {
      const child = await children.take(converter, sender);
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

async function measureRound(children: ConverterChildren, sender?: string): Promise<readonly Run[]> {
  const converters = await loadConverters({ enableFake: false });
  const runs: Run[] = [];
  let cpu = { duringMs: 0, inAllMs: 0 };
  const watched = measured(children, (took) => {
    cpu = took;
  });
  const run: typeof runConverter = async (conversion) => {
    await sleep(PAUSE_MS);
    const started = performance.now();
    const result = await runConverter({ ...conversion, children: watched, ...defined({ sender }) });
    runs.push({ wallMs: performance.now() - started, ...cpu });
    return result;
  };
  const tools = { converters, limits: defaultLimits, run };
  for (const folder of folders)
    for await (const outcome of convertLocal(tools, [folder])) {
      if (outcome.kind === 'rejected') throw new Error(`${folder}: ${outcome.problem.detail}`);
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

/** Of all bytes of a folder. */
function hashing(folder: string): number {
  const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
  const bytes = files.map(({ name }) => readFileSync(join(folder, name)));
  const started = performance.now();
  const hash = createHash('sha256');
  for (const part of bytes) hash.update(part);
  hash.digest();
  return performance.now() - started;
}

const ready = openReadyConverters({ atOnce: 1 });
ready.prepare();
const cold: Run[] = [];
const warm: Run[] = [];
const kept: Run[] = [];
for (let i = 0; i < rounds; i += 1) {
  cold.push(...(await measureRound(freshChildren)));
  warm.push(...(await measureRound(ready)));
}
// the others would end it, as there is room for one
for (let i = 0; i < rounds; i += 1) kept.push(...(await measureRound(ready, 'a sender')));
await ready.close();
const all = [figures('cold', cold), figures('ready', warm), figures('kept', kept)];
const sha256Ms = median(folders.flatMap((folder) => Array.from({ length: rounds }, () => hashing(folder))));
if (json) console.log(JSON.stringify({ all, sha256Ms }, null, 2));
else {
  console.table(all);
  console.log(`SHA-256 of the same bytes: ${sha256Ms} ms`);
}
