import { NiiError } from '../../core/errors.ts';
import { notFound } from './keys.ts';

export function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

export function isAbsent(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'EISDIR'].includes(systemCode(error));
}

/** Runs a step that reads, or with `gone` one that writes, and puts failures in the service's terms. */
export async function mapped<T>(
  work: () => Promise<T>,
  absent: (cause: unknown) => NiiError = notFound,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asStoreFailure(error, absent);
  }
}

/** While writing, a missing path is a folder that was taken away, or the file to be stored. */
export function gone(cause?: unknown): NiiError {
  return new NiiError('NII_STORE_UNREACHABLE', {
    detail: 'The folder of the object store does not respond',
    cause,
  });
}

function asStoreFailure(error: unknown, absent: (cause: unknown) => NiiError): unknown {
  const code = systemCode(error);
  if (code === '' || error instanceof NiiError) return error;
  if (code === 'ENOENT' || (absent === notFound && isAbsent(error))) return absent(error);
  if (['ENOSPC', 'EDQUOT', 'EFBIG'].includes(code)) {
    return new NiiError('NII_DISK_FULL', { detail: 'The folder of the object store is full', cause: error });
  }
  if (['EISDIR', 'ENOTDIR', 'EEXIST', 'ENOTEMPTY', 'ENAMETOOLONG'].includes(code)) {
    const detail = 'An object key cannot continue below another key or be longer than the file system allows';
    return new NiiError('NII_BAD_REQUEST', { detail, cause: error });
  }
  return gone(error);
}
