import type { NiiError } from '../core/errors.ts';
import type { Log } from '../core/ports/process.ts';
import type { Audit } from '../core/ports/records/audit.ts';
import type { Transactions } from '../core/ports/transactions.ts';
import { securityEvent } from '../core/security-event.ts';

/** Objects told of by one process; beyond it they are told of again. */
const TOLD = 1000;

/** Tells of an object whose bytes are not those that were stored: each time in the log, once in the audit. */
export function corruptReporter(
  records: Transactions<Audit>,
  log: Log,
): (key: string, error: NiiError) => void {
  const told = new Set<string>();
  return (key, err) => {
    log.error({ key, err }, 'stored object is corrupt');
    if (told.has(key)) return;
    if (told.size >= TOLD) told.clear();
    told.add(key);
    const entry = securityEvent('object corrupt', key, { detail: err.message });
    records
      .transaction((tx) => tx.audit(entry))
      .catch((cause: unknown) => {
        told.delete(key);
        log.error({ key, err: cause }, 'a corrupt object is not in the audit yet');
      });
  };
}
