import { open } from 'node:fs/promises';
import { NiiError } from '../core/errors.ts';

/** Any right of the group or of others (POSIX mode bits). */
const OTHERS = 0o077;

/**
 * The text of a file that holds a key and nobody else may read. Windows has no mode: its access lists are not looked at.
 * @throws NII_CONFIG where its group or others have any right to it, or the error of the system
 */
export async function readKeyFile(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { mode } = await file.stat();
    if (process.platform !== 'win32' && (mode & OTHERS) !== 0) throw rejection(path, mode);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

function rejection(path: string, mode: number): NiiError {
  const said = (mode & 0o777).toString(8).padStart(3, '0');
  return new NiiError(
    'NII_CONFIG',
    `Other users can access the key file ${path} (mode ${said}): set mode 600, and replace the key if others may have read it`,
  );
}
