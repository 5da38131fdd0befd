import type { Case } from '../core/case/case.ts';
import { caseStates } from '../core/case/case-states.ts';
import type { Move } from '../core/person/move.ts';
import { appendEvent } from './case-moves.ts';
import { standingVerdict } from './readings.ts';
import { verdicts } from './verdicts.ts';

/** Whether somebody still has to see to the case: it is not over, and no verdict lets the vehicle go. */
export function isUnsettled(current: Case): boolean {
  if (!caseStates[current.state].isDecided) return true;
  if (current.state === 'closed') return false;
  const standing = standingVerdict(current);
  return standing === undefined || !verdicts[standing.kind].letsGo;
}

/** Whether a supervisor has to hear of it: once, when it is due and unsettled. */
export function canEscalate(current: Case): boolean {
  return current.escalatedAt === undefined && isUnsettled(current);
}

export function escalate(current: Case, move: Move): Case {
  return appendEvent({ ...current, escalatedAt: move.at }, move, 'escalated', { dueAt: current.dueAt });
}
