import type { NiiError } from '../core/errors.ts';
import { scanOfKey } from '../core/keys.ts';
import type { Log } from '../core/ports/process.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Transactions } from '../core/ports/transactions.ts';
import { securityEvent } from '../core/security-event.ts';

/** How many reported objects a process remembers. */
const REMEMBERED = 1000;

/** Reads of stored objects that failed in this process, by their code. */
export interface ObjectFaults {
  NII_CORRUPT: number;
  NII_OBJECT_LOST: number;
}

/**
 * Reports objects whose bytes have changed (NII_CORRUPT) or are gone (NII_OBJECT_LOST): to the log and the counts each
 * time, to the audit once.
 */
export class FaultReporter {
  readonly counts: ObjectFaults = { NII_CORRUPT: 0, NII_OBJECT_LOST: 0 };
  readonly #records: Transactions<Tx<'audit'>>;
  readonly #log: Log;
  readonly #reported = new Set<string>();

  constructor(records: Transactions<Tx<'audit'>>, log: Log) {
    this.#records = records;
    this.#log = log;
  }

  report(key: string, err: NiiError): void {
    const isLost = err.code === 'NII_OBJECT_LOST';
    this.counts[isLost ? 'NII_OBJECT_LOST' : 'NII_CORRUPT'] += 1;
    const text = isLost ? 'stored object is missing' : 'stored object is corrupt';
    this.#log.error({ key, scanId: scanOfKey(key), err }, text);
    if (this.#reported.has(key)) return;
    if (this.#reported.size >= REMEMBERED) this.#reported.clear();
    this.#reported.add(key);
    const entry = securityEvent(isLost ? 'object lost' : 'object corrupt', key, { detail: err.message });
    this.#records
      .transaction((tx) => tx.audit(entry))
      .catch((cause: unknown) => {
        this.#reported.delete(key);
        this.#log.error({ key, err: cause }, 'a faulty object is not in the audit yet');
      });
  }
}
