import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Which process it is: its number alone is given again, in a container after every start. */
export interface ProcessMark {
  readonly pid: number;
  readonly host: string;
  /** Id of this start of the kernel, and of the space that `pid` is a number in; empty where the system has none. */
  readonly boot: string;
  readonly space: string;
  /** When it began, in ticks since the kernel started; empty where the system does not say it. */
  readonly begun: string;
}

/** `unknown`: another machine's or container's, or the system does not tell one process of a number from the next. */
export type Life = 'alive' | 'ended' | 'unknown';

export function ownMark(): ProcessMark {
  return {
    pid: process.pid,
    host: hostname(),
    boot: textAt('/proc/sys/kernel/random/boot_id'),
    space: linkAt('/proc/self/ns/pid'),
    begun: beganAt(process.pid),
  };
}

export function lifeOf(mark: ProcessMark): Life {
  const own = ownMark();
  if (mark.boot !== own.boot || mark.space !== own.space) return 'unknown';
  if (mark.boot === '' && mark.host !== own.host) return 'unknown';
  const begun = beganAt(mark.pid);
  if (begun !== '') return begun === mark.begun ? 'alive' : 'ended';
  return isRunning(mark.pid) ? 'unknown' : 'ended';
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** proc_pid_stat(5): field 22, behind the name in brackets; `ended` for one that nobody has waited for yet. */
function beganAt(pid: number): string {
  const stat = textAt(`/proc/${pid}/stat`);
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return state === 'Z' || state === 'X' ? 'ended' : (fields[18] ?? '');
}

function textAt(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return ''; // not Linux, or not ours to see
  }
}

function linkAt(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
