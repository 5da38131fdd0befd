import { sha256Hex } from '../codec/sha256.ts';
import { NiiError } from '../core/errors.ts';
import type { GroupedFile } from './files.ts';
import type { ConverterManifest } from './manifest.ts';
import { folderOf, isNamelessStem } from './names.ts';

/** A claimed file with the key of its scan. */
export interface Member {
  readonly manifest: ConverterManifest;
  readonly key: string;
  readonly fallback: boolean;
  readonly file: GroupedFile;
}

/** The claimed files of one scan, and later what joined them. */
export interface Collected {
  readonly manifest: ConverterManifest;
  readonly key: string;
  readonly fallback: boolean;
  readonly files: readonly GroupedFile[];
}

/** Members of one converter and one key are one scan, in order of their first file. */
export function collect(members: readonly Member[]): readonly Collected[] {
  const byKey = new Map<string, Member[]>();
  for (const one of members) {
    const id = `${one.manifest.id} ${one.key}`;
    const known = byKey.get(id);
    if (known === undefined) byKey.set(id, [one]);
    else known.push(one);
  }
  return [...byKey.values()].flatMap(splitByFolder);
}

/** Scans of the same name in several folders of one archive are several scans; the key then names the folder. */
function splitByFolder(members: readonly Member[]): readonly Collected[] {
  const folders = [...new Set(members.map(({ file }) => folderOf(file.name)))];
  if (folders.length === 1 || !rolesRepeat(members)) return [joined(members, '')];
  return folders.map((folder) =>
    joined(
      members.filter(({ file }) => folderOf(file.name) === folder),
      folder.toLowerCase(),
    ),
  );
}

function rolesRepeat(members: readonly Member[]): boolean {
  if (members.some(({ manifest }) => manifest.group.by !== 'name')) return false;
  const roles = members.map(({ file }) => file.role);
  return new Set(roles).size < roles.length;
}

/** The same bytes sent twice in the same role are one file. */
function joined(members: readonly Member[], folder: string): Collected {
  const [first] = members;
  if (first === undefined) throw new NiiError('NII_INTERNAL', 'an empty group');
  const distinct = distinctFiles(members.map(({ file }) => file));
  const { manifest, fallback } = first;
  const nameless = manifest.group.by !== 'xml' && isNamelessStem(first.key);
  return {
    manifest,
    fallback,
    key: nameless ? contentKey(distinct) : `${folder}${first.key}`,
    files: distinct,
  };
}

function distinctFiles(files: readonly GroupedFile[]): readonly GroupedFile[] {
  const seen = new Set<string>();
  return files.filter(({ role, sha256 }) => {
    const id = `${role} ${sha256}`;
    return !seen.has(id) && seen.add(id);
  });
}

/** Every scan of such a sender has the same names, so a later file must never join by them: the content is the key. */
function contentKey(files: readonly GroupedFile[]): string {
  const hashes = files.map(({ role, sha256 }) => `${role} ${sha256}`).toSorted();
  return `nameless-${sha256Hex(hashes.join('\n')).slice(0, 32)}`;
}
