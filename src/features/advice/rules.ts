import type { Advice } from '../../core/case/advice.ts';
import type { Case } from '../../core/case/case.ts';
import { notReaders } from '../../core/case/not-readers.ts';
import { NiiError } from '../../core/errors.ts';
import { isBy, isOther, type Move } from '../../core/person/move.ts';
import { appendEvent, claimOf, mustHold } from '../../triage/case-moves.ts';

/** A colleague observes while a reader has claimed the case. Only the reader decides; the history keeps all answers. */

const MOST_QUESTIONS = 8;
const MOST_COLLEAGUES = 8;
const MOST_ANSWERS = 16;

/** A first question, or one more. @throws NII_STATE_CONFLICT where the caller does not hold the case */
export function askAdvice(current: Case, words: string, move: Move): Case {
  mustHold(current, move);
  const advice = claimOf(current).advice ?? { questions: [], colleagues: [] };
  if (advice.questions.length >= MOST_QUESTIONS)
    throw new NiiError(
      'NII_STATE_CONFLICT',
      `You have asked ${MOST_QUESTIONS} questions, which is the limit`,
    );
  const questions = [...advice.questions, { at: move.at, words }];
  return appendEvent(withAdvice(current, { ...advice, questions }), move, 'advice-asked', { words });
}

/**
 * Adds the caller as an observer. Returns the same case if they already observe it.
 * @throws NII_STATE_CONFLICT if nobody asked, and for a person who may not observe
 */
export function observe(current: Case, move: Move): Case {
  const advice = openAdvice(current);
  if (advice.colleagues.some(({ by }) => isBy(move, by))) return current;
  if (!canLookAlong(current, move)) {
    const detail =
      'Only a linked colleague who did not ask, and has neither read nor observed this case before, can observe it';
    throw new NiiError('NII_STATE_CONFLICT', detail);
  }
  if (advice.colleagues.length >= MOST_COLLEAGUES)
    throw new NiiError(
      'NII_STATE_CONFLICT',
      `${MOST_COLLEAGUES} colleagues already observe this case, which is the limit`,
    );
  const colleagues = [...advice.colleagues, { by: move.actor, at: move.at, answers: [] }];
  const asker = claimOf(current).analyst;
  return appendEvent(withAdvice(current, { ...advice, colleagues }), move, 'advice-joined', { asker });
}

/** Adds an answer of an observer. @throws NII_STATE_CONFLICT for anyone else */
export function giveAdvice(current: Case, words: string, move: Move): Case {
  const advice = openAdvice(current);
  const own = advice.colleagues.find(({ by }) => isBy(move, by));
  if (own === undefined)
    throw new NiiError('NII_STATE_CONFLICT', 'You are not observing this case: observe it first');
  if (own.answers.length >= MOST_ANSWERS)
    throw new NiiError('NII_STATE_CONFLICT', `You have given ${MOST_ANSWERS} answers, which is the limit`);
  const answered = { ...own, answers: [...own.answers, { at: move.at, words }] };
  const colleagues = advice.colleagues.map((one) => (one === own ? answered : one));
  return appendEvent(withAdvice(current, { ...advice, colleagues }), move, 'advice-given', { words });
}

/** Whether the caller may observe: certainly another person, and without knowledge of other readings. */
export function canLookAlong(current: Case, move: Pick<Move, 'actor' | 'formerIds' | 'isLinked'>): boolean {
  const { claim } = current;
  if (claim?.advice === undefined || !isOther(move, claim.analyst)) return false;
  return !notReaders(current).some((id) => isBy(move, id));
}

/** @throws NII_STATE_CONFLICT where nobody asks for advice on the case now */
function openAdvice({ claim }: Pick<Case, 'claim'>): Advice {
  if (claim?.advice === undefined) {
    const detail = 'No advice is requested on this case: the reader has decided, or handed it back';
    throw new NiiError('NII_STATE_CONFLICT', detail);
  }
  return claim.advice;
}

function withAdvice(current: Case, advice: Advice): Case {
  return { ...current, claim: { ...claimOf(current), advice } };
}
