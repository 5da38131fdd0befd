import type { Case } from '../../core/case/case.ts';
import type { ObjectWrites } from '../../core/ports/objects.ts';
import type { Clock } from '../../core/ports/process.ts';
import type { DangerDeadlines } from '../../core/ports/records/cases.ts';
import type { Locks, Transactions } from '../../core/ports/transactions.ts';
import { type StoreCaseTx, storeCase } from '../../stored/case-store.ts';
import type { LaneTarget } from '../../triage/lane.ts';
import { acknowledgeDanger, escalateDanger, raiseDanger } from '../../triage/verdict/danger.ts';
import type { CaseAnswer, Command } from '../command.ts';
import { type MoveCaseDeps, moveCase } from '../move-case.ts';
import { movePast } from '../past-time.ts';
import { type DecideCaseDeps, moveAtSite } from './second-thoughts.ts';

/** Alarms of persons in danger: raised by who looks at the image, acknowledged by who sees to it. */

export function raiseDangerOf(
  deps: DecideCaseDeps,
  command: Command,
  id: string,
  { note }: { readonly note?: string },
): Promise<CaseAnswer> {
  return moveAtSite(deps, command, id, 'raise a danger', (current, move, { dangerDueMinutes }) =>
    raiseDanger(current, note, dangerDueMinutes, move),
  );
}

export function acknowledgeDangerOf(
  deps: MoveCaseDeps,
  command: Command,
  id: string,
  { why }: { readonly why: string },
): Promise<CaseAnswer> {
  const apply = (current: Case, move: Parameters<typeof acknowledgeDanger>[2]) =>
    acknowledgeDanger(current, why, move);
  return moveCase(deps, command, id, 'acknowledge a danger', apply);
}

export interface EscalateDangersDeps {
  readonly records: Transactions<StoreCaseTx & DangerDeadlines> & Locks;
  readonly objects: ObjectWrites;
  readonly clock: Clock;
  readonly lane: LaneTarget | undefined;
}

/** Tells of dangers that nobody acknowledged until they were due, each once; returns how many. */
export function escalateDangers(deps: EscalateDangersDeps): Promise<number> {
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
