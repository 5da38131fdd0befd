import { NiiError } from './errors.ts';
import type { ByteRange } from './ports/objects.ts';

/** The part of an object to read: a last byte beyond the end is cut to it. @throws NII_RANGE */
export function clipRange(range: ByteRange | undefined, bytes: number): { first: number; bytes: number } {
  if (range === undefined) return { first: 0, bytes };
  const { first, last } = range;
  const sound = Number.isSafeInteger(first) && Number.isSafeInteger(last) && first >= 0 && last >= first;
  if (!sound || first >= bytes) {
    throw new NiiError('NII_RANGE', `The range is outside the object: the object has ${bytes} bytes`);
  }
  return { first, bytes: Math.min(last, bytes - 1) - first + 1 };
}
