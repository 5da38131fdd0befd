import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isNiiError } from '../core/errors.ts';
import type { ObjectReads } from '../core/ports/objects.ts';
import type { JoinScope, ScanWithFiles } from '../core/ports/records/scans.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Transactions } from '../core/ports/transactions.ts';
import type { OriginalFile, ScanRow } from '../core/scan/stored-scan.ts';
import { type FileGroup, type GroupedFile, HEAD_BYTES } from '../recognise/files.ts';
import type { ConverterManifest } from '../recognise/manifest.ts';
import { plainBase } from '../recognise/names.ts';
import { type ConverterPackage, findConverter } from '../recognise/registry.ts';
import { hasLateStem, namedRole, sidecarRole } from '../recognise/roles.ts';
import { writePieces } from '../runtime/write-pieces.ts';
import { type ReceivedFile, withSenders } from './merge-originals.ts';

/** The scan that becomes the scan of the group, and the roles of its files there, by SHA-256. */
export interface AdoptedScan {
  readonly scan: ScanRow;
  readonly roles: ReadonlyMap<string, string>;
}

/**
 * A scanner may write a picture before the index file that names it. The picture is then a scan of a fallback. When the
 * index comes, that scan becomes the scan of the index.
 */
interface EarlyPictures {
  readonly adopted?: AdoptedScan;
  /** Copies of what the group wants of other scans. */
  readonly files: readonly ReceivedFile[];
}

interface EarlyPicturesDeps {
  readonly records: Transactions<Tx<'newestScans'>>;
  readonly objects: ObjectReads;
  readonly converters: readonly ConverterPackage[];
}

/** Of each fallback: more pictures than this do not wait for their index files at one site. */
const SCANS_LOOKED_AT = 256;

/**
 * What the group wants of the stored scans of fallbacks: pictures that its index file names, and files of its stem that
 * are sidecars of its format. Of several of one name it is the newest. The scan that came first and holds nothing else is
 * adopted; files of the others are copied into `dir`.
 */
export async function earlyPictures(
  deps: EarlyPicturesDeps,
  scope: JoinScope,
  group: FileGroup,
  dir: string,
): Promise<EarlyPictures> {
  const manifest = findConverter(deps.converters, group.converter.id)?.manifest;
  if (group.fallback || manifest === undefined || !takesPictures(manifest)) return { files: [] };
  const waiting = newestOfEachName(await wantedScans(deps, scope, group, manifest));
  const first = waiting.findLast(({ scan, wanted }) => wanted.length === scan.files.length);
  const files: ReceivedFile[] = [];
  for (const { wanted } of waiting.filter((one) => one !== first))
    for (const { original, role } of wanted) files.push(...(await copied(deps.objects, original, role, dir)));
  if (first === undefined) return { files };
  const roles = new Map(first.wanted.map(({ original, role }) => [original.sha256, role]));
  return { adopted: { scan: first.scan.scan, roles }, files };
}

function takesPictures({ references, sidecars = [] }: ConverterManifest): boolean {
  return references !== undefined || sidecars.length > 0;
}

interface WantedFile {
  readonly original: OriginalFile;
  readonly role: string;
}

interface WantedScan {
  readonly scan: ScanWithFiles;
  readonly wanted: readonly WantedFile[];
}

/** The newest first. */
async function wantedScans(
  { records, objects, converters }: EarlyPicturesDeps,
  scope: JoinScope,
  group: FileGroup,
  manifest: ConverterManifest,
): Promise<readonly WantedScan[]> {
  const fallbacks = converters.filter((one) => one.manifest.fallback === true && one.manifest !== manifest);
  const stored = await records.transaction(async (tx) => {
    const found: ScanWithFiles[] = [];
    for (const { manifest: fallback } of fallbacks)
      found.push(...(await tx.newestScans(scope, fallback.id, SCANS_LOOKED_AT)));
    return found.toSorted((a, b) => Date.parse(b.scan.receivedAt) - Date.parse(a.scan.receivedAt));
  });
  const wanting: WantedScan[] = [];
  for (const scan of stored) {
    const wanted: WantedFile[] = [];
    for (const original of withSenders(scan.files, scan.scan)) {
      const role = await roleIn(objects, original, group, manifest);
      if (role !== undefined) wanted.push({ original, role });
    }
    if (wanted.length > 0) wanting.push({ scan, wanted });
  }
  return wanting;
}

async function roleIn(
  objects: ObjectReads,
  original: OriginalFile,
  { files, groupKey: key }: FileGroup,
  manifest: ConverterManifest,
): Promise<string | undefined> {
  if (isReplacedBy(original, files)) return undefined;
  const named = namedRole(original, files);
  if (named !== undefined || !hasLateStem(original, { manifest, key, files })) return named;
  const head = await headOf(objects, original);
  return head === undefined ? undefined : sidecarRole({ name: original.name, head }, manifest);
}

/** The upload brings another file of this name. */
function isReplacedBy({ name, sha256 }: OriginalFile, files: readonly GroupedFile[]): boolean {
  return files.some((one) => plainBase(one.name) === plainBase(name) && one.sha256 !== sha256);
}

function newestOfEachName(scans: readonly WantedScan[]): readonly WantedScan[] {
  const taken = new Set<string>();
  return scans.filter(({ wanted }) => {
    const names = wanted.map(({ original }) => plainBase(original.name));
    const isFree = names.every((name) => !taken.has(name));
    if (isFree) for (const name of names) taken.add(name);
    return isFree;
  });
}

/** Undefined for what was damaged in the store, which is told there. */
async function headOf(objects: ObjectReads, { key, bytes }: OriginalFile): Promise<Uint8Array | undefined> {
  const last = Math.min(HEAD_BYTES, bytes) - 1;
  if (last < 0) return new Uint8Array();
  return unlessDamaged(async () => {
    const pieces: Uint8Array[] = [];
    for await (const piece of await objects.stream(key, { first: 0, last })) pieces.push(piece);
    return new Uint8Array(Buffer.concat(pieces));
  });
}

async function copied(
  objects: ObjectReads,
  { key, names, ...original }: OriginalFile,
  role: string,
  dir: string,
): Promise<readonly ReceivedFile[]> {
  const path = join(dir, `early-${original.sha256}`);
  const copy = await unlessDamaged(async () => {
    await rm(path, { force: true }); // of a try before
    await writePieces(path, await objects.stream(key));
    return { ...original, role, complete: true, path, head: new Uint8Array() };
  });
  return copy === undefined ? [] : [copy];
}

async function unlessDamaged<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (isNiiError(error, 'NII_CORRUPT') || isNiiError(error, 'NII_OBJECT_LOST')) return undefined;
    throw error;
  }
}
