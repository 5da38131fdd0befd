import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isNiiError } from '../core/errors.ts';
import type { ObjectReads } from '../core/ports/objects.ts';
import type { InstanceFacts, InstanceRow } from '../core/ports/records/instances.ts';
import type { JoinScope } from '../core/ports/records/scans.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Transactions } from '../core/ports/transactions.ts';
import type { OriginalFile, ScanRow } from '../core/scan/stored-scan.ts';
import { type FileGroup, type GroupedFile, isReportClass, REFERENCES_CEILING } from '../recognise/files.ts';
import { type ConverterPackage, findConverter, storedIds } from '../recognise/registry.ts';
import type { ReceivedFile } from './merge-originals.ts';

/** Files that join a stored scan, whatever other scan has the same bytes. */
export interface JoiningGroup extends FileGroup {
  readonly files: readonly ReceivedFile[];
  /** Id of the scan. */
  readonly joins?: string;
}

interface Converters {
  readonly converters: readonly ConverterPackage[];
}

/**
 * The groups, and after them the reports among their files once more for every other stored scan whose images they
 * refer to. Reports that join one are no scan of their own, unless a scan of their own UID is stored.
 */
export async function joinReferenced(
  { converters }: Converters,
  tx: Tx<'scan' | 'scanByGroup' | 'mayJoin' | 'originalsNamed'>,
  scope: JoinScope,
  groups: readonly FileGroup[],
): Promise<readonly JoiningGroup[]> {
  const staying: JoiningGroup[] = [];
  const joining = new Map<string, JoiningGroup>();
  for (const group of groups) {
    const ids = storedIds(converters, group.converter.id);
    const reports = isOfDicom(group, converters) ? group.files.filter(isReport) : [];
    const own = reports.length === 0 ? undefined : await ownScan(tx, scope, ids, group);
    const joined = new Set<GroupedFile>();
    for (const file of reports) {
      for (const scan of await referencedScans(tx, scope, file, ids)) {
        joined.add(file);
        if (scan.id !== own?.id) addTo(joining, scan, group, file);
      }
    }
    const stays = own !== undefined || reports.length < group.files.length;
    const files = group.files.filter((file) => stays || !joined.has(file));
    if (files.length > 0) staying.push({ ...group, files });
  }
  return [...staying, ...joining.values()];
}

function addTo(
  joining: Map<string, JoiningGroup>,
  scan: ScanRow,
  { converter }: FileGroup,
  file: GroupedFile,
): void {
  const files = joining.get(scan.id)?.files ?? [];
  if (files.some(({ sha256 }) => sha256 === file.sha256)) return;
  const { id: joins, groupKey } = scan;
  joining.set(scan.id, { converter, groupKey, files: [...files, file], fallback: false, joins });
}

function isReport(file: GroupedFile): boolean {
  return referencesOf(file).length > 0;
}

function referencesOf({ read }: GroupedFile): readonly string[] {
  return read?.instance?.references ?? read?.references ?? [];
}

/** Whether a scan UID in each file of the group says to which scan it belongs. */
export function isOfDicom({ converter }: FileGroup, converters: readonly ConverterPackage[]): boolean {
  return findConverter(converters, converter.id)?.manifest.group.by === 'dicom';
}

async function ownScan(
  tx: Tx<'scanByGroup'>,
  { administration, site, since, sender }: JoinScope,
  ids: readonly string[],
  { groupKey }: FileGroup,
): Promise<ScanRow | undefined> {
  for (const id of ids) {
    const scan = await tx.scanByGroup({ administration, site, since, sender }, id, groupKey);
    if (scan !== undefined) return scan;
  }
  return undefined;
}

/** Of one image several senders may have a scan. */
const SCANS_CEILING = REFERENCES_CEILING * 4;

async function referencedScans(
  tx: Tx<'scan' | 'mayJoin' | 'originalsNamed'>,
  { administration, site, since, sender }: JoinScope,
  file: GroupedFile,
  ids: readonly string[],
): Promise<readonly ScanRow[]> {
  const place = { administration, site };
  const named = await tx.originalsNamed(place, referencesOf(file), SCANS_CEILING);
  const images = named.filter(({ sopClass }) => !isReportClass(sopClass));
  const found: ScanRow[] = [];
  for (const id of new Set(images.map(({ scanId }) => scanId))) {
    const scan = await tx.scan(place, id);
    if (scan === undefined || !ids.includes(scan.converter) || scan.receivedAt < since) continue;
    if (await tx.mayJoin(sender, scan.id)) found.push(scan);
  }
  return found;
}

