import type { DangerDeadlines } from '../../core/ports/records/cases.ts';
import { storeCase } from '../../stored/case-store.ts';
import { acknowledgeDanger, escalateDanger, raiseDanger } from '../../triage/verdict/danger.ts';
import type { CaseAnswer, Command } from '../command.ts';
import { movePast, type PastCasesDeps } from '../past-time.ts';
import { type MoveCaseDeps, withCase } from '../with-case.ts';

/** Alarms of persons in danger: raised by who looks at the image, acknowledged by who sees to it. */

export function raiseDangerOf(
  deps: MoveCaseDeps,
  command: Command,
  id: string,
  { note }: { readonly note?: string },
): Promise<CaseAnswer> {
  return withCase(deps, command, id, ({ current, move, policy }) => ({
    what: 'raise a danger',
    next: raiseDanger(current, note, policy.dangerDueMinutes, move),
  }));
}

export function acknowledgeDangerOf(
  deps: MoveCaseDeps,
  command: Command,
  id: string,
  { why }: { readonly why: string },
): Promise<CaseAnswer> {
  return withCase(deps, command, id, ({ current, move }) => ({
    what: 'acknowledge a danger',
    next: acknowledgeDanger(current, why, move),
  }));
}

/** Tells of dangers that nobody acknowledged until they were due, each once; returns how many. */
export function escalateDangers(deps: PastCasesDeps<DangerDeadlines>): Promise<number> {
  return movePast(
    deps,
    'overdue-dangers',
    (tx, at, limit) => tx.dangersPastDue(at, limit),
    async (tx, current, move) => {
      await storeCase(deps, tx, current, escalateDanger(current, move));
      return true;
    },
  );
}
