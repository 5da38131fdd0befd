import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Most memory a process has had resident so far (Linux), or has now (elsewhere); 0 once it is gone. Of one that contains
 * another program, that of the largest below it.
 */
export async function residentBytes(pid: number | undefined): Promise<number> {
  if (pid === undefined) return 0;
  return process.platform === 'linux' ? largestPeak(pid) : nowByPs(pid);
}

/** A container has one child, and that may have one: deeper is no container of ours. */
const DEPTH = 4;

async function largestPeak(pid: number, depth = DEPTH): Promise<number> {
  const children = depth === 0 ? [] : await childrenOf(pid);
  const peaks = children.map((child) => largestPeak(child, depth - 1));
  return Math.max(await peakOnLinux(pid), ...(await Promise.all(peaks)));
}

async function childrenOf(pid: number): Promise<readonly number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'latin1').catch(() => ''); // gone
  return text.split(' ').filter(Boolean).map(Number);
}

/** The high-water mark: a peak between two looks is seen too. */
async function peakOnLinux(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'latin1').catch(() => ''); // gone
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}

async function nowByPs(pid: number): Promise<number> {
  const { stdout } = await run('ps', ['-o', 'rss=', '-p', String(pid)]).catch(() => ({ stdout: '0' })); // gone
  return Number(stdout.trim()) * 1024;
}
