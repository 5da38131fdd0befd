import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { DatabaseError } from 'pg';

/**
 * Statements whose plan a connection keeps: planning takes as long as running them, and no value of theirs asks for
 * another plan. Those write one row, read or change one row or the few that belong to it, or say so themselves.
 */

const MARK = '/* kept plan */';

/** In a statement: its plan may be kept. Not for lists and searches, whose best plan depends on what is looked for. */
export const keptPlan = sql.raw(MARK);

const writesRow = /^insert into "\w+" \([^)]*\) values /;
/** Of one row, or of the few that belong to it. */
const ofOne = String.raw`where "(?:id|key|scan_id|case_id)" = \$\d+(?: and "\w+" = \$\d+)*`;
const readsOne = new RegExp(
  String.raw`^select (?:\*|"\w+"(?:, "\w+")*) from "\w+" ${ofOne}(?: order by "\w+")?(?: for update)?$`,
);
const changesOne = new RegExp(String.raw`^update "\w+" set (?:"\w+" = [^,()]+(?:, )?)+ ${ofOne}$`);
const deletesOne = new RegExp(String.raw`^delete from "\w+" ${ofOne}$`);

/** Of one process; a bound on what a connection keeps. */
const MOST_NAMES = 256;
const names = new Map<string, string>();

/** The name by which a connection keeps the plan, if it does. */
export function keptPlanOf(text: string): string | undefined {
  const known = names.get(text);
  if (known !== undefined || names.size === MOST_NAMES || !mayKeep(text)) return known;
  const name = nameOf(text);
  names.set(text, name);
  return name;
}

function mayKeep(text: string): boolean {
  // a row more makes another text
  const isOfOneRow = !text.includes('), (');
  return (
    text.includes(MARK) ||
    (isOfOneRow && [writesRow, readsOne, changesOne, deletesOne].some((form) => form.test(text)))
  );
}

const nameOf = (text: string) => `nii_${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;

/** A table was altered since: the statement is planned anew on another connection. */
export function isPlanStale(error: unknown): boolean {
  return (
    error instanceof DatabaseError && error.code === '0A000' && error.routine === 'RevalidateCachedQuery'
  );
}
