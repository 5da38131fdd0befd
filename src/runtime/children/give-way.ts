import { writeFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';

/** Added to our own: a child gets a tenth of the processor while this process is busy, and all of it otherwise. */
const NICENESS = 10;
const MOST_NICENESS = 19;
/** Linux lets ordinary users change a group once in a tenth of a second, all of them together. */
const AGAIN_MS = 120;
const MOST_TRIES = 20;

/**
 * Lets the work of a child wait for the processes that answer people: a reader that is busy with a hostile file takes no
 * processor from the API. The child, and what it starts, inherit it.
 *
 * @param pid - has just been started, as the leader of a session of its own
 */
export function giveWay(pid: number): void {
  const niceness = Math.min(MOST_NICENESS, getPriority() + NICENESS);
  ignored(() => setPriority(pid, niceness));
  // Where Linux groups processes by session, niceness tells apart only those of one session; the group has its own
  if (process.platform === 'linux') lowerGroup(pid, niceness, MOST_TRIES);
}

function lowerGroup(pid: number, niceness: number, tries: number): void {
  try {
    writeFileSync(`/proc/${pid}/autogroup`, String(niceness));
  } catch (error) {
    const isTooSoon = error instanceof Error && 'code' in error && error.code === 'EAGAIN';
    // where it has ended, or there are no such groups, nothing depends on it
    if (isTooSoon && tries > 1) setTimeout(() => lowerGroup(pid, niceness, tries - 1), AGAIN_MS).unref();
  }
}

/** A child that has ended already, or a system that has no such thing: nothing depends on it. */
function ignored(action: () => void): void {
  try {
    action();
  } catch {
    return;
  }
}
