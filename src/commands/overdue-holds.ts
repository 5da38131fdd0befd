import type { ObjectWrites } from '../core/ports/objects.ts';
import type { Clock } from '../core/ports/process.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Locks, Transactions } from '../core/ports/transactions.ts';
import { type KeepHoldTx, storeEscalated } from '../stored/radiation-store.ts';
import { escalateHold } from '../triage/holds/overdue-hold.ts';
import { movePast } from './past-time.ts';

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
