import type { ObjectReads } from './objects.ts';
import type { Clock } from './process.ts';
import type { Transactions } from './transactions.ts';

/** Records and the objects that they speak of. */
export interface Stores<Tx, Objects = ObjectReads> {
  readonly records: Transactions<Tx>;
  readonly objects: Objects;
}

/** Records, and the time at which something in them changes. */
export interface TimedRecords<Tx> {
  readonly records: Transactions<Tx>;
  readonly clock: Clock;
}
