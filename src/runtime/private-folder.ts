import { chmod, chown, lstat, opendir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

const OTHERS = 0o077;
const STICKY = 0o1000;

/** `shared`: a folder for all users, as /tmp is. `foreign`: another user's, who alone can close it. */
export type Closing = 'closed' | 'shared' | 'foreign';

/**
 * Closes a folder to other users: 0700.
 * @param passingGroup - may pass through it, and neither list nor read it: 0710
 */
export async function closeFolder(folder: string, passingGroup?: number): Promise<Closing> {
  const { mode, uid, gid } = await stat(folder);
  if ((mode & STICKY) !== 0) return 'shared';
  try {
    if (passingGroup !== undefined && gid !== passingGroup) await chown(folder, uid, passingGroup);
    const wanted = passingGroup === undefined ? 0o700 : 0o710;
    if ((mode & 0o777) !== wanted) await chmod(folder, wanted);
    return 'closed';
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EPERM') return 'foreign';
    throw error;
  }
}

/**
 * Closes a folder and all that is in it. The folder itself comes last, so that one that is closed is closed throughout and
 * is not walked again.
 */
export async function closeTree(folder: string): Promise<Closing> {
  const { mode } = await stat(folder);
  if ((mode & OTHERS) === 0) return 'closed';
  if ((mode & STICKY) === 0) await closeContents(folder);
  return await closeFolder(folder);
}

async function closeContents(folder: string): Promise<void> {
  for await (const entry of await opendir(folder, { recursive: true })) {
    if (entry.isFile() || entry.isDirectory()) await closeEntry(join(entry.parentPath, entry.name));
  }
}

/** What is gone meanwhile, or is another user's, stays as it is; the folder around it is closed. */
async function closeEntry(path: string): Promise<void> {
  try {
    const { mode } = await lstat(path);
    if ((mode & OTHERS) !== 0) await chmod(path, mode & 0o7777 & ~OTHERS);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'ENOENT' && code !== 'EPERM') throw error;
  }
}

/** What other users could read, write or pass. */
export interface LooseEntry {
  readonly path: string;
  /** Octal, as chmod takes it. */
  readonly mode: string;
  /** Why it is told: open to others, or of another user, who may open it at any time. */
  readonly why: 'open' | 'foreign';
}

/** PostgreSQL's user, of the service's group, may pass a data folder, and neither list nor read it. */
const PASSING = 0o010;

/** The folder alone, where it is open to others or another user's. */
export async function looseFolder(folder: string): Promise<LooseEntry | undefined> {
  const { mode, uid } = await stat(folder);
  return looseEntry(folder, { mode: mode & ~PASSING, uid }, mode);
}

/** Everything in a folder that is open to others or another user's, at any depth. */
export async function* looseIn(folder: string): AsyncGenerator<LooseEntry> {
  for (const name of await namesIn(folder)) {
    const path = join(folder, name);
    const found = await lstat(path).catch(() => undefined); // gone meanwhile
    if (found === undefined || found.isSymbolicLink()) continue;
    const loose = looseEntry(path, found);
    if (loose !== undefined) yield loose;
    if (found.isDirectory()) yield* looseIn(path);
  }
}

/** None of a folder that a running service has removed meanwhile. */
async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

function looseEntry(
  path: string,
  { mode, uid }: { readonly mode: number; readonly uid: number },
  shown = mode,
): LooseEntry | undefined {
  const octal = (shown & 0o7777).toString(8).padStart(4, '0');
  if ((mode & OTHERS) !== 0) return { path, mode: octal, why: 'open' };
  return uid === process.getuid?.() ? undefined : { path, mode: octal, why: 'foreign' };
}
