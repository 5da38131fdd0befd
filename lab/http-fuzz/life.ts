import { readdir, readFile } from 'node:fs/promises';
import type { Fault } from './oracle.ts';

/** What the process that answers takes, from /proc (Linux). */
export interface LifeSign {
  readonly pid: number;
  readonly residentBytes: number;
  readonly openFiles: number;
}

const MiB = 1024 * 1024;
/** Memory may grow by half and by so much from the first look on, when caches have filled, to the last. */
const GROWTH = 1.5;
const GROWTH_BYTES = 256 * MiB;
/** Connections that are kept alive, and files that answers on their way have open. */
const MORE_FILES = 128;

/** Undefined where there is no such process, or no /proc. */
export async function lifeOf(pid: number | undefined): Promise<LifeSign | undefined> {
  if (pid === undefined) return undefined;
  try {
    const status = await readFile(`/proc/${pid}/status`, 'latin1');
    const openFiles = (await readdir(`/proc/${pid}/fd`)).length;
    return { pid, residentBytes: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024, openFiles };
  } catch {
    return undefined;
  }
}

/** What may be blamed on the process between two looks. */
export function judgeLife(first: LifeSign, last: LifeSign | undefined): readonly Fault[] {
  if (last?.pid !== first.pid)
    return [
      { kind: 'process-lost', detail: `process ${first.pid} has ended; now it is ${last?.pid ?? 'none'}` },
    ];
  const faults: Fault[] = [];
  if (last.residentBytes > first.residentBytes * GROWTH + GROWTH_BYTES)
    faults.push({
      kind: 'memory-grown',
      detail: `from ${Math.round(first.residentBytes / MiB)} to ${Math.round(last.residentBytes / MiB)} MiB`,
    });
  if (last.openFiles > first.openFiles + MORE_FILES)
    faults.push({ kind: 'files-grown', detail: `from ${first.openFiles} to ${last.openFiles} open files` });
  return faults;
}
