import { type Move, systemMove } from '../core/person/move.ts';
import type { ObjectWrites } from '../core/ports/objects.ts';
import type { Clock } from '../core/ports/process.ts';
import type { Locks, Transactions } from '../core/ports/transactions.ts';
import type { StoreCaseTx } from '../stored/case-store.ts';
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
