import type { ObjectReads, ObjectWrites } from '../../core/ports/objects.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { Erasable, Locks, Transactions } from '../../core/ports/transactions.ts';
import { type Opening, type OpenServiceHoldsDeps, openServiceHolds } from '../../stored/service-holds.ts';
import { findRollbacks, holdTheGap, type RollbackDeps } from '../rollback.ts';
import { type Reindexed, type ReindexTx, reindex } from './reindex.ts';
import { lostRoots } from './require-roots.ts';

type ReindexHoldingTx = ReindexTx & Tx<'allObjects'>;

export interface ReindexHoldingDeps extends RollbackDeps, OpenServiceHoldsDeps {
  readonly records: RollbackDeps['records'] & Transactions<ReindexHoldingTx> & Erasable & Locks;
  readonly objects: ObjectReads & ObjectWrites;
}

/** `isHeld`: something was lost, so what was scanned until now is held until two persons of each site end it. */
export type ReindexedHolding = Reindexed & { readonly isHeld: boolean };

/** A reindex that holds what was scanned until now where it forgets something that was acknowledged. */
export async function reindexHolding(
  deps: ReindexHoldingDeps,
  progress: (scans: number) => void = () => {},
): Promise<ReindexedHolding> {
  const rollbacks = await findRollbacks(deps);
  const { lost, first } = await lostRoots(deps);
  const loss = lossOf(deps.clock.now(), lost > 0 ? [`${lost} objects such as ${first} are missing`] : []);
  // before: the objects keep what is opened, and a reindex that is cut off has lost it already
  await holdTheGap(deps, rollbacks);
  if (loss !== undefined) await openServiceHolds(deps, loss);
  const rebuilt = await reindex(deps, progress);
  // after: only now it is known what is damaged, and whose the scans are if the database was lost
  const isRolledBack = await holdTheGap(deps, rollbacks);
  const damage = loss ?? lossOf(deps.clock.now(), rebuilt.damaged);
  if (damage !== undefined) await openServiceHolds(deps, damage);
  return { ...rebuilt, isHeld: isRolledBack || damage !== undefined };
}

function lossOf(at: Date, lost: readonly string[]): Opening | undefined {
  const [first] = lost;
  if (first === undefined) return undefined;
  const reason = `The database was rebuilt from objects of which some are lost: ${first}`.slice(0, 1024);
  return { cause: 'recovery', reason, signs: [`reindex ${at.toISOString()}`] };
}
