import { defined } from '../../core/defined.ts';
import { type ErrorCode, NiiError } from '../../core/errors.ts';
import type { Limits } from '../../core/limits.ts';

/** What a reader of untrusted files may spend. */
export type DicomLimits = Pick<Limits, 'archiveBytes' | 'expansionRatio' | 'pixels' | 'depth'>;

/** A rejection of one file, with the byte it lies at where that is known. */
export function dicomError(
  code: ErrorCode,
  name: string,
  detail: string,
  offset?: number,
  cause?: unknown,
): NiiError {
  return new NiiError(code, {
    detail: `${name}: ${detail}`,
    field: name,
    ...defined({ offset, cause }),
  });
}
