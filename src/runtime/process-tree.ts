import { readdir, readFile } from 'node:fs/promises';

/**
 * What processes take, read from /proc (Linux). Elsewhere nothing is known and undefined is the answer.
 */

interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  /** User and system time in ms, with that of children that have ended and been waited for. */
  readonly cpuMs: number;
  readonly residentBytes: number;
}

/** USER_HZ: 100 on every Linux that Node runs on. */
const TICK_MS = 10;
const PAGE_BYTES = 4096;

/**
 * Memory of the processes and all that descend from them. A page that several processes have is shared out among them
 * (Pss of proc_pid_smaps_rollup(5)). One that may not be looked at counts with all that it has resident.
 */
export async function treeMemoryBytes(roots: readonly number[]): Promise<number | undefined> {
  const tree = await treeOf(roots);
  if (tree === undefined) return undefined;
  const shares = await Promise.all(tree.map(async (one) => (await shareOf(one.pid)) ?? one.residentBytes));
  return shares.reduce((total, bytes) => total + bytes, 0);
}

async function shareOf(pid: number): Promise<number | undefined> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'latin1').catch(() => '');
  const kibibytes = /^Pss:\s+(\d+) kB$/m.exec(text)?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
}

/** CPU time that the processes and all that descend or descended from them have taken, ms in steps of 10. */
export async function treeCpuMs(roots: readonly number[]): Promise<number | undefined> {
  const tree = await treeOf(roots);
  return tree?.reduce((total, { cpuMs }) => total + cpuMs, 0);
}

async function treeOf(roots: readonly number[]): Promise<readonly ProcessStat[] | undefined> {
  if (process.platform !== 'linux') return undefined;
  const pids = (await readdir('/proc')).filter((name) => /^[0-9]+$/.test(name));
  const all = (await Promise.all(pids.map(statOf))).filter((found) => found !== undefined);
  const chosen = new Set(roots);
  const byParent = grouped(all);
  for (const pid of chosen) for (const child of byParent.get(pid) ?? []) chosen.add(child.pid);
  return all.filter(({ pid }) => chosen.has(pid));
}

function grouped(all: readonly ProcessStat[]): ReadonlyMap<number, readonly ProcessStat[]> {
  const groups = new Map<number, ProcessStat[]>();
  for (const one of all) groups.set(one.parent, [...(groups.get(one.parent) ?? []), one]);
  return groups;
}

/** Fields of proc_pid_stat(5), counted behind the name, which may hold blanks and brackets. */
async function statOf(pid: string): Promise<ProcessStat | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => undefined); // gone meanwhile
  if (text === undefined) return undefined;
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const at = (field: number) => fields[field - 3] ?? 0;
  const ticks = at(14) + at(15) + at(16) + at(17);
  return { pid: Number(pid), parent: at(4), cpuMs: ticks * TICK_MS, residentBytes: at(24) * PAGE_BYTES };
}
