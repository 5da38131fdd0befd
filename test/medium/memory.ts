import { readdirSync, readFileSync } from 'node:fs';

/** Processes of a running service, by what they do. PostgreSQL is not ours to bound. */
export type Part = 'service' | 'worker' | 'converter' | 'model';

/** Most memory that each part of the service has had resident, in bytes. */
export type Peaks = Partial<Record<Part, number>>;

const LOOK_MS = 20;

/**
 * Watches the processes under one, children of children included, and keeps the high-water mark of each (VmHWM), until
 * it is stopped. A short-lived process is seen as long as it lives longer than a look takes.
 */
export function watchMemory(root: () => number | undefined): { readonly stop: () => Peaks } {
  const peaks: Peaks = {};
  const look = () => {
    const pid = root();
    if (pid === undefined) return;
    for (const one of [pid, ...descendantsOf(pid)]) note(peaks, one, pid);
  };
  const timer = setInterval(look, LOOK_MS);
  return {
    stop: () => {
      look();
      clearInterval(timer);
      return peaks;
    },
  };
}

function note(peaks: Peaks, pid: number, root: number): void {
  const part = pid === root ? 'service' : partOf(pid);
  const bytes = highWater(pid);
  if (part !== undefined && bytes !== undefined) peaks[part] = Math.max(peaks[part] ?? 0, bytes);
}

function partOf(pid: number): Part | undefined {
  const line = textOf(pid, 'cmdline').split('\0');
  if (line.some((word) => /\/convert\.js$/.test(word))) return 'converter';
  if (line.some((word) => /\/model\.js$/.test(word))) return 'model';
  return line.includes('worker') ? 'worker' : undefined;
}

function highWater(pid: number): number | undefined {
  const found = /^VmHWM:\s+(\d+) kB$/m.exec(textOf(pid, 'status'))?.[1];
  return found === undefined ? undefined : Number(found) * 1024;
}

function descendantsOf(root: number): readonly number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^[0-9]+$/.test(name)) continue;
    const parent = /^PPid:\s+(\d+)$/m.exec(textOf(Number(name), 'status'))?.[1];
    if (parent !== undefined) parents.set(Number(name), Number(parent));
  }
  const isBelow = (pid: number): boolean => {
    const parent = parents.get(pid);
    return parent !== undefined && (parent === root || isBelow(parent));
  };
  return [...parents.keys()].filter(isBelow);
}

/** Empty for a process that is gone. */
function textOf(pid: number, file: 'status' | 'cmdline'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
