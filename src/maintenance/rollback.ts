import {
  type FoundRollback,
  findRollbacks,
  type NoteDeps,
  noteAnyway,
  type StateTx,
} from '../audit/newest-seal.ts';
import { NiiError } from '../core/errors.ts';
import { unreachable } from '../core/never.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Locks, Transactions } from '../core/ports/transactions.ts';
import { CLOCK_CONFIRMED } from '../core/rules/service-hold.ts';
import { securityEvent } from '../core/security-event.ts';
import {
  type OpenServiceHoldsDeps,
  type OpenServiceHoldsTx,
  openServiceHolds,
} from '../stored/service-holds.ts';

export { findRollbacks, type StateTx };

interface HoldTheGapDeps extends OpenServiceHoldsDeps {
  readonly records: Transactions<OpenServiceHoldsTx & Tx<'latestAuditTime' | 'newestOfService'>> & Locks;
}

export interface RollbackDeps extends HoldTheGapDeps {
  readonly records: Transactions<StateTx & OpenServiceHoldsTx & Tx<'latestAuditTime' | 'newestOfService'>> &
    Locks;
  readonly witnesses: NoteDeps['witnesses'];
}

/** Whether the service starts after it found a rollback. */
export type OnRollback = 'report' | 'stop';

/**
 * Reports to the log and the audit what went back since the last run, and holds what was scanned until now.
 * @throws NII_ROLLED_BACK if something did, and the settings say stop
 */
export async function reportRollbacks(deps: RollbackDeps, onRollback: OnRollback): Promise<void> {
  const found = await findRollbacks(deps);
  await holdTheGap(deps, found);
  for (const one of found) {
    deps.log.error({ code: 'NII_ROLLED_BACK', ...one }, rollbackText(one));
    await deps.records.transaction((tx) => tx.audit(securityEvent('rolled back', one.witness, { ...one })));
  }
  const [first] = found;
  if (first !== undefined && onRollback === 'stop')
    throw new NiiError('NII_ROLLED_BACK', `${rollbackText(first)}. ${ROLLBACK_STEP}`);
}

/**
 * Holds every vehicle that was scanned until now, where the database may have forgotten what was said of it. The same
 * rollback holds once, however often it is found before somebody accepts it.
 * @returns whether it does
 */
export async function holdTheGap(deps: HoldTheGapDeps, found: readonly FoundRollback[]): Promise<boolean> {
  const forgotten = found.filter(mayForget);
  const [first] = forgotten;
  if (first === undefined) return false;
  await openServiceHolds(deps, {
    cause: 'recovery',
    reason: rollbackText(first),
    since: await deps.records.transaction((tx) => tx.latestAuditTime(CLOCK_CONFIRMED)),
    signs: await signsOf(deps, forgotten),
  });
  return true;
}

/** A file that has no note is new, or its disk was away: the note among the objects tells. */
function mayForget({ witness, what }: FoundRollback): boolean {
  return what !== 'witness older' || witness === 'object store';
}

/** What rollbacks are known by until somebody accepts them. An older audit differs, once it has as many seals again. */
export async function signsOf(
  { records }: { readonly records: Transactions<Tx<'newestOfService'>> },
  found: readonly FoundRollback[],
): Promise<readonly string[]> {
  if (found.length === 0) return [];
  const accepted = await records.transaction((tx) => tx.newestOfService(ACCEPTED.action));
  return found.map(({ witness, noted }) => `${witness} ${noted}, accepted ${accepted ?? 'never'}`);
}

const ACCEPTED = securityEvent('rollback accepted', '', {});

export const ROLLBACK_STEP = 'Find the cause, then accept the current state with nii verify --accept';

/** Says in one line what went back. */
export function rollbackText({ witness, what, noted, newest }: FoundRollback): string {
  const end = newest === 0 ? 'has no seal' : `ends at seal ${newest}`;
  switch (what) {
    case 'audit older':
      return `The database or its audit log was rolled back: the ${witness} noted seal ${noted}, but the audit log ${end}`;
    case 'audit differs':
      return `The audit log was replaced: its seal ${noted} is not the one that the ${witness} noted`;
    case 'records older':
      return `The records were rolled back: the change feed ends before the row that the ${witness} noted`;
    case 'witness older':
      return noted === 0
        ? `The ${witness} was rolled back: it has no note, but the audit log ${end}`
        : `The ${witness} was rolled back: it noted seal ${noted}, but the audit log ${end}`;
    case 'note unreadable':
      return `The note of the newest seal in the ${witness} cannot be read`;
    default:
      return unreachable(what);
  }
}

/** Notes the present state at every witness, after somebody found the cause, and writes that to the audit. */
export async function acceptRollbacks(deps: RollbackDeps, found: readonly FoundRollback[]): Promise<void> {
  if (found.length === 0) return;
  await holdTheGap(deps, found);
  await deps.records.transaction((tx) => tx.audit({ ...ACCEPTED, detail: { found } }));
  await noteAnyway(deps);
}
