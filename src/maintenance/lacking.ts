import type { ObjectRow } from '../core/ports/records/object-rows.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Transactions } from '../core/ports/transactions.ts';
import type { ObjectKind } from '../core/rows/object-what.ts';
import { objectRows } from './object-rows.ts';
import { backupObjects } from './restore.ts';

/** What people and scanners did that a backup does not hold. */
export interface Lacking {
  /** Revisions of scans, as they were received. */
  readonly revisions: number;
  /** Verdicts, outcomes and every other step of a case or hold, versions of a policy or site, files of a station, passages, annotations and photographs. */
  readonly decisions: number;
  readonly declarations: number;
  /** Registers of scanners, and why their alarms were put out. */
  readonly scanners: number;
  /** Who has which keys, and conflicts of interest. */
  readonly persons: number;
}

/** What people and scanners sent to the installation, and the backup in the folder does not hold: what a loss would cost. */
export async function lackingIn(dir: string, records: Transactions<Tx<'allObjects'>>): Promise<Lacking> {
  return countLacking(backupObjects(dir), records);
}

/** The same for a recovered database: what its records do not name. */
export async function lackingInRecovered(
  recovered: Transactions<Tx<'allObjects'>>,
  records: Transactions<Tx<'allObjects'>>,
): Promise<Lacking> {
  return countLacking(objectRows(recovered), records);
}

async function countLacking(
  copied: AsyncIterable<Pick<ObjectRow, 'key'>>,
  records: Transactions<Tx<'allObjects'>>,
): Promise<Lacking> {
  const held = new Set<string>();
  for await (const { key } of copied) held.add(key);
  const counts = { revisions: 0, decisions: 0, declarations: 0, scanners: 0, persons: 0 };
  for await (const row of objectRows(records)) {
    const name = held.has(row.key) ? undefined : countNameOf(row);
    if (name !== undefined) counts[name] += 1;
  }
  return counts;
}

/** Under which count an object falls. Objects of other kinds can be made again, so none counts them. */
const countNames: Readonly<Partial<Record<ObjectKind, keyof Lacking>>> = {
  case: 'decisions',
  hold: 'decisions',
  policy: 'decisions',
  site: 'decisions',
  station: 'decisions',
  passage: 'decisions',
  annotation: 'decisions',
  photograph: 'decisions',
  declaration: 'declarations',
  acknowledgement: 'scanners',
  register: 'scanners',
  person: 'persons',
};

function countNameOf(row: ObjectRow): keyof Lacking | undefined {
  if (row.kind === 'manifest') return row.step === 'received' ? 'revisions' : undefined;
  return countNames[row.kind];
}
