import type { Scope } from '../../core/access.ts';
import { NiiError } from '../../core/errors.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { Adjudication, NewMeasurement } from '../../core/radiation/adjudication.ts';

export type EvidenceTx = Tx<'scan' | 'revision' | 'newestConverted' | 'hold'>;

/**
 * What an officer names as evidence has been received: the spectrum of the hand-held instrument, and the passage in which
 * the vehicle was measured after all.
 * @throws NII_BAD_REQUEST naming what is not there
 */
export async function requireEvidence(
  tx: EvidenceTx,
  scope: Scope,
  holdId: string,
  given: Adjudication,
): Promise<void> {
  const { spectrum } = given.identification ?? {};
  if (spectrum !== undefined) await requireOriginal(tx, scope, spectrum);
  if (given.decision !== 'tamper-or-fault' || given.newMeasurement?.kind !== 'passed-again') return;
  await requirePassage(tx, scope, holdId, given.newMeasurement);
}

async function requireOriginal(
  tx: Tx<'scan' | 'revision'>,
  scope: Scope,
  { scanId, sha256 }: { readonly scanId: string; readonly sha256: string },
): Promise<void> {
  const scan = await tx.scan(scope, scanId);
  const row = scan === undefined ? undefined : await tx.revision(scanId, scan.revision);
  if (row?.originals.some((original) => original.sha256 === sha256) === true) return;
  const detail = `Scan "${scanId}" has no original ${sha256}: send the N42 document first`;
  throw new NiiError('NII_BAD_REQUEST', { detail, field: 'identification' });
}

/** Another occupancy than the one of the hold, which the portal did measure. */
async function requirePassage(
  tx: Tx<'scan' | 'newestConverted' | 'hold'>,
  scope: Scope,
  holdId: string,
  { scanId, recordId }: Extract<NewMeasurement, { readonly kind: 'passed-again' }>,
): Promise<void> {
  const hold = await tx.hold(scope, holdId);
  const scan = await tx.scan(scope, scanId);
  const row = scan === undefined ? undefined : await tx.newestConverted(scanId);
  const passage = row?.scan?.radiation?.find(({ id }) => id === recordId);
  const isOther = hold?.scanId !== scanId || hold.recordId !== recordId;
  if (isOther && passage !== undefined && passage.notMeasured === undefined) return;
  const detail = `Scan "${scanId}" has no other occupancy "${recordId}" that the portal measured`;
  throw new NiiError('NII_BAD_REQUEST', { detail, field: 'newMeasurement' });
}
