import type { WarningCode } from '../core/warnings.ts';
import type { Collected } from './collect.ts';
import type { FileGroup, Grouped, StagedFile } from './files.ts';
import { folderOf } from './names.ts';
import { hasJsonKey } from './sniff.ts';

/** Role of a file that is kept with a scan and that its reader never gets. */
export const COMPANION = 'companion';

/** Role of a file of an archive that no converter recognises. */
export const UNKNOWN = 'unknown';

/** Role of a file that was damaged in its archive. */
export const DAMAGED = 'damaged';

/** Roles of files that are kept with a scan and that its reader never gets, each with what is told of it. */
export const unreadRoles: Readonly<Record<string, WarningCode>> = {
  [COMPANION]: 'NII_W_FILE_UNUSED',
  [UNKNOWN]: 'NII_W_FILE_UNKNOWN',
  [DAMAGED]: 'NII_W_FILE_DAMAGED',
};

/**
 * What was not understood of an archive stays with a scan of that archive, the one of its folder first. An archive of
 * which nothing was understood has none: its files stay unknown.
 */
export function keepUnknown({ groups, unknown, ambiguous }: Grouped): Grouped {
  const homes = unknown.map((file) => ({ file, home: homeInArchive(file, groups) }));
  return {
    groups: groups.map((group) => ({
      ...group,
      files: [
        ...group.files,
        ...homes.flatMap(({ file, home }) => (home === group ? [{ ...file, ...unreadAs(file) }] : [])),
      ],
    })),
    unknown: homes.filter(({ home }) => home === undefined).map(({ file }) => file),
    ambiguous,
  };
}

function unreadAs({ damage }: StagedFile) {
  return { role: damage === undefined ? UNKNOWN : DAMAGED, complete: true };
}

function homeInArchive(file: StagedFile, groups: readonly FileGroup[]): FileGroup | undefined {
  const { archive } = file;
  if (archive === undefined) return undefined;
  const ofArchive = groups.filter(({ files }) => files.some((one) => one.archive === archive));
  return besides(file, ofArchive) ?? ofArchive[0];
}

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

function besides<Group extends Pick<FileGroup, 'files'>>(
  file: StagedFile,
  groups: readonly Group[],
): Group | undefined {
  const folder = folderOf(file.name);
  return groups.find(({ files }) => files.some(({ name }) => folderOf(name) === folder));
}
