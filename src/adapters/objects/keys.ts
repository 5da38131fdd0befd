import { NiiError } from '../../core/errors.ts';

/** S3's limit, in bytes; keys are ASCII. */
const KEY_LENGTH = 1024;
/** What file systems take in one name, with room for an ending of ours. */
const SEGMENT_LENGTH = 200;

/** @throws NII_BAD_REQUEST unless the key is one or more names of [a-z0-9._-] with single slashes between them */
export function checkKey(key: string): void {
  const segments = key.split('/');
  const fits =
    key.length <= KEY_LENGTH &&
    segments.every((name) => /^[a-z0-9._-]+$/.test(name) && name.length <= SEGMENT_LENGTH) &&
    !segments.some((name) => name === '.' || name === '..');
  if (fits) return;
  throw new NiiError(
    'NII_BAD_REQUEST',
    'Invalid object key: use one or more names of [a-z0-9._-], separated by /',
  );
}

/** @throws NII_BAD_REQUEST unless the prefix may begin a key */
export function checkPrefix(prefix: string): void {
  if (/^[a-z0-9._/-]*$/.test(prefix) && !/^\/|\/\/|(^|\/)\.\.?\//.test(prefix)) return;
  throw new NiiError('NII_BAD_REQUEST', 'Invalid prefix: use the beginning of an object key');
}

export function notFound(cause?: unknown): NiiError {
  return new NiiError('NII_NOT_FOUND', { detail: 'No object has this key', cause });
}
