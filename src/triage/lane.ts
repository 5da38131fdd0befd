import type { Case, LaneAnswer } from '../core/case/case.ts';
import type { Hold } from '../core/radiation/hold.ts';
import { finalVerdict } from './case.ts';
import { holdInWords, isHolding, isKept } from './radiation.ts';

type Answer = LaneAnswer['answer'];

/** What one unit's case means to the lane: everything that is not decided otherwise is a hold. */
export function unitAnswer(value: Case): Answer {
  const verdict = finalVerdict(value);
  if (value.state === 'queued' || value.state === 'claimed' || value.state === 'search') return 'hold';
  if (value.outcome !== undefined) return value.outcome.kind === 'nothing-found' ? 'go' : 'hold';
  if (verdict?.kind === 'normal') return 'go';
  return verdict?.kind === 'scan-again' ? 'scan-again' : 'hold';
}

/** The vehicle may go only when every unit may; one that must be scanned again is scanned again unless another holds. */
export function laneAnswer(scanId: string, cases: readonly Case[]): LaneAnswer {
  const units = cases.map((value) => ({
    unitId: value.unitId,
    answer: unitAnswer(value),
    ...(value.container === undefined ? {} : { container: value.container }),
  }));
  return { scanId, units, answer: together(units.map((unit) => unit.answer)), final: isFinal(cases) };
}

/**
 * The answer with the radiation alarms of the vehicle: while one is not adjudicated, or confirmed and not ended, it is
 * hold and not final, whatever any image says; one that ended without a release keeps the vehicle.
 */
export function withHolds(answer: LaneAnswer, holds: readonly Hold[]): LaneAnswer {
  if (holds.length === 0) return answer;
  const told = holds.map((hold) => ({ holdId: hold.id, state: hold.state, text: holdInWords(hold) }));
  const stops = holds.find(isHolding) ?? holds.find(isKept);
  if (stops === undefined) return { ...answer, holds: told };
  const final = answer.final && !isHolding(stops);
  return { ...answer, answer: 'hold', final, reason: holdInWords(stops), holds: told };
}

function together(answers: readonly Answer[]): Answer {
  if (answers.length === 0 || answers.includes('hold')) return 'hold';
  return answers.includes('scan-again') ? 'scan-again' : 'go';
}

function isFinal(cases: readonly Case[]): boolean {
  return cases.length > 0 && cases.every((value) => value.state === 'decided' || value.state === 'closed');
}
