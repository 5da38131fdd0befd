import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Most memory a process has had resident so far (Linux), or has now (elsewhere); 0 once it is gone. */
export async function residentBytes(pid: number | undefined): Promise<number> {
  if (pid === undefined) return 0;
  return process.platform === 'linux' ? peakOnLinux(pid) : nowByPs(pid);
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
