import type { ObjectRow, ObjectRows } from '../core/ports/records/object-rows.ts';
import type { Transactions } from '../core/ports/transactions.ts';
import type { ObjectKind } from '../core/rows/object-what.ts';
import { backupObjects } from './restore.ts';
import { objectRows } from './verify.ts';

/** What people and scanners did that a backup does not hold. */
export interface Lacking {
  /** Revisions of scans, as they were received. */
  readonly revisions: number;
  /** Verdicts, outcomes and every other step of a case or hold. */
  readonly decisions: number;
  readonly declarations: number;
  /** Registers of scanners, and why their alarms were put out. */
  readonly scanners: number;
}

/** What the installation has been told and the backup in the folder lacks: what its loss would cost. */
export async function lackingIn(dir: string, records: Transactions<ObjectRows>): Promise<Lacking> {
  const held = new Set<string>();
  for await (const { key } of backupObjects(dir)) held.add(key);
  const counts = { revisions: 0, decisions: 0, declarations: 0, scanners: 0 };
  for await (const row of objectRows(records)) {
    const told = held.has(row.key) ? undefined : toldBy(row);
    if (told !== undefined) counts[told] += 1;
  }
  return counts;
}

/** Everything else is made again from these. */
const tellers: Readonly<Partial<Record<ObjectKind, keyof Lacking>>> = {
  case: 'decisions',
  hold: 'decisions',
  declaration: 'declarations',
  acknowledgement: 'scanners',
  register: 'scanners',
};

function toldBy(row: ObjectRow): keyof Lacking | undefined {
  if (row.kind === 'manifest') return row.step === 'received' ? 'revisions' : undefined;
  return tellers[row.kind];
}
