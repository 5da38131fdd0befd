import type { Collected } from './collect.ts';
import type { StagedFile } from './files.ts';
import { folderOf } from './names.ts';
import { hasJsonKey } from './sniff.ts';

/** Role of a file that is kept with a scan and that its reader never gets. */
export const COMPANION = 'companion';

/** Keys that a record of ours (`scan.json`) has, the first in the order of canonical JSON. */
const recordKeys = ['acquired', 'attachments'];

/**
 * A record that this service wrote beside the files of a scan carries nothing that is not in them: it stays with the
 * scan in its folder and is not read.
 */
export function companionsAmong(
  groups: readonly Collected[],
  loose: readonly StagedFile[],
): { readonly groups: readonly Collected[]; readonly unknown: readonly StagedFile[] } {
  const homes = loose.map((file) => ({ file, home: isOwnRecord(file) ? besides(file, groups) : undefined }));
  return {
    groups: groups.map((group) => ({
      ...group,
      files: [
        ...group.files,
        ...homes.flatMap(({ file, home }) =>
          home === group ? [{ ...file, role: COMPANION, complete: true }] : [],
        ),
      ],
    })),
    unknown: homes.filter(({ home }) => home === undefined).map(({ file }) => file),
  };
}

function isOwnRecord({ head }: StagedFile): boolean {
  return recordKeys.every((key) => hasJsonKey(head, key));
}

function besides(file: StagedFile, groups: readonly Collected[]): Collected | undefined {
  const folder = folderOf(file.name);
  return groups.find(({ files }) => files.some(({ name }) => folderOf(name) === folder));
}
