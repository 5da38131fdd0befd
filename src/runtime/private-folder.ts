import { chmod, chown, lstat, opendir, stat } from 'node:fs/promises';
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
