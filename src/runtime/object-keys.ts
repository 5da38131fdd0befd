import { hkdfSync, randomBytes } from 'node:crypto';
import { open } from 'node:fs/promises';
import { NiiError } from '../core/errors.ts';
import { readKeyFile } from './key-file.ts';

/** One key of the file in NII_OBJECT_KEY_FILE. */
export interface ObjectKey {
  /** 16 hexadecimal digits, derived from the key. */
  readonly id: string;
  readonly bytes: Uint8Array;
}

/** The first encrypts, all decrypt. */
export type ObjectKeys = readonly [ObjectKey, ...ObjectKey[]];

export const KEY_BYTES = 32;
export const KEY_ID_BYTES = 8;

/** A key from its 32 bytes. */
export function toObjectKey(bytes: Uint8Array): ObjectKey {
  const id = Buffer.from(hkdfSync('sha256', bytes, '', 'nii-hub key id', KEY_ID_BYTES)).toString('hex');
  return { id, bytes };
}

/**
 * The keys of a file with one key on each line: base64 of 32 bytes. Empty lines and lines that begin with # are left out.
 * @throws NII_CONFIG for a file that is missing, invalid or open to other users
 */
export async function readObjectKeys(path: string): Promise<ObjectKeys> {
  const text = await readKeyFile(path).catch((cause: unknown) => {
    if (cause instanceof NiiError) throw cause;
    const detail = `The file "${path}" in NII_OBJECT_KEY_FILE cannot be read: copy the key file there; for a new store, nii store key FILE creates one`;
    throw new NiiError('NII_CONFIG', { detail, cause });
  });
  const keys = text.split('\n').flatMap((line, index) => parseLine(line.trim(), index + 1, path));
  const [first, ...rest] = keys;
  if (first !== undefined) return [first, ...rest];
  throw new NiiError(
    'NII_CONFIG',
    `The file "${path}" in NII_OBJECT_KEY_FILE has no key: nii store key FILE creates a file with one`,
  );
}

function parseLine(line: string, number: number, path: string): readonly ObjectKey[] {
  if (line === '' || line.startsWith('#')) return [];
  if (/^[A-Za-z0-9+/]{43}=$/.test(line)) return [toObjectKey(Buffer.from(line, 'base64'))];
  throw new NiiError(
    'NII_CONFIG',
    `Invalid line ${number} of the file "${path}" in NII_OBJECT_KEY_FILE: use the base64 of ${KEY_BYTES} random bytes, as nii store key writes them`,
  );
}

/**
 * Creates a key file with one new key, for the user of this process alone (mode 600).
 * @throws NII_CONFLICT if the file exists, or the error of the system
 */
export async function createKeyFile(path: string): Promise<ObjectKey> {
  const bytes = randomBytes(KEY_BYTES);
  const key = toObjectKey(bytes);
  const file = await open(path, 'wx', 0o600).catch((cause: unknown) => {
    if (!isThere(cause)) throw cause;
    const detail = `The file "${path}" exists, and a key is never overwritten: name another file`;
    throw new NiiError('NII_CONFLICT', { detail, cause });
  });
  try {
    await file.writeFile(`# ${key.id}\n${bytes.toString('base64')}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  return key;
}

function isThere(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST';
}
