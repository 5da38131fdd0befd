import type { GroupedFile } from './files.ts';
import type { ConverterManifest } from './manifest.ts';
import { folderOf, isNamelessStem, namePartsOf } from './names.ts';
import { sidecarRole } from './sidecar-role.ts';

/** A scan that would take a file as its sidecar, did it exist. */
export interface Wanting {
  readonly converter: string;
  readonly groupKey: string;
  readonly role: string;
}

/** Every scan that would take the file by its stem, the one of its own folder first. */
export function wantedBy(
  file: Pick<GroupedFile, 'name' | 'head'>,
  converters: readonly { readonly manifest: ConverterManifest }[],
): readonly Wanting[] {
  return converters.flatMap(({ manifest }) => {
    const role = sidecarRole(file, manifest);
    const { stem } = namePartsOf(file.name, manifest);
    if (role === undefined || isNamelessStem(stem) || manifest.group.by === 'dicom') return [];
    const keys = new Set([`${folderOf(file.name).toLowerCase()}${stem}`, stem]);
    return [...keys].map((groupKey) => ({ converter: manifest.id, groupKey, role }));
  });
}
