import { link } from 'node:fs/promises';
import { join } from 'node:path';
import { defined } from '../core/defined.ts';
import { NiiError } from '../core/errors.ts';
import type { Limits } from '../core/limits.ts';
import { secondsToRead } from '../core/reading-time.ts';
import { type FileToSort, type Sorted, sortTask } from '../parsing/kinds/sort.ts';
import type { Reader } from '../parsing/reader.ts';
import type { Grouped, StagedFile } from '../recognise/files.ts';
import type { ConverterPackage } from '../recognise/registry.ts';

export interface SortDeps {
  readonly reader: Reader;
  readonly limits: Limits;
  readonly converters: readonly ConverterPackage[];
}

export interface SortOptions {
  /** Id of the key that sent the files. */
  readonly caller: string;
  /** Each DICOM file is called after its instance: what its sender calls it says nothing. */
  readonly namedByInstance?: boolean;
}

export interface SortedUpload extends Grouped {
  /** All files, in the order of the upload, each with what its content says. */
  readonly files: readonly StagedFile[];
}

/** Has the files of an upload read in a process of its own, and sorted into scans. @throws as Reader.read */
export function sortUpload(
  { reader, limits, converters }: SortDeps,
  files: readonly StagedFile[],
  { caller, namedByInstance = false }: SortOptions,
): Promise<SortedUpload> {
  return reader.read(sortTask, {
    caller,
    subject: files.map(({ sha256 }) => sha256).join(' '),
    seconds: secondsToRead(
      files.reduce((sum, { bytes }) => sum + bytes, 0),
      limits,
    ),
    prepare: async (desk) => ({
      desk,
      files: await linkFiles(files, desk.input),
      manifests: converters.map(({ manifest }) => manifest),
      namedByInstance,
      limits,
    }),
    take: async (sorted) => sortedUpload(sorted, files, namedByInstance),
  });
}

/** A second name for each file: nothing is copied. */
async function linkFiles(files: readonly StagedFile[], folder: string): Promise<readonly FileToSort[]> {
  const linked: FileToSort[] = [];
  for (const [i, { name, path, bytes, sha256, damage }] of files.entries()) {
    const file = `file-${i}`;
    await link(path, join(folder, file));
    linked.push({ file, name, bytes, sha256, ...defined({ damage }) });
  }
  return linked;
}

function sortedUpload(sorted: Sorted, given: readonly StagedFile[], namedByInstance: boolean): SortedUpload {
  if (sorted.files.length !== given.length) throw inconsistent();
  const files = given.map((file, i) => withFacts(file, sorted.files[i], namedByInstance));
  const fileAt = (position: number) => files[position] ?? missing();
  const grouped = {
    groups: sorted.groups.map(({ files: members, ...group }) => ({
      ...group,
      files: members.map(({ file, role, complete }) => ({ ...fileAt(file), role, complete })),
    })),
    unknown: sorted.unknown.map(fileAt),
    ambiguous: sorted.ambiguous.map(({ file, converters }) => ({ file: fileAt(file), converters })),
  };
  requireEachOnce(grouped, files.length);
  return { ...grouped, files };
}

function withFacts(
  file: StagedFile,
  facts: Sorted['files'][number] | undefined,
  namedByInstance: boolean,
): StagedFile {
  if (facts === undefined) throw inconsistent();
  const { index, ...read } = facts;
  const { instance } = read;
  const isRenamed = namedByInstance && instance !== undefined;
  return {
    ...file,
    ...defined({ name: isRenamed ? `${instance.instanceUid}.dcm` : undefined, index }),
    read,
  };
}

/** A file is of one scan, and only a report of every scan that it refers to. */
function requireEachOnce({ groups, unknown, ambiguous }: Grouped, files: number): void {
  const sorted = [
    ...groups.flatMap((group) => distinctIn(group.files)),
    ...unknown,
    ...ambiguous.map(({ file }) => file),
  ];
  const single = sorted.filter(({ read }) => (read?.references ?? []).length === 0);
  const paths = new Set(single.map(({ path }) => path));
  if (single.length > files || paths.size !== single.length) throw inconsistent();
}

function distinctIn(files: readonly StagedFile[]): readonly StagedFile[] {
  const paths = new Set(files.map(({ path }) => path));
  if (paths.size !== files.length) throw inconsistent();
  return files;
}

function missing(): never {
  throw inconsistent();
}

function inconsistent(): NiiError {
  return new NiiError(
    'NII_READER_CRASHED',
    'The result of the reader does not match the files of the upload',
  );
}
