import { open, readFile } from 'node:fs/promises';
import { localName, parseXml, type XmlNode } from '../codec/xml/xml.ts';
import { defined } from '../core/defined.ts';
import { isNiiError } from '../core/errors.ts';
import type { Limits } from '../core/limits.ts';
import type { AttachedRole } from '../core/scan/attached-role.ts';
import { dicomText } from './dicom-head.ts';
import type { Grouped, IndexFacts, StagedFile } from './files.ts';
import { groupFiles } from './group.ts';
import type { ConverterManifest, Reference } from './manifest.ts';
import { extensionOf, plainBase } from './names.ts';
import { recognise } from './sniff.ts';

/** A larger XML is no index of a scan; it is grouped by its name. */
const INDEX_CEILING = 4 * 1024 * 1024;
/** A scan has fewer files. */
const NAMES_CEILING = 1024;

type Recognising = { readonly manifest: ConverterManifest };

/** Reads the index files among the files of an upload, then sorts all of them into scans. */
export async function sortIntoScans(
  files: readonly StagedFile[],
  converters: readonly Recognising[],
  limits: Pick<Limits, 'depth'>,
): Promise<Grouped> {
  const read: StagedFile[] = [];
  for (const file of files)
    read.push(file.damage === undefined ? await withIndex(file, converters, limits) : file);
  return groupFiles(read, converters);
}

async function withIndex(
  file: StagedFile,
  converters: readonly Recognising[],
  limits: Pick<Limits, 'depth'>,
): Promise<StagedFile> {
  const [claim, another] = recognise(file, converters).filter(({ fallback }) => !fallback);
  if (claim === undefined || another !== undefined) return file;
  if (claim.manifest.group.by === 'dicom') return withFarKey(file, claim.manifest.group.tag);
  if (file.bytes > INDEX_CEILING || !isIndex(claim.manifest)) return file;
  const root = await rootOf(file, limits);
  return root === undefined ? file : { ...file, index: factsOf(root, claim.manifest) };
}

/** So far a data set is walked for its scan UID: long sequences and private blocks may stand before it. */
const FAR_HEAD_BYTES = 4 * 1024 * 1024;

/** The scan UID of a DICOM file, where it lies behind the first bytes. */
async function withFarKey(file: StagedFile, tag: string): Promise<StagedFile> {
  if (file.bytes <= file.head.byteLength || dicomText(file.head, tag) !== undefined) return file;
  const key = dicomText(await startOf(file, FAR_HEAD_BYTES), tag)?.slice(0, 64);
  return key === undefined ? file : { ...file, index: { key, names: {} } };
}

async function startOf({ path, bytes: size }: StagedFile, most: number): Promise<Uint8Array> {
  const bytes = Math.min(size, most);
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(bytes), 0, bytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function isIndex({ group, references }: ConverterManifest): boolean {
  return group.by === 'xml' || references !== undefined;
}

/** Undefined for a text that cannot be read: its reader says what is wrong with it. */
async function rootOf(file: StagedFile, limits: Pick<Limits, 'depth'>): Promise<XmlNode | undefined> {
  try {
    return parseXml(new Uint8Array(await readFile(file.path)), limits, file.name).root;
  } catch (error) {
    if (isNiiError(error)) return undefined;
    throw error;
  }
}

function factsOf(root: XmlNode, { group, references = [] }: ConverterManifest): IndexFacts {
  const nodes = allNodes(root);
  const wanted = group.by === 'xml' ? group.element : undefined;
  const key = nodes.find((node) => localName(node.name) === wanted)?.text.toLowerCase();
  const named = nodes.flatMap((node) => namedBy(node, references)).slice(0, NAMES_CEILING);
  return {
    ...defined({ key: key !== undefined && /^[^/]{1,128}$/.test(key) ? key : undefined }),
    names: Object.fromEntries(named),
  };
}

function allNodes(node: XmlNode): readonly XmlNode[] {
  return [node, ...node.children.flatMap(allNodes)];
}

function namedBy(
  node: XmlNode,
  references: readonly Reference[],
): readonly (readonly [string, AttachedRole])[] {
  const reference = references.find(({ element }) => element === localName(node.name));
  const base = plainBase(node.text.replaceAll('\\', '/'));
  if (reference === undefined || !/^[^\p{Cc}\p{Cs}]{1,255}$/u.test(base)) return [];
  return [[base, roleBy(reference, node, base)]];
}

function roleBy(reference: Reference, { attributes }: XmlNode, base: string): AttachedRole {
  const { attribute, roles, extensions = {}, otherwise = 'attachment' } = reference;
  const extension = extensionOf(base);
  const value = attribute === undefined ? '' : (attributes[attribute] ?? '');
  if (Object.hasOwn(extensions, extension)) return extensions[extension] ?? otherwise;
  return Object.hasOwn(roles, value) ? (roles[value] ?? otherwise) : otherwise;
}
