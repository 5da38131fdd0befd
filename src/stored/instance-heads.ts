import { type DataSet, numberOf, textOf, textsOf } from '../codec/dicom/data-set.ts';
import { toDicomJson } from '../codec/dicom/json-model.ts';
import { type ByteSource, type DicomHead, readDicomHead, startsAsPart10 } from '../codec/dicom/read/head.ts';
import { defined } from '../core/defined.ts';
import type { DicomJson, DicomJsonElement } from '../core/dicom-json.ts';
import { isNiiError } from '../core/errors.ts';
import { defaultLimits, type Limits } from '../core/limits.ts';
import type { ObjectReads } from '../core/ports/objects.ts';
import type { InstanceFacts, InstanceNames, InstanceRow } from '../core/ports/records/instances.ts';
import type { StoredBytes } from '../core/ports/records/object-rows.ts';
import type { ObjectWhat } from '../core/rows/object-what.ts';
import { sopClass } from '../format/dicos/ids.ts';
import { isReportClass, REFERENCES_CEILING } from '../recognise/files.ts';
import { type InstanceOwner, instanceRow, instanceSources } from './instances.ts';

/**
 * What the first bytes of a DICOM file say of it. Never in the process that answers requests, but for reports that it has
 * just written itself.
 */

type Stored = Pick<StoredBytes, 'key' | 'scanId' | 'revision' | 'bytes' | 'sha256'> & ObjectWhat;

/** The rows of objects in the store, reading only the beginning of each. */
export async function instancesOfObjects(
  { objects }: { readonly objects: ObjectReads },
  owner: InstanceOwner,
  rows: readonly Stored[],
): Promise<readonly InstanceRow[]> {
  const found: InstanceRow[] = [];
  for (const row of rows) {
    if (instanceSources[row.kind] === undefined) continue;
    const facts = await instanceFacts(objectSource(objects, row), row.key);
    const instance = facts === undefined ? undefined : instanceRow(owner, row, facts);
    if (instance !== undefined) found.push(instance);
  }
  return found;
}

/** The beginning of a stored object, as far as it is asked for. */
function objectSource(objects: ObjectReads, { key, bytes }: Pick<StoredBytes, 'key' | 'bytes'>): ByteSource {
  return {
    bytes,
    read: async (count) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of await objects.stream(key, { first: 0, last: count - 1 })) chunks.push(chunk);
      return Buffer.concat(chunks);
    },
  };
}

/** A DICOM file without the UIDs that every instance has, or one that cannot be read, is kept and not listed. */
export async function instanceFacts(
  source: ByteSource,
  name: string,
  limits: Limits = defaultLimits,
): Promise<InstanceFacts | undefined> {
  const head = await headOrNothing(source, name, limits);
  const names = head === undefined ? undefined : instanceNames(head.dataSet);
  if (head === undefined || names === undefined) return undefined;
  const { dataSet, transferSyntax, pixelTag } = head;
  return {
    ...names,
    transferSyntax,
    modality: textOf(dataSet, '00080060') ?? '',
    frames: pixelTag === undefined ? 0 : Math.max(1, Math.trunc(numberOf(dataSet, '00280008') ?? 1)),
    headBytes: head.bytes,
    ...reportOf(names.sopClass, dataSet),
    ...referencesOf(names.sopClass, dataSet),
    attributes: shortAttributes(dataSet),
  };
}

/** Preamble and prefix. */
const PREFIX_BYTES = 132;

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

const uid = /^[0-9.]{1,64}$/;

/** The four UIDs by which an instance is known; undefined where one is missing or is none. */
function instanceNames(dataSet: DataSet): InstanceNames | undefined {
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

/** The first that a report refers to (0008,1155), at whatever depth. */
function referencesOf(sopClassUid: string, dataSet: DataSet): Pick<InstanceRow, 'references'> {
  if (!isReportClass(sopClassUid)) return {};
  const found = [...new Set(referencesIn(dataSet))].filter((one) => uid.test(one));
  return defined({ references: found.length === 0 ? undefined : found.slice(0, REFERENCES_CEILING) });
}

/** The reader has bounded how deep and how many the elements are. */
function referencesIn(dataSet: DataSet): readonly string[] {
  const inner = dataSet.flatMap((element) =>
    element.vr === 'SQ' ? element.value.flatMap(referencesIn) : [],
  );
  return [...textsOf(dataSet, '00081155'), ...inner];
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
