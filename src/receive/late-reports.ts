import type { Instances } from '../core/ports/records/instances.ts';
import type { JoinScope, ScanGroups, Scans } from '../core/ports/records/scans.ts';

import type { ScanRow } from '../core/scan/stored-scan.ts';
import type { FileGroup } from '../recognise/files.ts';
import { type ConverterPackage, findConverter, storedIds } from '../recognise/registry.ts';

/**
 * Reports that came under a scan UID of their own, as files of the stored scan whose images they refer to. A scan that
 * has their own UID comes first.
 */
export async function joinReferenced(
  { converters }: { readonly converters: readonly ConverterPackage[] },
  tx: Scans & ScanGroups & Instances,
  scope: JoinScope,
  groups: readonly FileGroup[],
): Promise<readonly FileGroup[]> {
  const joined: FileGroup[] = [];
  for (const group of groups) {
    const ids = storedIds(converters, group.converter.id);
    const scan = isOfDicom(group, converters) ? await referencedScan(tx, scope, group, ids) : undefined;
    joined.push(scan === undefined ? group : { ...group, groupKey: scan.groupKey });
  }
  return joined;
}

/** SOP instances that the files of a scan refer to, where every file is a report; empty where it holds anything else. */
function referencesOfReports({ files }: FileGroup): readonly string[] {
  const references = files.map(({ read }) => read?.references ?? []);
  return references.every((named) => named.length > 0) ? references.flat() : [];
}

function isOfDicom({ converter }: FileGroup, converters: readonly ConverterPackage[]): boolean {
  return findConverter(converters, converter.id)?.manifest.group.by === 'dicom';
}

async function referencedScan(
  tx: Scans & ScanGroups & Instances,
  { administration, site, since, sender }: JoinScope,
  group: FileGroup,
  ids: readonly string[],
): Promise<ScanRow | undefined> {
  const references = referencesOfReports(group);
  if (references.length === 0) return undefined;
  const place = { administration, site, since, sender };
  for (const id of ids) {
    if ((await tx.scanByGroup(place, id, group.groupKey)) !== undefined) return undefined;
  }
  const matches = [{ tag: '00080018', oneOf: references }];
  const found = await tx.findInstances(
    { administration, site },
    { matches, reports: 'all' },
    // Our own copies of an image that came back have its UID, too
    references.length * 4,
    0,
  );
  for (const { scanId, source } of found) {
    const scan = source === 'original' ? await tx.scan({ administration, site }, scanId) : undefined;
    if (scan === undefined || !ids.includes(scan.converter)) continue;
    if (await tx.mayJoin(sender, scan.id)) return scan;
  }
  return undefined;
}
