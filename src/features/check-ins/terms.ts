import { NiiError } from '../../core/errors.ts';
import { type CheckInTerms, marksOfTerms, normalisedTerms } from '../../core/rules/check-in.ts';

/**
 * The terms as they are kept.
 * @param where - names the check-in in its message
 * @throws NII_BAD_REQUEST where they name no vehicle, or a time that no clock here has
 */
export function readTerms(terms: CheckInTerms, where: string): CheckInTerms {
  const wanted = normalisedTerms({ ...terms, expectedAt: inUtc(terms.expectedAt, where) });
  if (marksOfTerms(wanted).length > 0) return wanted;
  throw invalid(where, 'no vehicle: give plates, containers or visit');
}

function inUtc(time: string, where: string): string {
  const date = new Date(time);
  const written = Number.isNaN(date.getTime()) ? '' : date.toISOString();
  if (/^\d{4}-/.test(written)) return written;
  throw invalid(where, `invalid expectedAt "${time}": use a time such as 2026-01-02T03:04:05Z`);
}

export function invalid(where: string, what: string): NiiError {
  return new NiiError('NII_BAD_REQUEST', { detail: `${where}: ${what}`, field: where });
}
