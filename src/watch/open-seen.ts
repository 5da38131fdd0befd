import { constants } from 'node:fs';
import { type FileHandle, lstat, open, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { SeenFile } from './tracker.ts';

/** Neither a link nor a pipe is waited for; Windows knows neither flag, and the comparison stands for both. */
const FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** What is at the path is no longer the file that was seen: it is looked at again. */
class NotSeenFile extends Error {
  override readonly name = 'NotSeenFile';
  /** As the system's own errors have one: such a file is looked at again. */
  readonly code = 'ESTALE';

  constructor(name: string) {
    super(`${name} was replaced since it was listed`);
  }
}

/**
 * Opens a file of the watched folder for reading, never through a link: what is open is what lies at its path now, with
 * no link on the way from the watched folder to it. Whether it has changed, its reader must ask.
 * @throws NotSeenFile, or the error of the system
 */
export async function openSeen(seen: Pick<SeenFile, 'name' | 'path'>): Promise<FileHandle> {
  const file = await open(seen.path, FLAGS).catch(rejectLink(seen.name));
  try {
    // Node's plain numbers do not hold every number of a file
    const [opened, atPath] = [await file.stat({ bigint: true }), await lstat(seen.path, { bigint: true })];
    const isSame = opened.isFile() && opened.dev === atPath.dev && opened.ino === atPath.ino;
    if (isSame && (await isBelow(seen))) return file;
    throw new NotSeenFile(seen.name);
  } catch (error) {
    await file.close();
    throw error;
  }
}

function rejectLink(name: string): (error: NodeJS.ErrnoException) => never {
  return (error) => {
    throw error.code === 'ELOOP' || error.code === 'EMLINK' ? new NotSeenFile(name) : error;
  };
}

/** The watched folder itself may be a link: whoever started the watcher named it. */
async function isBelow({ name, path }: Pick<SeenFile, 'name' | 'path'>): Promise<boolean> {
  const root = path.slice(0, path.length - name.length);
  return (await realpath(path)) === join(await realpath(root), name);
}
