import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { DatabaseError } from 'pg';

/**
 * Statements whose plan a connection keeps: planning takes as long as running them, and no value of theirs asks for
 * another plan. Those write rows, read or change one row by its id, or say so themselves.
 */

const MARK = '/* kept plan */';

/** In a statement: its plan may be kept. Not for lists and searches, whose best plan depends on what is looked for. */
export const keptPlan = sql.raw(MARK);

const writesRows = /^insert into "\w+" \([^)]*\) values /;
const changesOne = /^update "\w+" set (?:"\w+" = \$\d+(?:, )?)+ where "id" = \$\d+$/;
const readsOne =
  /^select (?:"\w+"(?:, )?)+ from "\w+" where "id" = \$1(?: and "administration" = \$2)?(?: for update)?$/;

/** Of one process. A row more or less makes another text; what comes after so many is planned each time. */
const MOST_NAMES = 256;

const names = new Map<string, string | undefined>();

/** The name by which a connection keeps the plan, if it does. */
export function keptPlanOf(text: string): string | undefined {
  if (!names.has(text) && names.size < MOST_NAMES) names.set(text, mayKeep(text) ? nameOf(text) : undefined);
  return names.get(text);
}

const mayKeep = (text: string) =>
  text.includes(MARK) || [writesRows, changesOne, readsOne].some((form) => form.test(text));

const nameOf = (text: string) => `nii_${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;

/** A table was altered since: the statement is planned anew on another connection. */
export function isPlanStale(error: unknown): boolean {
  return (
    error instanceof DatabaseError && error.code === '0A000' && error.routine === 'RevalidateCachedQuery'
  );
}
