import { NiiError } from '../../core/errors.ts';
import {
  type CheckInTerms,
  MARKS_OF_CHECK_IN,
  marksOfTerms,
  normalisedTerms,
  type StoredCheckIn,
} from '../../core/rules/check-in.ts';
import { toUtc } from '../../core/rules/clock.ts';

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

/**
 * What counts never becomes less by a statement, so it may not grow without end.
 * @throws NII_BAD_REQUEST for a version with a mark that is one too many
 */
export function requireFewMarks(before: StoredCheckIn, next: StoredCheckIn, where: string): void {
  const { length } = next.counting.marks;
  if (length <= Math.max(MARKS_OF_CHECK_IN, before.counting.marks.length)) return;
  const way = 'use a new id for another vehicle, or let two persons take off what is no longer stated';
  throw invalid(where, `${length} marks would count, and at most ${MARKS_OF_CHECK_IN} may: ${way}`);
}

function inUtc(time: string, where: string): string {
  const written = toUtc(time);
  if (written !== undefined) return written;
  throw invalid(where, `invalid expectedAt "${time}": use a time such as 2026-01-02T03:04:05Z`);
}

export function invalid(where: string, what: string): NiiError {
  return new NiiError('NII_BAD_REQUEST', { detail: `${where}: ${what}`, field: where });
}
