import { defined } from '../core/defined.ts';
import type { InstanceFacts, InstanceRow } from '../core/ports/records/instances.ts';
import type { StoredBytes } from '../core/ports/records/object-rows.ts';
import type { Tx } from '../core/ports/records.ts';
import type { ObjectKind, ObjectWhat } from '../core/rows/object-what.ts';
import type { ScanRow } from '../core/scan/stored-scan.ts';

/** The index of instances that DICOMweb searches: made from the stored files alone, so that it can be made again. */

export type InstanceOwner = Pick<ScanRow, 'administration' | 'site'>;

/** Kinds of object that may be instances. */
export const instanceSources: Readonly<Partial<Record<ObjectKind, InstanceRow['source']>>> = {
  original: 'original',
  dicos: 'dicos',
  tdr: 'tdr',
};

type Stored = Pick<StoredBytes, 'key' | 'scanId' | 'revision' | 'bytes' | 'sha256'> & ObjectWhat;

/** The row of a stored object, of which this is known; undefined for a kind that is no instance. */
export function instanceRow(
  { administration, site }: InstanceOwner,
  stored: Stored,
  facts: InstanceFacts,
): InstanceRow | undefined {
  const { key, scanId, revision, bytes, sha256 } = stored;
  const source = instanceSources[stored.kind];
  if (source === undefined) return undefined;
  const ofCase = defined({ caseId: caseOf(stored) });
  return { administration, site, key, scanId, revision, bytes, sha256, source, ...ofCase, ...facts };
}

function caseOf(what: ObjectWhat): string | undefined {
  return what.kind === 'tdr' && what.origin.kind === 'case' ? what.origin.caseId : undefined;
}

/**
 * Says anew which instances of a scan searches list. A scan that came as DICOM is its originals of the newest
 * revision; any other is what was made of its newest converted revision. Reports are listed with either, those that
 * came as DICOM once.
 */
export async function relist(
  tx: Tx<'lockScan' | 'revision' | 'instancesOfScan' | 'listInstances'>,
  scanId: string,
): Promise<void> {
  const scan = await tx.lockScan(scanId);
  const rows = await tx.instancesOfScan(scanId);
  if (scan === undefined || rows.length === 0) return;
  const originals = await tx.revision(scanId, scan.revision).then((row) => row?.originals ?? []);
  const current = new Set(originals.map(({ key }) => key));
  const own = rows.filter(({ source, key }) => source === 'original' && current.has(key));
  const made = own.length > 0 ? [] : newestOf(rows.filter(({ source }) => source === 'dicos'));
  const newest = Math.max(...rows.filter(({ source }) => source !== 'original').map((row) => row.revision));
  const isOwn = (sha256: string) => own.some((row) => row.sha256 === sha256);
  const reports = rows.filter(
    ({ source, revision, sha256 }) => source === 'tdr' && revision === newest && !isOwn(sha256),
  );
  await tx.listInstances(
    scanId,
    [...own, ...made, ...reports].map(({ key }) => key),
  );
}

function newestOf(rows: readonly InstanceRow[]): readonly InstanceRow[] {
  const newest = Math.max(...rows.map(({ revision }) => revision));
  return rows.filter(({ revision }) => revision === newest);
}

/** Keeps the rows and lists the scan anew, in the caller's transaction. */
export async function indexInstances(
  tx: Tx<'lockScan' | 'revision' | 'putInstances' | 'instancesOfScan' | 'listInstances'>,
  scanId: string,
  rows: readonly InstanceRow[],
): Promise<void> {
  await tx.putInstances(rows);
  await relist(tx, scanId);
}

/** Those of the first revision of a scan that the caller's transaction makes: searches list them all. */
export async function indexNewScan(
  tx: Tx<'putInstances' | 'listInstances'>,
  scanId: string,
  originals: readonly InstanceRow[],
): Promise<void> {
  if (originals.length === 0) return;
  await tx.putInstances(originals);
  await tx.listInstances(
    scanId,
    originals.map(({ key }) => key),
  );
}