export interface WaitingReportsDeps extends Converters {
  readonly records: Transactions<Tx<'scan' | 'mayJoin' | 'revision' | 'reportsOn'>>;
  readonly objects: ObjectReads;
}

/** A stored report, and who sent it. */
interface WaitingReport {
  readonly original: OriginalFile;
  readonly instance: InstanceFacts;
  readonly sender: string;
}

/**
 * Stored reports that refer to images of this scan, which it lacks: they came before it, under a scan UID of their own
 * or with another scan. Their senders may join it. Their bytes are copied into `dir`.
 */
export async function waitingReports(
  deps: WaitingReportsDeps,
  { administration, site, id: scanId }: Pick<ScanRow, 'administration' | 'site' | 'id'>,
  group: FileGroup,
  dir: string,
): Promise<readonly JoiningGroup[]> {
  if (!isOfDicom(group, deps.converters)) return [];
  const images = group.files.flatMap((file) => (isReport(file) ? [] : (file.read?.instance ?? [])));
  if (images.length === 0) return [];
  const uids = images.map(({ instanceUid }) => instanceUid);
  const found = await deps.records.transaction(async (tx) => {
    const rows = await tx.reportsOn({ administration, site }, uids, SCANS_CEILING);
    return reportsLackedBy(tx, { administration, site }, scanId, rows);
  });
  const groups: JoiningGroup[] = [];
  for (const { scan, report } of found) {
    const file = await fetched(deps.objects, report, join(dir, `report-${report.original.sha256}`));
    const { converter } = group;
    if (file === undefined) continue;
    groups.push({ converter, groupKey: scan.groupKey, files: [file], fallback: false, joins: scan.id });
  }
  return groups;
}

async function reportsLackedBy(
  tx: Tx<'scan' | 'mayJoin' | 'revision'>,
  place: Pick<ScanRow, 'administration' | 'site'>,
  scanId: string,
  rows: readonly InstanceRow[],
): Promise<readonly { readonly scan: ScanRow; readonly report: WaitingReport }[]> {
  const scan = rows.length === 0 ? undefined : await tx.scan(place, scanId);
  const newest = scan === undefined ? undefined : await tx.revision(scan.id, scan.revision);
  if (scan === undefined || newest === undefined) return [];
  const present = new Set(newest.originals.map(({ sha256 }) => sha256));
  const lacked: { scan: ScanRow; report: WaitingReport }[] = [];
  for (const row of rows) {
    if (present.has(row.sha256)) continue;
    const report = await storedReport(tx, row);
    if (report === undefined || !(await tx.mayJoin(report.sender, scanId))) continue;
    present.add(row.sha256);
    lacked.push({ scan, report });
  }
  return lacked;
}

async function storedReport(tx: Tx<'revision'>, row: InstanceRow): Promise<WaitingReport | undefined> {
  const revision = await tx.revision(row.scanId, row.revision);
  const original = revision?.originals.find(({ key }) => key === row.key);
  const sender = original?.sentBy ?? revision?.uploader;
  if (original === undefined || sender === undefined) return undefined;
  return { original, instance: factsOf(row), sender };
}

function factsOf({
  administration,
  site,
  key,
  bytes,
  sha256,
  scanId,
  revision,
  source,
  caseId,
  ...facts
}: InstanceRow): InstanceFacts {
  return facts;
}

/** Undefined for what was damaged in the store, which is told there: the image is received all the same. */
async function fetched(
  objects: ObjectReads,
  { original, instance, sender }: WaitingReport,
  path: string,
): Promise<ReceivedFile | undefined> {
  const { names, key, ...file } = original;
  try {
    await pipeline(Readable.from(await objects.stream(key)), createWriteStream(path));
  } catch (error) {
    if (isNiiError(error, 'NII_CORRUPT') || isNiiError(error, 'NII_OBJECT_LOST')) return undefined;
    throw error;
  }
  const references = instance.references ?? [];
  const read = { wanted: [], references, instance };
  return { ...file, sentBy: sender, path, head: new Uint8Array(), read };
}
