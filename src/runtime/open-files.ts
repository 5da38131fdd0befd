import { readFileSync } from 'node:fs';

/** What systems without /proc allow at least. */
const USUAL = 1024;
/** Node.js counts further; a process with more files open has other problems. */
const CEILING = 1_000_000;

/** How many files this process may have open at a time; connections are files too. */
export function openFilesLimit(): number {
  const soft = /^Max open files\s+(\d+|unlimited)/m.exec(ownLimits())?.[1];
  if (soft === undefined) return USUAL;
  return soft === 'unlimited' ? CEILING : Math.min(Number(soft), CEILING);
}

function ownLimits(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return ''; // not Linux
  }
}
