import { type DataSet, numberOf, textOf } from '../codec/dicom/data-set.ts';
import { toDicomJson } from '../codec/dicom/json-model.ts';
import { type ByteSource, type DicomHead, readDicomHead, startsAsPart10 } from '../codec/dicom/read/head.ts';
import type { DicomJson, DicomJsonElement } from '../core/dicom-json.ts';
import { isNiiError } from '../core/errors.ts';
import { defaultLimits, type Limits } from '../core/limits.ts';
import type { ObjectReads } from '../core/ports/objects.ts';
import type { InstanceIndex, InstanceRow } from '../core/ports/records/instances.ts';
import type { ObjectRow } from '../core/ports/records/object-rows.ts';
import type { Revisions } from '../core/ports/records/revisions.ts';
import type { ScanWrites } from '../core/ports/records/scans.ts';

import type { ScanRow } from '../core/scan/stored-scan.ts';
import { sopClass } from '../format/dicos/ids.ts';
import type { FileGroup } from '../recognise/files.ts';

/** The index of instances that DICOMweb searches: made from the stored files alone, so that it can be made again. */

type Owner = Pick<ScanRow, 'administration' | 'site'>;
type Stored = Pick<ObjectRow, 'key' | 'scanId' | 'revision' | 'kind' | 'bytes' | 'sha256'>;

/** Kinds of object that may be instances. */
const sources: Readonly<Record<string, InstanceRow['source']>> = {
  original: 'original',
  dicos: 'dicos',
  tdr: 'tdr',
};

/** The rows of objects in the store, reading only the beginning of each. */
export async function instancesOfObjects(
  { objects }: { readonly objects: ObjectReads },
  owner: Owner,
  rows: readonly Stored[],
): Promise<readonly InstanceRow[]> {
  const found: InstanceRow[] = [];
  for (const row of rows) {
    if (sources[row.kind] === undefined) continue;
    const instance = await instanceFrom(owner, row, objectSource(objects, row));
    if (instance !== undefined) found.push(instance);
  }
  return found;
}

/** The rows of originals that have just been stored; `group` has their first bytes. */
export function instancesReceived(
  deps: { readonly objects: ObjectReads },
  owner: Owner,
  rows: readonly Stored[],
  group: Pick<FileGroup, 'files'>,
): Promise<readonly InstanceRow[]> {
  const files = group.files.filter(({ head }) => startsAsPart10(head));
  const dicom = new Set(files.map(({ sha256 }) => sha256));
  return instancesOfObjects(
    deps,
    owner,
    rows.filter(({ sha256 }) => dicom.has(sha256)),
  );
}

/** The beginning of a stored object, as far as it is asked for. */
export function objectSource(
  objects: ObjectReads,
  { key, bytes }: Pick<ObjectRow, 'key' | 'bytes'>,
): ByteSource {
  return {
    bytes,
    read: async (count) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of await objects.stream(key, { first: 0, last: count - 1 })) chunks.push(chunk);
      return Buffer.concat(chunks);
    },
  };
}

/** Preamble and prefix. */
const PREFIX_BYTES = 132;

/** A DICOM file without the UIDs that every instance has, or one that cannot be read, is kept and not listed. */
async function instanceFrom(
  owner: Owner,
  row: Stored,
  source: ByteSource,
  limits: Limits = defaultLimits,
): Promise<InstanceRow | undefined> {
  const kind = sources[row.kind];
  const head = kind === undefined ? undefined : await headOrNothing(source, row.key, limits);
  const names = head === undefined ? undefined : instanceNames(head.dataSet);
  if (kind === undefined || head === undefined || names === undefined) return undefined;
  const { administration, site } = owner;
  const { key, scanId, revision, bytes, sha256 } = row;
  const { dataSet, transferSyntax, pixelTag } = head;
  return {
    administration,
    site,
    key,
    scanId,
    revision,
    bytes,
    sha256,
    source: kind,
    ...names,
    transferSyntax,
    modality: textOf(dataSet, '00080060') ?? '',
    frames: pixelTag === undefined ? 0 : Math.max(1, Math.trunc(numberOf(dataSet, '00280008') ?? 1)),
    headBytes: head.bytes,
    ...reportOf(names.sopClass, dataSet),
    attributes: shortAttributes(dataSet),
  };
}

