import { stat } from 'node:fs/promises';

/** Whether there is a file or folder at the path that this process can see. */
export async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
