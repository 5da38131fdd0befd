import type { Case, LaneAnswer, LaneInstruction } from '../core/case/case.ts';
import { caseStates } from '../core/case/case-states.ts';
import { defined } from '../core/defined.ts';
import type { Hold } from '../core/radiation/hold.ts';
import { finalVerdict } from './case.ts';
import { holdInWords, isHolding, isKept } from './radiation.ts';
import { outcomes, verdicts } from './verdicts.ts';

/** Where and with which secret verdicts are announced; HMAC-SHA-256 over the body. */
export interface LaneTarget {
  readonly url: string;
  readonly secret: string;
}

/** What one unit's case means to the lane: everything that is not decided otherwise is a hold. */
export function unitAnswer(value: Case): LaneInstruction {
  if (!caseStates[value.state].isDecided) return 'hold';
  if (value.outcome !== undefined) return outcomes[value.outcome.kind].lane;
  const verdict = finalVerdict(value);
  return verdict === undefined ? 'hold' : verdicts[verdict.kind].lane;
}

/** The vehicle may go only when every unit may; one that must be scanned again is scanned again unless another holds. */
export function laneAnswer(scanId: string, cases: readonly Case[]): LaneAnswer {
  const units = cases.map((value) => ({
    unitId: value.unitId,
    answer: unitAnswer(value),
    ...defined({ container: value.container }),
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

/** Of several units the vehicle gets the instruction that is highest here. */
const precedence: Readonly<Record<LaneInstruction, number>> = { go: 0, 'scan-again': 1, hold: 2 };

function together(answers: readonly LaneInstruction[]): LaneInstruction {
  return answers.toSorted((a, b) => precedence[b] - precedence[a])[0] ?? 'hold';
}

function isFinal(cases: readonly Case[]): boolean {
  return cases.length > 0 && cases.every(({ state }) => caseStates[state].isDecided);
}
