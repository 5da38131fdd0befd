import { createHash } from 'node:crypto';
import { NiiError } from '../core/errors.ts';
import { dicomText } from './dicom-head.ts';
import type { ConverterManifest } from './manifest.ts';
import { type Claim, promisedBytes, recognise } from './sniff.ts';

/** A file of an upload on this machine, hashed while it arrived. */
export interface StagedFile {
  /** As sent; may hold folders with /. */
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  /** The first HEAD_BYTES, or all of a shorter file. */
  readonly head: Uint8Array;
}

/** So many bytes of a file are looked at to recognise it. */
export const HEAD_BYTES = 4096;

export interface GroupedFile extends StagedFile {
  readonly role: string;
  /** False: shorter than its own header says. */
  readonly complete: boolean;
}

/** The files of one scan. */
export interface FileGroup {
  readonly converter: { readonly id: string; readonly version: string };
  /** The same for a file of the scan that comes later. */
  readonly groupKey: string;
  readonly files: readonly GroupedFile[];
}

export interface AmbiguousFile {
  readonly file: StagedFile;
  readonly converters: readonly string[];
}

export interface Grouped {
  readonly groups: readonly FileGroup[];
  /** No converter claims these and no group wants them. */
  readonly unknown: readonly StagedFile[];
  readonly ambiguous: readonly AmbiguousFile[];
}

interface Member {
  readonly manifest: ConverterManifest;
  readonly key: string;
  readonly file: GroupedFile;
}

type Recognising = { readonly manifest: ConverterManifest };

/** Sorts the files of an upload into scans: content says which converter, names say which files belong together. */
export function groupFiles(files: readonly StagedFile[], converters: readonly Recognising[]): Grouped {
  const claimed = files.map((file) => ({ file, claims: recognise(file, converters) }));
  const members = claimed.flatMap(({ file, claims }) =>
    claims.length === 1 ? claims.map((c) => member(file, c)) : [],
  );
  const alone = claimed.filter(({ claims }) => claims.length === 0).map(({ file }) => file);
  const { groups, unknown } = attachSidecars(collect(members), alone);
  return {
    groups: groups.map(toFileGroup),
    unknown,
    ambiguous: claimed
      .filter(({ claims }) => claims.length > 1)
      .map(({ file, claims }) => ({ file, converters: claims.map(({ manifest }) => manifest.id) })),
  };
}

/** @throws NII_AMBIGUOUS_FORMAT or NII_UNKNOWN_FORMAT for the first file that has no single converter */
export function refuseUnclaimed({ unknown, ambiguous }: Grouped): void {
  const [twice] = ambiguous;
  if (twice !== undefined) {
    const detail = `${twice.file.name} is claimed by ${twice.converters.join(' and ')}`;
    throw new NiiError('NII_AMBIGUOUS_FORMAT', { detail, field: twice.file.name });
  }
  const [stranger] = unknown;
  if (stranger === undefined) return;
  const detail = `${stranger.name}: its content is of no format that is installed here`;
  throw new NiiError('NII_UNKNOWN_FORMAT', { detail, field: stranger.name });
}

function member(file: StagedFile, { manifest, rule }: Claim): Member {
  const { stem, role } = nameOf(file, manifest);
  const promised = promisedBytes(rule, file.head);
  return {
    manifest,
    key: dicomValue(file, manifest, 'tag') ?? stem,
    file: {
      ...file,
      role: rule.role ?? role ?? dicomValue(file, manifest, 'roleTag') ?? 'image',
      complete: promised === undefined || file.bytes >= promised,
    },
  };
}

function dicomValue(
  file: StagedFile,
  { group }: ConverterManifest,
  which: 'tag' | 'roleTag',
): string | undefined {
  return group.by === 'dicom' ? dicomText(file.head, group[which])?.slice(0, 64) : undefined;
}

