import { placeOf } from '../../core/access.ts';
import { NiiError } from '../../core/errors.ts';
import type { Persons } from '../../core/ports/records/persons.ts';
import type { Locks, Transactions } from '../../core/ports/transactions.ts';
import { isOpenTo } from '../../look/read.ts';
import { askAdvice, giveAdvice, lookAlong } from '../../triage/advice/advice.ts';
import { rejectConflicted } from '../claims.ts';
import type { CaseAnswer, Command } from '../command.ts';
import { alone, commit, earlierCase, type MoveCaseDeps, type MoveCaseTx, moveCase } from '../move-case.ts';

/** How a reader asks colleagues to look along, and what they say. */

export function askForAdvice(
  deps: MoveCaseDeps,
  command: Command,
  id: string,
  { question }: { readonly question: string },
): Promise<CaseAnswer> {
  return moveCase(deps, command, id, 'ask for advice', (current, move) => askAdvice(current, question, move));
}

export interface LookAlongDeps extends MoveCaseDeps {
  readonly records: Transactions<MoveCaseTx & Persons> & Locks;
}

/**
 * The caller sees the picture and the annotations of the reader from now on, and reads the case no more.
 * @throws NII_NOT_FOUND, to an analyst also where nobody asks; NII_STATE_CONFLICT for who may not look along
 */
export function lookAlongAt(deps: LookAlongDeps, command: Command, id: string): Promise<CaseAnswer> {
  const { actor } = command;
  return alone(deps, `case:${id}`, async (tx) => {
    const current = await tx.lockCase(placeOf(actor), id);
    const isThere =
      current !== undefined && (current.claim?.advice !== undefined || isOpenTo(actor, current));
    if (!isThere) throw new NiiError('NII_NOT_FOUND', `Unknown case "${id}"`);
    const earlier = await earlierCase(tx, command);
    if (earlier !== undefined) return earlier;
    await rejectConflicted(tx, actor, current);
    return commit(deps, tx, command, current, 'look along', lookAlong);
  });
}

export function answerAdvice(
  deps: MoveCaseDeps,
  command: Command,
  id: string,
  { words }: { readonly words: string },
): Promise<CaseAnswer> {
  return moveCase(deps, command, id, 'give advice', (current, move) => giveAdvice(current, words, move));
}
