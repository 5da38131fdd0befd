import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reportReferences } from '../convert/dicom-head.ts';
import { type FileGroup, type GroupedFile, HEAD_BYTES } from '../convert/group.ts';
import { plainBase } from '../convert/names.ts';
import { findConverter, storedIds } from '../convert/registry.ts';
import type { ObjectStore, OriginalFile, RecordsTx } from '../core/ports.ts';
import type { Deps } from './deps.ts';
import type { LateScope } from './late-files.ts';

/**
 * Files that came before the scan that they are of, and so are scans of their own: reports that refer to one of the
 * images that have now come, and pictures that an index has now named. They are copied into the folder; the scans that
 * they made stay as they are, with whatever became of their cases.
 */
export async function waitingFiles(
  deps: Pick<Deps, 'converters' | 'objects' | 'records'>,
  scope: LateScope,
  group: FileGroup,
  scanId: string,
  folder: string,
): Promise<readonly GroupedFile[]> {
  const waiting = await deps.records.transaction(async (tx) => {
    const scan = await tx.scanById(scanId);
    const here = scan === undefined ? undefined : await tx.revision(scanId, scan.revision);
    if (here === undefined) return [];
    const reports = await reportsFor(deps, tx, scope, group);
    const pictures = await picturesFor(deps, tx, scope, group, here.originals);
    return [...reports, ...pictures].filter((file) => !here.originals.some((one) => isSame(one, file)));
  });
  const files: GroupedFile[] = [];
  for (const [i, file] of waiting.entries()) {
    files.push(await copied(deps.objects, file, join(folder, `waiting-${scanId}-${i}`)));
  }
  return files;
}

function isSame(a: OriginalFile, b: OriginalFile): boolean {
  return a.role === b.role && a.sha256 === b.sha256;
}

async function reportsFor(
  { converters }: Pick<Deps, 'converters'>,
  tx: RecordsTx,
  scope: LateScope,
  { converter, files }: FileGroup,
): Promise<readonly OriginalFile[]> {
  if (findConverter(converters, converter.id)?.manifest.group.by !== 'dicom') return [];
  const images = files.filter(({ head }) => reportReferences(head).length === 0);
  const instanceUids = images.map(({ role }) => role);
  return tx.waitingReports(scope, storedIds(converters, converter.id), instanceUids, scope.since);
}

/** Two pictures of one name are none: nothing says which of them the index means. */
async function picturesFor(
  { converters }: Pick<Deps, 'converters'>,
  tx: RecordsTx,
  scope: LateScope,
  { files }: FileGroup,
  here: readonly OriginalFile[],
): Promise<readonly OriginalFile[]> {
  const roles = new Map(files.flatMap(({ index }) => Object.entries(index?.names ?? {})));
  for (const { name } of here) roles.delete(plainBase(name));
  const fallbacks = converters.filter(({ manifest }) => manifest.fallback === true);
  const ids = fallbacks.flatMap(({ manifest }) => storedIds(converters, manifest.id));
  const lone = await tx.loneFiles(scope, ids, [...roles.keys()], scope.since, scope.scanner);
  return [...roles].flatMap(([base, role]) => {
    const [only, ...others] = new Map(
      lone.filter(({ name }) => plainBase(name) === base).map((file) => [file.sha256, file]),
    ).values();
    return only === undefined || others.length > 0 ? [] : [{ ...only, role, complete: true }];
  });
}

async function copied(
  objects: Pick<ObjectStore, 'stream'>,
  { name, role, bytes, sha256, complete, key }: OriginalFile,
  path: string,
): Promise<GroupedFile> {
  await writeFile(path, await objects.stream(key));
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return { name, role, bytes, sha256, complete, path, head: buffer.subarray(0, bytesRead) };
  } finally {
    await file.close();
  }
}