function baseName(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

function folderOf(name: string): string {
  return name.slice(0, name.lastIndexOf('/') + 1);
}

function nameOf(
  file: StagedFile,
  { group }: ConverterManifest,
): { readonly stem: string; readonly role: string | undefined } {
  const base = baseName(file.name).toLowerCase();
  const groups = group.by === 'name' ? new RegExp(group.pattern, 'i').exec(base)?.groups : undefined;
  const part = groups?.part;
  const role = group.by === 'name' && part !== undefined ? group.parts?.[part] : undefined;
  const stem = groups?.stem ?? base.replace(/\.[^.]*$/, '');
  return { stem: stem === '' ? namelessIn(folderOf(file.name)) : stem, role };
}

/** Files whose names hold nothing but their part (`high.img`) belong together within one folder of one upload only. */
function namelessIn(folder: string): string {
  return `/${folder.toLowerCase()}`;
}

/** No stem holds a stroke: names are cut at it. */
function isNameless({ manifest, key }: Pick<Member, 'manifest' | 'key'>): boolean {
  return manifest.group.by === 'name' && key.startsWith('/');
}

/** Every scan of such a sender has the same names, so a later file must never join by them: the content is the key. */
function contentKey(files: readonly GroupedFile[]): string {
  const hashes = files.map(({ role, sha256 }) => `${role} ${sha256}`).toSorted();
  return `nameless-${createHash('sha256').update(hashes.join('\n')).digest('hex').slice(0, 32)}`;
}

interface Collected {
  readonly manifest: ConverterManifest;
  readonly key: string;
  readonly files: readonly GroupedFile[];
}

function collect(members: readonly Member[]): readonly Collected[] {
  const byKey = new Map<string, Member[]>();
  for (const one of members) {
    const id = `${one.manifest.id} ${one.key}`;
    byKey.set(id, [...(byKey.get(id) ?? []), one]);
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
  const files = members.map(({ file }) => file);
  const distinct = files.filter(
    (file, i) => files.findIndex((other) => other.sha256 === file.sha256 && other.role === file.role) === i,
  );
  const key = isNameless(first) ? contentKey(distinct) : `${folder}${first.key}`;
  return { manifest: first.manifest, key, files: distinct };
}

function attachSidecars(
  groups: readonly Collected[],
  alone: readonly StagedFile[],
): { readonly groups: readonly Collected[]; readonly unknown: readonly StagedFile[] } {
  const homes = alone.map((file) => ({ file, home: homeOf(file, groups) }));
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
    unknown: homes.filter(({ home }) => home === undefined).map(({ file }) => file),
  };
}

interface Home {
  readonly group: Collected;
  readonly role: string;
}

function homeOf(file: StagedFile, groups: readonly Collected[]): Home | undefined {
  const homes = groups.flatMap((group): readonly Home[] => {
    const role = sidecarRole(file, group);
    return role === undefined ? [] : [{ group, role }];
  });
  const near = homes.find(({ group }) =>
    group.files.some((one) => folderOf(one.name) === folderOf(file.name)),
  );
  return near ?? homes[0];
}

function sidecarRole(file: StagedFile, group: Collected): string | undefined {
  const { stem, role } = nameOf(file, group.manifest);
  const stems = group.files.map((one) => nameOf(one, group.manifest).stem);
  if (!stems.includes(stem)) return undefined;
  const extension = baseName(file.name).toLowerCase().split('.').at(-1) ?? '';
  const sidecar = (group.manifest.sidecars ?? []).find(({ extensions, bytes = '' }) => {
    const head = Buffer.from(file.head.subarray(0, bytes.length / 2)).toString('hex');
    return extensions.includes(extension) && head === bytes;
  });
  return sidecar === undefined ? undefined : (role ?? sidecar.role);
}

function toFileGroup({ manifest, key, files }: Collected): FileGroup {
  return { converter: { id: manifest.id, version: manifest.version }, groupKey: key, files };
}
