/**
 * `npm run measure -- workers [--scans 16] [--rounds 2] [--json]`: scans of 25 MB are loaded while no worker runs. Then one
 * worker works them off on core 0, and in another round two workers on cores 0 and 1. Says how many scans an hour that is,
 * and how much processor time each takes. Needs a machine with two cores and nothing else to do, and `npm run build`.
 *
 * "One" is measured twice: with the API and the database on the other core, and with everything on the same core. "Apart"
 * is what the machine itself allows: two services with a database, a folder and a core each, that know nothing of each
 * other, against one such service alone.
 */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { treeCpuMs } from '../../src/runtime/process-tree.ts';
import { openClient } from '../../src/tools/client.ts';
import { optionsOf } from './options.ts';
import { type BuiltService, startBuilt } from './service/built.ts';
import { lorry } from './service/lorries.ts';

const values = optionsOf(import.meta.url, {
  scans: { type: 'string', default: '16' },
  rounds: { type: 'string', default: '2' },
  json: { type: 'boolean', default: false },
});
const scans = Number(values.scans);
/** What each worker does first starts processes and loads the model; it is not counted. */
const WARM_UP = 2;
const PATIENCE_MS = 600_000;
const signal = new AbortController().signal;
let number = 0;

interface Measured {
  readonly perHour: number;
  /** Of workers, API and database, and of their children. */
  readonly cpuSecondsAScan: number;
}

/** Moves the processes and all that descend from them; what they start later goes with them. */
function pin(roots: readonly number[], cores: string): void {
  const all = new Set(roots);
  const pids = readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name));
  for (let before = 0; before !== all.size; ) {
    before = all.size;
    for (const pid of pids) if (all.has(parentOf(pid))) all.add(Number(pid));
  }
  for (const pid of all) execFileSync('taskset', ['-a', '-c', '-p', cores, String(pid)], { stdio: 'ignore' });
}

function parentOf(pid: string): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return 0; // it has ended
  }
}

/** Works the scans off. @param cores - of the workers; `others` is where the API and the database run */
async function workOff(service: BuiltService, cores: readonly number[], others: string): Promise<Measured> {
  pin(service.roots, '0-1');
  const scanner = openClient(service.address, service.keyOf('scanner'), signal);
  const auditor = service.keyOf('auditor');
  const counted = scans + cores.length * WARM_UP;
  const mine = new Set<string>();
  while (mine.size < counted) {
    const [accepted] = await scanner.upload(lorry(number++));
    if (accepted === undefined) throw new Error('an upload became no scan');
    mine.add(accepted.scanId);
  }
  pin(service.roots, others);
  const workers = cores.map((core) => service.startWorker(core));
  const roots = [...service.roots, ...workers.map(({ pid }) => pid ?? 0)];
  let first: { readonly cpuMs: number } | undefined;
  try {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const times = await analysedAt(service, auditor, mine);
      if (first === undefined && times.length >= counted - scans)
        first = { cpuMs: (await treeCpuMs(roots)) ?? Number.NaN };
      if (times.length === counted)
        return measured(times, ((await treeCpuMs(roots)) ?? 0) - (first?.cpuMs ?? 0));
      if (Date.now() > deadline) throw new Error(`${times.length} of ${counted} scans are done`);
      await wait(500);
    }
  } finally {
    await Promise.all(workers.map(end));
  }
}

function measured(times: readonly number[], cpuMs: number): Measured {
  const sorted = times.toSorted((a, b) => a - b);
  const begun = sorted[sorted.length - scans - 1] ?? Number.NaN;
  const hours = ((sorted.at(-1) ?? Number.NaN) - begun) / 3_600_000;
  return { perHour: Math.round(scans / hours), cpuSecondsAScan: Math.round(cpuMs / scans / 10) / 100 };
}

async function end(worker: ReturnType<BuiltService['startWorker']>): Promise<void> {
  const ended = once(worker, 'exit');
  worker.kill('SIGTERM');
  await ended;
}

/** When each of the scans was through its steps, by the record of changes. */
async function analysedAt({ address }: BuiltService, key: string, mine: ReadonlySet<string>) {
  const found = new Map<string, number>();
  for (let cursor = ''; ; ) {
    const answer = await fetch(`${address}/v1/changes?limit=200${cursor}`, {
      headers: { authorization: `Bearer ${key}` },
    });
    const page = (await answer.json()) as {
      readonly items: readonly { readonly kind: string; readonly subject: string; readonly at: string }[];
      readonly cursor: string;
    };
    for (const { kind, subject, at } of page.items)
      if (kind === 'scan.analysed' && mine.has(subject)) found.set(subject, Date.parse(at));
    if (page.items.length === 0) return [...found.values()];
    cursor = `&cursor=${encodeURIComponent(page.cursor)}`;
  }
}

const [a, b] = await Promise.all([startBuilt({ NII_WORKERS: '0' }), startBuilt({ NII_WORKERS: '0' })]);
const rounds = [];
try {
  for (let round = 0; round < Number(values.rounds); round += 1) {
    const one = await workOff(a, [0], '1');
    const two = await workOff(a, [0, 1], '0-1');
    const oneOnOneCore = await workOff(a, [0], '0');
    const apart = await Promise.all([workOff(a, [0], '0'), workOff(b, [1], '1')]);
    const both = apart.reduce((total, { perHour }) => total + perHour, 0);
    const ratio = (to: number, from: Measured) => Math.round((100 * to) / from.perHour) / 100;
    const seen = {
      one,
      two,
      ratio: ratio(two.perHour, one),
      oneOnOneCore,
      ratioToOneCore: ratio(two.perHour, oneOnOneCore),
      apart,
      ratioApart: ratio(both, oneOnOneCore),
    };
    rounds.push(seen);
    process.stderr.write(`${JSON.stringify(seen)}\n`);
  }
} finally {
  await Promise.all([a.stop(), b.stop()]);
}
const machine = `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, Node ${process.versions.node}`;
if (values.json) console.log(JSON.stringify({ machine, scans, rounds }, null, 2));
else {
  console.log(machine);
  for (const [i, seen] of rounds.entries())
    for (const [name, value] of Object.entries(seen))
      console.log(`round ${i + 1}  ${name.padEnd(16)}`, JSON.stringify(value));
}
