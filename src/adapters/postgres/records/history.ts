import { isDeepStrictEqual } from 'node:util';
import { NiiError } from '../../../core/errors.ts';

/** What is stored must be how the new history begins: two who start from the same value cannot both save. */
export function rejectUnlessContinued(
  what: 'case' | 'hold',
  stored: readonly unknown[],
  next: readonly unknown[],
): void {
  const begins: unknown = JSON.parse(JSON.stringify(next.slice(0, stored.length)));
  if (isDeepStrictEqual(begins, stored)) return;
  throw new NiiError('NII_CONFLICT', `The ${what} has changed; reload and retry`);
}
