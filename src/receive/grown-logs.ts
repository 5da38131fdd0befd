import type { ObjectReads } from '../core/ports/objects.ts';
import type { JoinScope } from '../core/ports/records/scans.ts';
import type { Tx } from '../core/ports/records.ts';
import { hasRecord, RECORD_ROLE, type RevisionRow, type ScanRow } from '../core/scan/stored-scan.ts';
import type { UploadMeta } from '../core/upload.ts';
import type { FileGroup } from '../recognise/files.ts';
import { compareBytes } from './beginnings.ts';
import { isShorterLog } from './merge-originals.ts';

/**
 * A portal writes a daily file of all its lines, which is sent again whenever it has grown. Under its name it finds its
 * scan as any late file does; here it is found under another name, by its bytes.
 */

/** Of a portal that is sent hourly this is more than a day. */
const LOGS_LOOKED_AT = 32;
/** Shorter ones may begin alike in two portals: set-up lines carry no time. */
const LEAST_BYTES = 256;

/** The newest scan of this sender whose log is how this one begins; undefined for files that are not a log. */
export async function findShorterLog(
  tx: Tx<'newestScans'>,
  objects: ObjectReads,
  scope: JoinScope,
  { converter, files }: FileGroup,
): Promise<ScanRow | undefined> {
  const [log] = files;
  if (log === undefined || files.length > 1 || log.role !== RECORD_ROLE) return undefined;
  const earlier = (await tx.newestScans(scope, converter.id, LOGS_LOOKED_AT)).flatMap(({ scan, files }) => {
    const [old] = files;
    if (old === undefined || files.length > 1 || old.bytes < LEAST_BYTES) return [];
    return isShorterLog(old, log) ? [{ scan, old }] : [];
  });
  const isBeginning = await compareBytes(
    objects,
    earlier.map(({ old }) => ({ begin: old, whole: log })),
  );
  return earlier.find(({ old }) => isBeginning(old, log))?.scan;
}

/**
 * A log whose upload says another purpose, lane, scanner or visit than the one before it did is no revision of that: it would
 * take these over. Its occupancies are known again all the same.
 */
export function isOfAnotherPortal(
  meta: UploadMeta,
  before: RevisionRow['meta'],
  { files }: FileGroup,
): boolean {
  if (!hasRecord(files)) return false;
  const { purpose = 'operational', lane, scanner, visit } = meta;
  const differs = (now: string | undefined, then: string | undefined) => now !== undefined && now !== then;
  return (
    purpose !== (before.purpose ?? 'operational') ||
    differs(lane, before.lane) ||
    differs(scanner, before.scanner) ||
    differs(visit, before.visit)
  );
}
