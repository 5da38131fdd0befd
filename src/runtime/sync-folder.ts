import { open } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Returns only when a power cut would not take the entries of the folder away. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** The same for the entry of a folder in the one above, which may be one that we can enter and not read. */
export async function syncParent(path: string): Promise<void> {
  await syncFolder(dirname(path)).catch((error: NodeJS.ErrnoException) => {
    if (!['EACCES', 'EPERM', 'EINVAL'].includes(error.code ?? '')) throw error;
  });
}
