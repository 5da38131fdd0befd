import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll } from 'vitest';
import type { FileToConvert } from '../../src/convert/in-process.ts';
import { type FileGroup, HEAD_BYTES, type StagedFile } from '../../src/recognise/files.ts';
import { groupFiles, rejectUnclaimed } from '../../src/recognise/group.ts';
import { type ConverterPackage, loadConverters } from '../../src/recognise/registry.ts';

export interface NamedBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A folder that is gone after the tests of the file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'nii-convert-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Writes files as an upload leaves them. Each goes into a folder of its own, since names may repeat. */
export function stage(folder: string, files: readonly NamedBytes[]): readonly StagedFile[] {
  return files.map(({ name, bytes }) => {
    const path = join(mkdtempSync(join(folder, 's-')), 'file');
    writeFileSync(path, bytes);
    return { name, path, bytes: bytes.length, sha256: sha256(bytes), head: bytes.slice(0, HEAD_BYTES) };
  });
}

export const installed: readonly ConverterPackage[] = await loadConverters({ enableFake: true });

export function converterOf(
  { converter }: Pick<FileGroup, 'converter'>,
  converters: readonly ConverterPackage[] = installed,
): ConverterPackage {
  const found = converters.find(({ manifest }) => manifest.id === converter.id);
  if (found === undefined) throw new Error(`no converter ${converter.id}`);
  return found;
}

/** The only scan that these files are. @throws as the service does for a file that no converter claims */
export function onlyGroup(files: readonly StagedFile[], converters = installed): FileGroup {
  const grouped = groupFiles(files, converters);
  rejectUnclaimed(grouped);
  const [group] = grouped.groups;
  if (group === undefined || grouped.groups.length > 1)
    throw new Error(`not one scan but ${grouped.groups.length}`);
  return group;
}

export function toConvert(group: FileGroup): readonly FileToConvert[] {
  return group.files.map(({ head: _, ...file }) => file);
}

/**
 * Files of uploads that are still on their way: readers that wait have an empty room there, and samples that were asked
 * for stay for the next question.
 */
export function filesOnTheirWay(stagingDir: string): readonly string[] {
  if (!existsSync(stagingDir)) return [];
  return readdirSync(stagingDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(stagingDir, join(entry.parentPath, entry.name)))
    .filter((name) => !name.startsWith('samples-'));
}
