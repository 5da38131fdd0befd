import type { Move } from '../../core/person/move.ts';
import { dueTimeOf, type Hold } from '../../core/radiation/hold.ts';
import type { PolicyTerms } from '../../core/rules/policy.ts';
import { appendEvent, requireMove } from '../radiation.ts';

/** When an alarm that is opened at this time, ISO 8601, is due. */
export function dueAfter(at: string, { alarmDueMinutes }: Pick<PolicyTerms, 'alarmDueMinutes'>): string {
  return new Date(Date.parse(at) + alarmDueMinutes * 60_000).toISOString();
}

/**
 * A supervisor is told that no officer has adjudicated it in time; what the lane is told stays.
 * @throws NII_STATE_CONFLICT where none has still to
 */
export function escalateHold(current: Hold, move: Move): Hold {
  requireMove(current, 'escalated');
  return appendEvent({ ...current, escalatedAt: move.at }, move, 'escalated', { dueAt: dueTimeOf(current) });
}