async function headOrNothing(
  source: ByteSource,
  name: string,
  limits: Limits,
): Promise<DicomHead | undefined> {
  try {
    if (source.bytes < PREFIX_BYTES || !startsAsPart10(await source.read(PREFIX_BYTES))) return undefined;
    return await readDicomHead(source, name, limits);
  } catch (error) {
    if (isNiiError(error) && error.status < 500) return undefined;
    throw error;
  }
}

export interface InstanceNames {
  readonly studyUid: string;
  readonly seriesUid: string;
  readonly instanceUid: string;
  readonly sopClass: string;
}

const uid = /^[0-9.]{1,64}$/;

/** The four UIDs by which an instance is known; undefined where one is missing or is none. */
export function instanceNames(dataSet: DataSet): InstanceNames | undefined {
  const [studyUid, seriesUid, instanceUid, sopClassUid] = [
    '0020000d',
    '0020000e',
    '00080018',
    '00080016',
  ].map((tag) => textOf(dataSet, tag));
  if (studyUid === undefined || seriesUid === undefined) return undefined;
  if (instanceUid === undefined || sopClassUid === undefined) return undefined;
  const names = { studyUid, seriesUid, instanceUid, sopClass: sopClassUid };
  return Object.values(names).every((one) => uid.test(one)) ? names : undefined;
}

function reportOf(sopClassUid: string, dataSet: DataSet): Pick<InstanceRow, 'report'> {
  if (sopClassUid !== sopClass.tdr) return {};
  return { report: textOf(dataSet, '40101027') === 'MACHINE' ? 'machine' : 'person' };
}

const ELEMENT_CHARACTERS = 1024;
const ROW_CHARACTERS = 32 * 1024;

/** Of the top level: standard attributes with a short value. */
function shortAttributes(dataSet: DataSet): DicomJson {
  const short: Record<string, DicomJsonElement> = {};
  let characters = 0;
  for (const [tag, element] of Object.entries(toDicomJson(dataSet))) {
    const length = JSON.stringify(element).length;
    const isPrivate = Number.parseInt(tag.slice(0, 4), 16) % 2 === 1;
    if (isPrivate || isLong(element, length) || characters + length > ROW_CHARACTERS) continue;
    characters += length;
    short[tag] = withoutNuls(element);
  }
  return short;
}

function isLong({ vr, InlineBinary }: DicomJsonElement, characters: number): boolean {
  return vr === 'SQ' || InlineBinary !== undefined || characters > ELEMENT_CHARACTERS;
}

/** PostgreSQL compares no text with U+0000 in it. */
function withoutNuls(element: DicomJsonElement): DicomJsonElement {
  const text = JSON.stringify(element);
  // What was an element before its escapes were taken out is one after it.
  return text.includes('\\u0000')
    ? (JSON.parse(text.replaceAll('\\u0000', '')) as DicomJsonElement)
    : element;
}

/**
 * Says anew which instances of a scan searches list. A scan that came as DICOM is its originals of the newest
 * revision; any other is what was made of its newest converted revision. Reports are listed with either, those that
 * came as DICOM once.
 */
export async function relist(tx: ScanWrites & Revisions & InstanceIndex, scanId: string): Promise<void> {
  const scan = await tx.lockScan(scanId);
  const rows = await tx.instancesOfScan(scanId);
  if (scan === undefined || rows.length === 0) return;
  const originals = await tx.revision(scanId, scan.revision).then((row) => row?.originals ?? []);
  const current = new Set(originals.map(({ key }) => key));
  const own = rows.filter(({ source, key }) => source === 'original' && current.has(key));
  const made = own.length > 0 ? [] : newestOf(rows.filter(({ source }) => source === 'dicos'));
  const newest = Math.max(...rows.filter(({ source }) => source !== 'original').map((row) => row.revision));
  const isOwn = (sha256: string) => own.some((row) => row.sha256 === sha256);
  const reports = rows.filter(
    ({ source, revision, sha256 }) => source === 'tdr' && revision === newest && !isOwn(sha256),
  );
  await tx.listInstances(
    scanId,
    [...own, ...made, ...reports].map(({ key }) => key),
  );
}

function newestOf(rows: readonly InstanceRow[]): readonly InstanceRow[] {
  const newest = Math.max(...rows.map(({ revision }) => revision));
  return rows.filter(({ revision }) => revision === newest);
}

/** Keeps the rows and lists the scan anew, in the caller's transaction. */
export async function indexInstances(
  tx: ScanWrites & Revisions & InstanceIndex,
  scanId: string,
  rows: readonly InstanceRow[],
): Promise<void> {
  await tx.putInstances(rows);
  await relist(tx, scanId);
}
