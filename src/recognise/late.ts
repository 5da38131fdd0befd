import type { GroupedFile, Wanting } from './files.ts';
import type { ConverterManifest } from './manifest.ts';
import { folderOf, isNamelessStem, namePartsOf } from './names.ts';
import { sidecarRole } from './sidecar-role.ts';

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
