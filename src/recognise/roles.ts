import type { GroupedFile, StagedFile, Wanting } from './files.ts';
import type { ConverterManifest } from './manifest.ts';
import { extensionOf, folderOf, isNamelessStem, namePartsOf, plainBase } from './names.ts';

/**
 * Role that a file would have beside the scan of this package, by the ending of its name and its first bytes, or
 * undefined where the package takes no such file. Whether their stems agree is for the caller to see.
 */
export function sidecarRole(
  file: { readonly name: string; readonly head: Uint8Array },
  manifest: ConverterManifest,
): string | undefined {
  const extension = extensionOf(file.name);
  const sidecar = (manifest.sidecars ?? []).find(({ extensions, bytes = '' }) => {
    const head = Buffer.from(file.head.subarray(0, bytes.length / 2)).toString('hex');
    return extensions.includes(extension) && head === bytes;
  });
  if (sidecar === undefined) return undefined;
  const { part = '' } = namePartsOf(file.name, manifest);
  const roles = sidecar.parts ?? {};
  return Object.hasOwn(roles, part) ? roles[part] : sidecar.role;
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

type Named = Pick<StagedFile, 'name'>;

/** Role that an index file among the files gives to a file of this name. */
export function namedRole(file: Named, files: readonly Pick<StagedFile, 'index'>[]): string | undefined {
  const base = plainBase(file.name);
  const index = files.find(({ index: facts }) => facts !== undefined && Object.hasOwn(facts.names, base));
  return index?.index?.names[base];
}

interface Stems {
  readonly manifest: ConverterManifest;
  readonly key: string;
  readonly files: readonly Named[];
}

/** Whether the name says that the file is of this scan. */
export function hasStem({ name }: Named, { manifest, key, files }: Stems): boolean {
  const { stem } = namePartsOf(name, manifest);
  return stem === key || files.some((one) => namePartsOf(one.name, manifest).stem === stem);
}

/** The same between uploads: there a file whose name is nothing but its part is of no scan. */
export function hasLateStem(file: Named, stems: Stems): boolean {
  return !isNamelessStem(namePartsOf(file.name, stems.manifest).stem) && hasStem(file, stems);
}
