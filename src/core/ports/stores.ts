import type { ObjectReads } from './objects.ts';
import type { Clock } from './process.ts';
import type { Transactions } from './transactions.ts';

/** Records and the objects that they speak of. */
export interface Stores<Taken, Objects = ObjectReads> {
  readonly records: Transactions<Taken>;
  readonly objects: Objects;
}

/** Records, and the time at which something in them changes. */
export interface TimedRecords<Taken> {
  readonly records: Transactions<Taken>;
  readonly clock: Clock;
}
