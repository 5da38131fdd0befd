import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { NiiError } from '../core/errors.ts';
import type { CopyCipher, FileBody } from '../core/ports/objects.ts';
import { writePieces } from '../runtime/write-pieces.ts';
import { type BackupObject, isFile } from './backup.ts';

/**
 * Writes an object of a backup to a file of its own, and compares it with the recorded hash.
 * @returns what the store takes
 * @throws NII_CORRUPT if the backup lacks the object or has other bytes, NII_ENCRYPTED
 */
export async function draftOfCopy(
  encryption: CopyCipher,
  dir: string,
  draft: string,
  { key, sha256 }: Pick<BackupObject, 'key' | 'sha256'>,
): Promise<FileBody> {
  const path = join(dir, 'objects', key);
  const wrong = () =>
    new NiiError('NII_CORRUPT', { detail: `${key} in the backup has a wrong hash`, field: key });
  if (!(await isFile(path))) throw wrong();
  const hash = createHash('sha256');
  const plain = encryption.fromCopy(key, createReadStream(path));
  await writePieces(draft, plain, (piece) => hash.update(piece));
  if (hash.digest('hex') !== sha256) throw wrong();
  return { path: draft, bytes: (await stat(draft)).size, isGiven: true };
}
