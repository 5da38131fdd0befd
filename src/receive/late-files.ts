import type { JoinScope } from '../core/ports/records/scans.ts';
import type { Tx } from '../core/ports/records.ts';
import type { ScanRow } from '../core/scan/stored-scan.ts';
import type { FileGroup, Grouped, StagedFile } from '../recognise/files.ts';
import { plainBase } from '../recognise/names.ts';
import { type ConverterPackage, findConverter, storedIds } from '../recognise/registry.ts';

interface Home {
  readonly scan: Pick<ScanRow, 'converter' | 'groupKey'>;
  readonly role: string;
}

/**
 * The scans of an upload, with its loose files given to the stored scans that want them. Loose are the files that no
 * converter claims and the scans that only a fallback claims. A stored scan wants what its index file named and what
 * has its stem and is a sidecar of its format.
 */
export async function joinStored(
  deps: { readonly converters: readonly ConverterPackage[] },
  tx: Tx<'scanByGroup' | 'scanNaming'>,
  scope: JoinScope,
  { groups, unknown, ambiguous }: Grouped,
): Promise<Grouped> {
  const loose = [...unknown, ...groups.filter(({ fallback }) => fallback).flatMap(({ files }) => files)];
  const homes = new Map<StagedFile, Home>();
  for (const file of loose) {
    const home = await homeOf(deps, tx, scope, file);
    if (home !== undefined) homes.set(file, home);
  }
  const left = groups.filter(({ fallback, files }) => !fallback || !files.every((file) => homes.has(file)));
  const staying = new Set<StagedFile>(left.flatMap(({ files }) => files));
  const joining = [...homes].filter(([file]) => !staying.has(file));
  return {
    groups: joining.reduce<readonly FileGroup[]>(
      (all, [file, home]) => withFile(deps, all, file, home),
      left,
    ),
    unknown: unknown.filter((file) => !homes.has(file)),
    ambiguous,
  };
}

async function homeOf(
  { converters }: { readonly converters: readonly ConverterPackage[] },
  tx: Tx<'scanByGroup' | 'scanNaming'>,
  scope: JoinScope,
  file: StagedFile,
): Promise<Home | undefined> {
  const named = await tx.scanNaming(scope, plainBase(file.name));
  if (named !== undefined && findConverter(converters, named.scan.converter) !== undefined) return named;
  for (const { converter, groupKey, role } of file.read?.wanted ?? []) {
    for (const id of storedIds(converters, converter)) {
      const scan = await tx.scanByGroup(scope, id, groupKey);
      if (scan !== undefined) return { scan, role };
    }
  }
  return undefined;
}

function withFile(
  { converters }: { readonly converters: readonly ConverterPackage[] },
  groups: readonly FileGroup[],
  file: StagedFile,
  { scan, role }: Home,
): readonly FileGroup[] {
  const installed = findConverter(converters, scan.converter);
  if (installed === undefined) return groups;
  const { id, version } = installed.manifest;
  const joined = { ...file, role, complete: true };
  const at = groups.findIndex(({ converter, groupKey }) => converter.id === id && groupKey === scan.groupKey);
  const known = groups[at];
  if (known !== undefined) return groups.with(at, { ...known, files: [...known.files, joined] });
  const group = { converter: { id, version }, groupKey: scan.groupKey, files: [joined], fallback: false };
  return [...groups, group];
}
