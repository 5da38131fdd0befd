import type { Collected } from './collect.ts';
import type { StagedFile } from './files.ts';
import { folderOf } from './names.ts';
import { hasStem, namedRole, sidecarRole } from './roles.ts';

interface Home {
  readonly group: Collected;
  readonly role: string;
}

export interface Attached {
  readonly groups: readonly Collected[];
  readonly unwanted: readonly StagedFile[];
}

/**
 * Gives each loose file to the scan whose index names it, or else to the one that takes it as a sidecar of its stem;
 * where there are several, to the one in its folder.
 */
export function attach(groups: readonly Collected[], loose: readonly StagedFile[]): Attached {
  const homes = loose.map((file) => ({
    file,
    home: homeOf(file, groups, roleByName) ?? homeOf(file, groups, stemRole),
  }));
  return {
    groups: groups.map((group) => ({
      ...group,
      files: [
        ...group.files,
        ...homes.flatMap(({ file, home }) =>
          home?.group === group ? [{ ...file, role: home.role, complete: true }] : [],
        ),
      ],
    })),
    unwanted: homes.filter(({ home }) => home === undefined).map(({ file }) => file),
  };
}

type RoleIn = (file: StagedFile, group: Collected) => string | undefined;

function homeOf(file: StagedFile, groups: readonly Collected[], roleIn: RoleIn): Home | undefined {
  const homes = groups.flatMap((group): readonly Home[] => {
    const role = roleIn(file, group);
    return role === undefined ? [] : [{ group, role }];
  });
  return homes.find(({ group }) => isNear(file, group)) ?? homes[0];
}

function isNear(file: StagedFile, group: Collected): boolean {
  const folder = folderOf(file.name);
  return group.files.some((one) => folderOf(one.name) === folder);
}

function roleByName(file: StagedFile, { files }: Collected): string | undefined {
  return namedRole(file, files);
}

function stemRole(file: StagedFile, group: Collected): string | undefined {
  return hasStem(file, group) ? sidecarRole(file, group.manifest) : undefined;
}
