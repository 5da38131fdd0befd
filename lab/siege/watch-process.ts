import { readFileSync, writeFileSync } from 'node:fs';

/** Most memory that the process has had resident since `forgetPeak`; undefined where the system does not tell. */
export function peakBytes(pid: number): number | undefined {
  const kib = /VmHWM:\s+(\d+)/.exec(statusOf(pid))?.[1];
  return kib === undefined ? undefined : Number(kib) * 1024;
}

/** From here on the peak counts anew (proc(5): clear_refs). */
export function forgetPeak(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
  } catch {
    // gone, of another user, or no Linux: then the peak is that of its whole life
  }
}

/** A process that ended and that nobody waited for yet is not alive. */
export function isAlive(pid: number): boolean {
  const state = /State:\s+(\S)/.exec(statusOf(pid))?.[1];
  return state !== undefined && state !== 'Z';
}

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'latin1');
  } catch {
    return '';
  }
}
