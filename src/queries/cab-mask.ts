import type { Actor, Role } from '../core/access.ts';
import { NiiError } from '../core/errors.ts';
import type { InstanceRow } from '../core/ports/records/instances.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Transactions } from '../core/ports/transactions.ts';
import type { CabBand } from '../core/scan/cab.ts';
import type { RevisionRow, ScanRow } from '../core/scan/stored-scan.ts';
import { type CabTx, cabOf } from '../stored/rules.ts';

/** What of a scan the policy masks now. docs/decisions/0044-cab.md. */

export type { CabTx };

/** The lines of each view that are masked; none where cabs are shown, or where nothing says where the cab is. */
export async function maskOf(
  tx: CabTx,
  place: Pick<ScanRow, 'administration' | 'site'>,
  revision: Pick<RevisionRow, 'converter' | 'scan' | 'meta'>,
): Promise<readonly CabBand[]> {
  return (await cabOf(tx, place, revision)).bands;
}

/** Those who may read files as they came. Others get no file with all samples of a scan whose cab is masked. */
export const rolesThatReadWhole: ReadonlySet<Role> = new Set<Role>([
  'supervisor',
  'auditor',
  'data-scientist',
  'administrator',
  'radiation-officer',
]);

/** @throws NII_CAB_MASKED where something is masked and the caller may not read it whole */
export function requireWhole({ role }: Pick<Actor, 'role'>, mask: readonly CabBand[]): void {
  if (mask.length === 0 || rolesThatReadWhole.has(role)) return;
  throw new NiiError(
    'NII_CAB_MASKED',
    `The role ${role} may not read complete files of this scan: use the masked samples, the preview or the thumbnail`,
  );
}

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
