import { type Move, systemMove } from '../core/person/move.ts';
import type { Clock } from '../core/ports/process.ts';
import type { Locks, Transactions } from '../core/ports/transactions.ts';
import { alone } from './move-case.ts';

/** Cases or holds of one transaction. */
const AT_ONCE = 100;

/** What the system does with cases or holds when their time has come. */
interface PastTime<Tx, Value> {
  /** One process at a time does what has this name. */
  readonly name: string;
  /** Those whose time came before this one; locked. */
  readonly past: (tx: Tx, at: string, limit: number) => Promise<readonly Value[]>;
  /** @returns false where nothing was to be done */
  readonly move: (tx: Tx, current: Value, move: Move) => Promise<boolean>;
}

/** Moves some of those whose time has come, in one transaction; returns how many moved. */
export function movePast<Tx, Value>(
  { records, clock }: { readonly records: Transactions<Tx> & Locks; readonly clock: Clock },
  { name, past, move }: PastTime<Tx, Value>,
): Promise<number> {
  const by = systemMove(clock.now());
  return alone({ records }, name, async (tx) => {
    let count = 0;
    for (const current of await past(tx, by.at, AT_ONCE)) if (await move(tx, current, by)) count += 1;
    return count;
  });
}
