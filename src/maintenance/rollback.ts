import {
  type FoundRollback,
  findRollbacks,
  type NoteDeps,
  noteAnyway,
  type StateTx,
} from '../audit/newest-seal.ts';
import { NiiError } from '../core/errors.ts';
import { unreachable } from '../core/never.ts';
import type { Log } from '../core/ports/process.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Transactions } from '../core/ports/transactions.ts';
import { securityEvent } from '../core/security-event.ts';

export { findRollbacks, type StateTx };

export interface RollbackDeps {
  readonly records: Transactions<StateTx & Tx<'audit'>>;
  readonly witnesses: NoteDeps['witnesses'];
}

export type ReportRollbackDeps = RollbackDeps & { readonly log: Log };

/** Whether the service starts after it found a rollback. */
export type OnRollback = 'report' | 'stop';

/**
 * Reports to the log and the audit what went back since the last run.
 * @throws NII_ROLLED_BACK if something did, and the settings say stop
 */
export async function reportRollbacks(deps: ReportRollbackDeps, onRollback: OnRollback): Promise<void> {
  const found = await findRollbacks(deps);
  for (const one of found) {
    deps.log.error({ code: 'NII_ROLLED_BACK', ...one }, rollbackText(one));
    await deps.records.transaction((tx) => tx.audit(securityEvent('rolled back', one.witness, { ...one })));
  }
  const [first] = found;
  if (first !== undefined && onRollback === 'stop')
    throw new NiiError('NII_ROLLED_BACK', `${rollbackText(first)}. ${ROLLBACK_STEP}`);
}

export const ROLLBACK_STEP = 'Find the cause, then accept the current state with nii verify --accept';

/** Says in one line what went back. */
export function rollbackText({ witness, what, noted, newest }: FoundRollback): string {
  const end = newest === 0 ? 'has no seal' : `ends at seal ${newest}`;
  switch (what) {
    case 'audit older':
      return `The database or its audit went back: the ${witness} noted seal ${noted}, but the audit ${end}`;
    case 'audit differs':
      return `The audit was replaced: its seal ${noted} is not the one that the ${witness} noted`;
    case 'records older':
      return `The records went back: the change feed ends before the row that the ${witness} noted`;
    case 'witness older':
      return noted === 0
        ? `The ${witness} went back: it has no note, but the audit ${end}`
        : `The ${witness} went back: it noted seal ${noted}, but the audit ${end}`;
    case 'note unreadable':
      return `The note of the newest seal in the ${witness} cannot be read`;
    default:
      return unreachable(what);
  }
}

/** Notes the present state at every witness, after somebody found the cause, and writes that to the audit. */
export async function acceptRollbacks(deps: RollbackDeps, found: readonly FoundRollback[]): Promise<void> {
  if (found.length === 0) return;
  const event = securityEvent('rollback accepted', '', { found });
  await deps.records.transaction((tx) => tx.audit(event));
  await noteAnyway(deps);
}
