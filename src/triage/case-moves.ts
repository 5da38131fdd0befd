import type { Case, CaseEvent } from '../core/case/case.ts';
import { type CaseMove, caseStatesThat } from '../core/case/case-states.ts';
import { defined } from '../core/defined.ts';
import { NiiError } from '../core/errors.ts';
import { isBy, type Move } from '../core/person/move.ts';

/** What every move of a case is made of. */

/** The case with one more entry in its history. */
export function appendEvent(
  value: Case,
  move: Move,
  kind: CaseEvent['kind'],
  detail: Record<string, unknown>,
): Case {
  const event: CaseEvent = { seq: value.history.length + 1, at: move.at, actor: move.actor, kind, detail };
  return { ...value, ...defined({ tag: move.tag }), history: [...value.history, event] };
}

/** @throws NII_STATE_CONFLICT naming the states that allow the move */
export function requireMove({ state }: Case, move: CaseMove): void {
  const states = caseStatesThat(({ canBe }) => canBe.includes(move));
  if (states.includes(state)) return;
  const allowed = states.toSorted().join(' or ');
  throw new NiiError(
    'NII_STATE_CONFLICT',
    `The case is ${state} and cannot be ${move}: this needs a case that is ${allowed}`,
  );
}

export function withoutClaim(current: Case): Case {
  const { claim: _, ...rest } = current;
  return rest;
}

export function claimOf(current: Case): NonNullable<Case['claim']> {
  if (current.claim === undefined)
    throw new NiiError('NII_STATE_CONFLICT', 'The case is not claimed: claim it first');
  return current.claim;
}

export function mustHold(current: Case, move: Move): void {
  requireMove(current, 'decided or released');
  if (!isBy(move, claimOf(current).analyst)) {
    throw new NiiError(
      'NII_STATE_CONFLICT',
      'Another analyst has claimed the case: use a case that you have claimed',
    );
  }
}
