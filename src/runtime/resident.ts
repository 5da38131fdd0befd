import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Most memory a process has had resident so far (Linux), or has now (elsewhere); 0 once it is gone. Of one that contains
 * another program, that of the largest below it.
 */
export async function residentBytes(pid: number | undefined): Promise<number> {
  if (pid === undefined) return 0;
  return process.platform === 'linux' ? most(peakOnLinux, pid) : nowByPs(pid);
}

/**
 * Milliseconds that a process has waited for a processor so far, while others had it; of one that contains another program,
 * the most below it. Of its threads it is that of the one that waited longest: native code draws pictures in threads of
 * its own while the first one rests. 0 where that is unknown: elsewhere than on Linux, and once it is gone.
 */
export function processorWaitMs(pid: number | undefined): number {
  return pid === undefined || process.platform !== 'linux' ? 0 : most(waitOnLinux, pid);
}

/** A container has one child, and that may have one: deeper is no container of ours. */
const DEPTH = 4;

function most(of: (pid: number) => number, pid: number, depth = DEPTH): number {
  const children = depth === 0 ? [] : childrenOf(pid);
  return Math.max(of(pid), ...children.map((child) => most(of, child, depth - 1)));
}

/** The second number of schedstat, in nanoseconds (Documentation/scheduler/sched-stats.rst of Linux). */
function waitOnLinux(pid: number): number {
  const waits = threadsOf(pid).map((thread) => textOf(`/proc/${pid}/task/${thread}/schedstat`).split(' ')[1]);
  return Math.max(0, ...waits.map((wait) => Number(wait ?? 0) / 1e6));
}

function threadsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return []; // the process is gone
  }
}

function childrenOf(pid: number): readonly number[] {
  return textOf(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number);
}

/** The high-water mark: a peak between two looks is seen too. */
function peakOnLinux(pid: number): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(textOf(`/proc/${pid}/status`))?.[1] ?? 0) * 1024;
}

/** Read at once: the kernel has it ready, and a look every few milliseconds would cost more in another thread. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return ''; // the process is gone
  }
}

async function nowByPs(pid: number): Promise<number> {
  const { stdout } = await run('ps', ['-o', 'rss=', '-p', String(pid)]).catch(() => ({ stdout: '0' })); // gone
  return Number(stdout.trim()) * 1024;
}
