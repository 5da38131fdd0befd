import type { StagedFile } from './files.ts';
import type { ConverterManifest } from './manifest.ts';
import { isNamelessStem, namePartsOf, plainBase } from './names.ts';

type Named = Pick<StagedFile, 'name'>;

/** Role that an index file among the files gives to a file of this name. */
export function namedRole(file: Named, files: readonly Pick<StagedFile, 'index'>[]): string | undefined {
  const base = plainBase(file.name);
  const index = files.find(({ index: facts }) => facts !== undefined && Object.hasOwn(facts.names, base));
  return index?.index?.names[base];
}

export interface Stems {
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
