import { rejectConflicted } from '../../commands/claims.ts';
import type { CaseAnswer, Command } from '../../commands/command.ts';
import { type CaseContext, type MoveCaseDeps, type MoveCaseTx, withCase } from '../../commands/with-case.ts';
import type { Actor } from '../../core/access.ts';
import type { Case } from '../../core/case/case.ts';
import type { Tx } from '../../core/ports/records.ts';
import { isOpenTo } from '../../queries/read.ts';
import { askAdvice, giveAdvice, observe } from './rules.ts';

/** Handles questions of a reader, observers, and their answers. */

export function askForAdvice(
  deps: MoveCaseDeps,
  command: Command,
  id: string,
  { question }: { readonly question: string },
): Promise<CaseAnswer> {
  return withCase(deps, command, id, ({ current, move }) => ({
    what: 'ask for advice',
    next: askAdvice(current, question, move),
  }));
}

export type ObserveDeps = MoveCaseDeps<MoveCaseTx & Tx<'person'>>;

/**
 * The caller sees the picture and the annotations of the reader from now on, and reads the case no more.
 * @throws NII_NOT_FOUND, to an analyst also if nobody asks; NII_STATE_CONFLICT for a person who may not observe
 */
export function observeCase(deps: ObserveDeps, command: Command, id: string): Promise<CaseAnswer> {
  const move = async ({ tx, current, move }: Pick<CaseContext<Tx<'person'>>, 'tx' | 'current' | 'move'>) => {
    await rejectConflicted(tx, command.actor, current);
    return { what: 'observe', next: observe(current, move) };
  };
  return withCase(deps, command, id, move, { isVisibleTo: canBeObserved });
}

function canBeObserved(actor: Actor, current: Case): boolean {
  return current.claim?.advice !== undefined || isOpenTo(actor, current);
}

export function answerAdvice(
  deps: MoveCaseDeps,
  command: Command,
  id: string,
  { words }: { readonly words: string },
): Promise<CaseAnswer> {
  return withCase(deps, command, id, ({ current, move }) => ({
    what: 'give advice',
    next: giveAdvice(current, words, move),
  }));
}
