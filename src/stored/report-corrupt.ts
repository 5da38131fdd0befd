import type { NiiError } from '../core/errors.ts';
import type { Log } from '../core/ports/process.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Transactions } from '../core/ports/transactions.ts';
import { securityEvent } from '../core/security-event.ts';

/** How many reported objects a process remembers. */
const REMEMBERED = 1000;

/** Reports an object whose bytes have changed: to the log each time, to the audit once. */
export function corruptReporter(
  records: Transactions<Tx<'audit'>>,
  log: Log,
): (key: string, error: NiiError) => void {
  const reported = new Set<string>();
  return (key, err) => {
    log.error({ key, err }, 'stored object is corrupt');
    if (reported.has(key)) return;
    if (reported.size >= REMEMBERED) reported.clear();
    reported.add(key);
    const entry = securityEvent('object corrupt', key, { detail: err.message });
    records
      .transaction((tx) => tx.audit(entry))
      .catch((cause: unknown) => {
        reported.delete(key);
        log.error({ key, err: cause }, 'a corrupt object is not in the audit yet');
      });
  };
}
