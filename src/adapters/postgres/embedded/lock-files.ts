import { randomBytes } from 'node:crypto';
import { link, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cluster } from './cluster.ts';
import { codeOf } from './programs.ts';

/** PostgreSQL writes its number into a lock file as soon as it has made it. */
const EMPTY_MS = 10_000;

/** Lines of a lock file: process, data folder, start time, port, socket folder, address, memory key, state. */
export async function lockLines(file: string): Promise<readonly string[] | undefined> {
  try {
    return (await readFile(file, 'utf8')).split('\n');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Written when the server listens, and replaced when it begins to end. */
export function isReady(lines: readonly string[] | undefined): boolean {
  return lines?.[7]?.trim() === 'ready';
}

export function serverLock({ data }: Pick<Cluster, 'data'>): string {
  return join(data, 'postmaster.pid');
}

/** `unknown`: the system does not say what a process is. */
export type ServerLife = 'alive' | 'dead' | 'unknown';

/** Whether the server that the lock file names runs: starting, serving or ending. */
export async function serverLife(cluster: Cluster): Promise<ServerLife> {
  const lines = await lockLines(serverLock(cluster));
  return lines === undefined ? 'dead' : await lifeOfServer(cluster, pidOf(lines));
}

/** The process that the lock file names, where it runs and is ours. */
export async function livingServer(cluster: Cluster): Promise<number | undefined> {
  const pid = pidOf(await lockLines(serverLock(cluster)));
  return (await lifeOfServer(cluster, pid)) === 'dead' ? undefined : pid;
}

/** Whether that server has ended. It removes its lock file while its process still has a moment to go. */
export async function isServerGone(cluster: Cluster, pid: number): Promise<boolean> {
  return (await livingServer(cluster)) !== pid && (await lifeOfServer(cluster, pid)) !== 'alive';
}

function pidOf(lines: readonly string[] | undefined): number | undefined {
  const pid = Number(lines?.[0] || 'none');
  return Number.isInteger(pid) && pid > 0 ? pid : undefined;
}

/**
 * A number is given again, in a container after every start: to another program, or to a session or the server of another
 * cluster. A server of ours says our folder in its arguments; a session says something else there.
 */
async function lifeOfServer({ data }: Cluster, pid: number | undefined): Promise<ServerLife> {
  if (process.platform !== 'linux') return 'unknown';
  if (pid === undefined) return 'dead';
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const nameEnds = stat.lastIndexOf(')');
  const isZombie = stat.slice(nameEnds + 2, nameEnds + 3) === 'Z';
  if (isZombie || !stat.includes('(postgres)')) return 'dead';
  const args = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
  const folder = args[args.indexOf('-D') + 1] ?? '';
  return (await isSameFolder(folder, data)) ? 'alive' : 'dead';
}

async function isSameFolder(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([one, other].map((path) => realpath(path).catch(() => undefined)));
  return a !== undefined && a === b;
}

/**
 * PostgreSQL takes any live process with the number in a lock file for a server: also one that is dead and not yet reaped,
 * and one that has got the number since. Such locks, of the folder and of its socket, are removed; PostgreSQL's own check
 * of the shared memory still keeps two servers off one folder.
 */
export async function removeDeadLocks(cluster: Cluster, socketName: string): Promise<void> {
  if (process.platform !== 'linux') return;
  for (const file of [serverLock(cluster), join(cluster.folder, `${socketName}.lock`)]) {
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text !== undefined && (await isDeadLock(cluster, file, text))) await removeLock(cluster, file, text);
  }
}

async function isDeadLock(cluster: Cluster, file: string, text: string): Promise<boolean> {
  const pid = pidOf(text.split('\n'));
  if (pid !== undefined) return (await lifeOfServer(cluster, pid)) === 'dead';
  // cut off by a crash of the machine, unless the server is just about to write
  const found = await stat(file).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > EMPTY_MS;
}

/** Moved aside before it is judged: another process may have put the lock of a live server there meanwhile. */
async function removeLock(cluster: Cluster, file: string, dead: string): Promise<void> {
  const aside = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    await rename(file, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  const isDead = (await readFile(aside, 'utf8')) === dead;
  if (!isDead) await link(aside, file).catch(() => undefined); // a newer one may be there again
  await rm(aside);
  if (isDead) cluster.log('Removed the lock file of a dead PostgreSQL server');
}
