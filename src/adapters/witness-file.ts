import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { NiiError } from '../core/errors.ts';
import type { SealWitness } from '../core/ports/seal-witness.ts';
import { syncFolder } from '../runtime/sync-folder.ts';

/** A witness in one file, meant for another disk or machine. Its folder is never created: a disk that is not mounted is not replaced. */
export function openWitnessFile(path: string): SealWitness {
  return {
    name: 'witness file',
    isPart: false,
    read: () => readIfThere(path),
    write: (note) => writeWhole(path, note),
  };
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw new NiiError('NII_CONFIG', {
      detail: `The file "${path}" in NII_WITNESS_FILE cannot be read`,
      cause,
    });
  }
}

async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const draft = `${path}.${process.pid}.draft`;
  const file = await open(draft, 'w', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
  await syncFolder(dirname(path));
}
