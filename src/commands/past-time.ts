import { type Move, systemMove } from '../core/person/move.ts';
import type { ObjectWrites } from '../core/ports/objects.ts';
import type { Clock } from '../core/ports/process.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Locks, Transactions } from '../core/ports/transactions.ts';
import { type StoreCaseTx, storeCase } from '../stored/case-store.ts';
import { type KeepHoldTx, storeEscalated } from '../stored/radiation-store.ts';
import { escalateDanger } from '../triage/danger.ts';
import { escalateHold } from '../triage/holds/overdue-hold.ts';
import type { LaneTarget } from '../triage/lane.ts';
import { inExclusiveTransaction } from './with-case.ts';

/** What it takes to move cases whose time has come. */
export interface PastCasesDeps<Taken> {
  readonly records: Transactions<StoreCaseTx & Taken> & Locks;
  readonly objects: ObjectWrites;
  readonly clock: Clock;
  readonly lane: LaneTarget | undefined;
}

/** Cases or holds of one transaction. */
const AT_ONCE = 100;

/**
 * What the system does with cases or holds when their time has come: with some of them, in one transaction.
 *
 * @param name - one process at a time does what has this name
 * @param past - those whose time came before this one; locked
 * @param step - false where nothing was to be done
 * @returns how many moved
 */
export function movePast<Taken, Value>(
  { records, clock }: { readonly records: Transactions<Taken> & Locks; readonly clock: Clock },
  name: string,
  past: (tx: Taken, at: string, limit: number) => Promise<readonly Value[]>,
  step: (tx: Taken, current: Value, move: Move) => Promise<boolean>,
): Promise<number> {
  const move = systemMove(clock.now());
  return inExclusiveTransaction({ records }, name, async (tx) => {
    let count = 0;
    for (const current of await past(tx, move.at, AT_ONCE)) if (await step(tx, current, move)) count += 1;
    return count;
  });
}

/** Tells of dangers that nobody acknowledged until they were due, each once; returns how many. */
export function escalateDangers(deps: PastCasesDeps<Tx<'dangersPastDue'>>): Promise<number> {
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

export interface EscalateHoldsDeps {
  readonly records: Transactions<KeepHoldTx & Tx<'holdsPastDue'>> & Locks;
  readonly objects: ObjectWrites;
  readonly clock: Clock;
}

/** Tells of alarms that no officer adjudicated until they were due, each once; returns how many. */
export function escalateOverdueHolds(deps: EscalateHoldsDeps): Promise<number> {
  return movePast(
    deps,
    'overdue-holds',
    (tx, at, limit) => tx.holdsPastDue(at, limit),
    async (tx, current, move) => {
      await storeEscalated(deps, tx, escalateHold(current, move));
      return true;
    },
  );
}
