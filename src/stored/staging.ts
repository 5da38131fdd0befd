import { mkdir, mkdtemp, readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { fromProblem, isFullDisk, problemOf } from '../core/errors.ts';
import { isRunning, lifeOf, ownMark, type ProcessMark } from '../runtime/process-life.ts';
import { sha256Hex } from './identity.ts';

type Kind = 'upload' | 'convert' | 'samples' | 'analyse' | 'read' | 'repair';

/**
 * Folders are named after the process that uses them: its number, when it began, and where that number counts. A
 * number alone is given again, in a container after every start. Six characters of chance come last.
 */
const folderName =
  /^(?:upload|convert|samples|analyse|read|repair)-(?<pid>[0-9]+)-(?:(?<begun>[0-9]*)\.(?<place>[0-9a-f]{12})-)?[^-]+$/;

/** A process shows so often that it still uses its folders. */
const BEAT_MS = 60_000;
/** Of a process that cannot be asked for: this long without a sign of it, and it is taken for gone. */
const SILENT_MS = 5 * BEAT_MS;

const inUse = new Set<string>();
let isBeating = false;

/** A new folder for one upload, conversion, analysis, reading or repair, or for samples that are read back. @throws NII_DISK_FULL */
export async function makeStagingFolder(stagingDir: string, kind: Kind): Promise<string> {
  try {
    await mkdir(stagingDir, { recursive: true, mode: 0o700 });
    const { pid, begun, ...rest } = ownMark();
    const folder = await mkdtemp(join(stagingDir, `${kind}-${pid}-${begun}.${placeOf(rest)}-`));
    inUse.add(folder);
    beat();
    return folder;
  } catch (error) {
    throw isFullDisk(error) ? fromProblem(problemOf(error)) : error;
  }
}

/** For as long as this process lives. */
function beat(): void {
  if (isBeating) return;
  isBeating = true;
  setInterval(() => void showUse(), BEAT_MS).unref();
}

/** Touches every folder of this process that is still there. */
async function showUse(): Promise<void> {
  const now = new Date();
  for (const folder of inUse) {
    await utimes(folder, now, now).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') inUse.delete(folder);
    });
  }
}

/** Where the number of a process counts: this start of this machine, and its container. */
function placeOf({ host, boot, space }: Pick<ProcessMark, 'host' | 'boot' | 'space'>): string {
  return sha256Hex(boot === '' ? host : `${boot} ${space}`).slice(0, 12);
}

/**
 * Removes the folders of processes that are no more; the staging folder is on this machine's own disk. Those of a process that
 * cannot be asked for, in another container, follow later, if it gives no sign until then. Returns how many went at once.
 */
export async function sweepStaging(stagingDir: string, silentMs = SILENT_MS): Promise<number> {
  await mkdir(stagingDir, { recursive: true, mode: 0o700 });
  const names = await readdir(stagingDir);
  const ended = names.filter((name) => lifeOfOwner(name) === 'ended');
  for (const name of ended) await remove(join(stagingDir, name));
  const unknown = names
    .filter((name) => lifeOfOwner(name) === 'unknown')
    .map((name) => join(stagingDir, name));
  const before = new Map<string, string>();
  for (const path of unknown) before.set(path, await signOf(path));
  if (before.size > 0) setTimeout(() => void sweepSilent(before), silentMs).unref();
  return ended.length;
}

/** Undefined: not a folder of ours. */
function lifeOfOwner(name: string) {
  const { pid, begun, place } = folderName.exec(name)?.groups ?? {};
  if (pid === undefined) return undefined;
  const own = ownMark();
  // Before folders said more: such a one is not ours
  if (place === undefined) return Number(pid) === own.pid || !isRunning(Number(pid)) ? 'ended' : 'alive';
  if (place !== placeOf(own)) return 'unknown';
  return lifeOf({ ...own, pid: Number(pid), begun: begun ?? '' });
}

/** What cannot be removed is left for the next start, which says so. */
async function sweepSilent(before: ReadonlyMap<string, string>): Promise<void> {
  for (const [path, sign] of before) if ((await signOf(path)) === sign) await remove(path).catch(() => {});
}

/** Changes when the folder is touched, or something is put into it. */
async function signOf(path: string): Promise<string> {
  const state = await stat(path, { bigint: true }).catch(() => undefined);
  return String(state?.mtimeNs);
}

async function remove(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
}
