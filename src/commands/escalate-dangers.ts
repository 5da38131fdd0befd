import type { Tx } from '../core/ports/records.ts';
import { storeCase } from '../stored/case-store.ts';
import { escalateDanger } from '../triage/danger.ts';
import { movePast, type PastCasesDeps } from './past-time.ts';

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
