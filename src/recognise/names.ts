import type { ConverterManifest } from './manifest.ts';

/** What a name says: which scan the file belongs to, and which part of it the file is. */
export interface NameParts {
  /** Lower case; starts with / for a file whose name holds nothing but its part. */
  readonly stem: string;
  readonly part: string | undefined;
}

/** Without folders, in lower case, accents composed: names are compared so, whichever system wrote them. */
export function plainBase(name: string): string {
  return baseName(name).normalize('NFC').toLowerCase();
}

function baseName(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

/** Includes the trailing slash; empty if the name has no folder. */
export function folderOf(name: string): string {
  return name.slice(0, name.lastIndexOf('/') + 1);
}

export function extensionOf(name: string): string {
  return plainBase(name).split('.').at(-1) ?? '';
}

export function namePartsOf(name: string, { group }: Pick<ConverterManifest, 'group'>): NameParts {
  const base = plainBase(name);
  const pattern = group.by === 'dicom' ? undefined : group.pattern;
  const groups = pattern === undefined ? undefined : new RegExp(pattern, 'i').exec(base)?.groups;
  const stem = groups?.stem ?? base.replace(/\.[^.]*$/, '');
  return { stem: stem === '' ? namelessIn(folderOf(name)) : stem, part: groups?.part };
}

/** Files whose names hold nothing but their part (`high.img`) belong together within one folder of one upload only. */
function namelessIn(folder: string): string {
  return `/${folder.normalize('NFC').toLowerCase()}`;
}

/** The stem of a name never contains "/", which separates folders. */
export function isNamelessStem(stem: string): boolean {
  return stem.startsWith('/');
}
