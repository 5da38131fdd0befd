import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { NiiError } from '../core/errors.ts';
import type { CopyCipher, ObjectWrites } from '../core/ports/objects.ts';
import { writePieces } from '../runtime/write-pieces.ts';
import { type BackupObject, isFile } from './backup.ts';

/**
 * Puts an object into the store as a backup has it, once its bytes have the recorded hash.
 * @param draft - path of a file that is made on the way, and removed
 * @throws NII_CORRUPT where the backup lacks it or has other bytes, NII_ENCRYPTED
 */
export async function putCopy(
  { objects, encryption }: { readonly objects: ObjectWrites; readonly encryption: CopyCipher },
  dir: string,
  draft: string,
  { key, sha256, contentType }: Omit<BackupObject, 'bytes'>,
): Promise<void> {
  const path = join(dir, 'objects', key);
  const wrong = () =>
    new NiiError('NII_CORRUPT', { detail: `${key} in the backup has a wrong hash`, field: key });
  if (!(await isFile(path))) throw wrong();
  const hash = createHash('sha256');
  const plain = encryption.fromCopy(key, createReadStream(path));
  try {
    await writePieces(draft, plain, (piece) => hash.update(piece));
    if (hash.digest('hex') !== sha256) throw wrong();
    await objects.put(key, { path: draft, bytes: (await stat(draft)).size, isGiven: true }, contentType);
  } finally {
    await rm(draft, { force: true });
  }
}
