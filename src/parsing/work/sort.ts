import { join } from 'node:path';
import { startsAsPart10 } from '../../codec/dicom/read/head.ts';
import { defined } from '../../core/defined.ts';
import type { InstanceFacts } from '../../core/ports/records/instances.ts';
import { reportReferences } from '../../recognise/dicom-head.ts';
import { type Grouped, HEAD_BYTES, type StagedFile } from '../../recognise/files.ts';
import { sortIntoScans } from '../../recognise/index-files.ts';
import { wantedBy } from '../../recognise/roles.ts';
import { instanceFacts } from '../../stored/instance-heads.ts';
import type { FileToSort, Sorted, SortTask } from '../kinds/sort.ts';
import { readFirst } from './unpack.ts';

interface ReadFile {
  readonly file: StagedFile;
  readonly instance: InstanceFacts | undefined;
}

/** Reads the beginnings of the files, and index files whole, and says which files are one scan. */
export async function sortUpload(task: SortTask): Promise<Sorted> {
  const read: ReadFile[] = [];
  for (const given of task.files) read.push(await readStart(task, given));
  const converters = task.manifests.map((manifest) => ({ manifest }));
  const files = read.map(({ file }) => file);
  const grouped = await sortIntoScans(files, converters, task.limits);
  const indexes = new Map(allFiles(grouped).map(({ path, index }) => [path, index]));
  return {
    files: read.map(({ file, instance }) => ({
      wanted: wantedBy(file, converters),
      references: reportReferences(file.head),
      ...defined({ index: indexes.get(file.path), instance }),
    })),
    ...byPosition(grouped, files),
  };
}

async function readStart({ desk, namedByInstance, limits }: SortTask, given: FileToSort): Promise<ReadFile> {
  const path = join(desk.input, given.file);
  const source = { bytes: given.bytes, read: (count: number) => readFirst(path, count) };
  const head = await source.read(HEAD_BYTES);
  const instance = startsAsPart10(head) ? await instanceFacts(source, given.name, limits) : undefined;
  const name = namedByInstance && instance !== undefined ? `${instance.instanceUid}.dcm` : given.name;
  return { file: { ...given, name, path, head }, instance };
}

function allFiles({ groups, unknown, ambiguous }: Grouped): readonly StagedFile[] {
  return [...groups.flatMap(({ files }) => files), ...unknown, ...ambiguous.map(({ file }) => file)];
}

/** The same, with each file told by its position in the task. */
function byPosition(
  { groups, unknown, ambiguous }: Grouped,
  files: readonly StagedFile[],
): Omit<Sorted, 'files'> {
  const positions = new Map(files.map(({ path }, i) => [path, i]));
  const positionOf = ({ path }: StagedFile) => positions.get(path) ?? -1;
  return {
    groups: groups.map((group) => ({
      ...group,
      files: group.files.map((file) => ({
        file: positionOf(file),
        role: file.role,
        complete: file.complete,
      })),
    })),
    unknown: unknown.map(positionOf),
    ambiguous: ambiguous.map(({ file, converters }) => ({ file: positionOf(file), converters })),
  };
}
