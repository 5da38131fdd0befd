import type { Actor } from '../../core/access.ts';
import type { InstanceRow } from '../../core/ports/records/instances.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { Transactions } from '../../core/ports/transactions.ts';
import type { CabBand } from '../../core/scan/cab.ts';
import { type CabTx, maskOf, requireWhole, rolesThatReadWhole } from './cab-mask.ts';

export interface InstanceMaskDeps {
  readonly records: Transactions<Tx<'revision'> & CabTx>;
}

type Row = Pick<InstanceRow, 'administration' | 'site' | 'scanId' | 'revision' | 'frames'>;

/** What is masked of the scan that an instance is of. */
export function maskOfInstance({ records }: InstanceMaskDeps, row: Row): Promise<readonly CabBand[]> {
  return records.transaction(async (tx) => {
    const revision = await tx.revision(row.scanId, row.revision);
    return revision === undefined ? [] : maskOf(tx, row, revision);
  });
}

/** @throws NII_CAB_MASKED where one of them has pixels of a scan that is masked for the caller */
export async function requireWholeInstances(
  deps: InstanceMaskDeps,
  actor: Actor,
  rows: readonly Row[],
): Promise<void> {
  if (rolesThatReadWhole.has(actor.role)) return;
  const pictures = new Map(
    rows.filter(({ frames }) => frames > 0).map((row) => [`${row.scanId} ${row.revision}`, row]),
  );
  for (const row of pictures.values()) requireWhole(actor, await maskOfInstance(deps, row));
}
