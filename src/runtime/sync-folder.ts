import { open } from 'node:fs/promises';

/** Returns only when a power cut would not take the entries of the folder away. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
