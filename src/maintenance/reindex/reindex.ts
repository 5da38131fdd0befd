import type { Case } from '../../core/case/case.ts';
import { defined } from '../../core/defined.ts';
import { isNiiError, NiiError } from '../../core/errors.ts';
import { eventOfReport, keys, revisionPrefix } from '../../core/keys.ts';
import { unreachable } from '../../core/never.ts';
import type { ObjectReads } from '../../core/ports/objects.ts';
import type { ObjectRow } from '../../core/ports/records/object-rows.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { Stores } from '../../core/ports/stores.ts';
import type { Erasable } from '../../core/ports/transactions.ts';
import type { Job } from '../../core/rows/job.ts';
import { type StoredScanMarks, visitOf } from '../../core/rules/scan-marks.ts';
import { type SiteTerms, unsetSite } from '../../core/rules/site.ts';
import type { NiiScan } from '../../core/scan/scan.ts';
import { scanStates } from '../../core/scan/scan-states.ts';
import type { RevisionRow, ScanRow } from '../../core/scan/stored-scan.ts';
import { parseScanJson } from '../../format/scan-json.ts';
import { snapshotOf } from '../../stored/case-store.ts';
import { scanMarksDocument } from '../../stored/document-kinds.ts';
import type { OrDamaged } from '../../stored/documents.ts';
import { instancesOfObjects } from '../../stored/instance-heads.ts';
import { indexInstances } from '../../stored/instances.ts';
import { jobs } from '../../stored/job-ids.ts';
import {
  type AnalysedManifest,
  analysesOf,
  type ConvertedManifest,
  type ReceivedManifest,
} from '../../stored/manifest.ts';
import { asStored, objectRow } from '../../stored/object-row.ts';
import { readAnalysed, readCase, readConverted, readReceived } from '../../stored/read-object.ts';
import { receivedObjects } from '../../stored/received.ts';
import { siteInForce } from '../../stored/rules.ts';
import { indexed } from '../../stored/scan-index.ts';
import { laneRows, rowOfCase } from '../../triage/instruction.ts';
import { measuredOf } from '../../triage/measured.ts';
import { type RebuildDocumentsTx, rebuildDecisions, rebuildStatements } from './documents.ts';
import { rebuildHolds } from './radiation.ts';
import { type EndedRevision, rebuildScanners } from './scanners.ts';

/**
 * Rebuilds the database from the object store alone: scans, revisions, findings, cases and holds with their history,
 * declarations, persons, passages, annotations, photographs, and what administrations decided. Keys stay, the audit stays; leases, cursors and idempotency keys do
 * not come back. Steps that had not
 * ended are queued again.
 */
export interface Reindexed {
  readonly scans: number;
  readonly revisions: number;
  readonly cases: number;
  readonly holds: number;
  readonly declarations: number;
  /** Objects that could not be read, with the reason; what they hold is not in the records, and they are left alone. */
  readonly damaged: readonly string[];
}

export type ReindexTx = RebuildScanTx &
  RebuildDocumentsTx &
  Tx<
    | 'scanById'
    | 'saveCase'
    | 'saveRebuilt'
    | 'saveHold'
    | 'noteOccupancy'
    | 'scanner'
    | 'putObservation'
    | 'lockScanner'
    | 'putScanner'
    | 'newestConverted'
  >;

export async function reindex(
  stores: Stores<ReindexTx> & { readonly records: Erasable },
  progress: (scans: number) => void = () => {},
): Promise<Reindexed> {
  await stores.records.clear();
  const damaged: string[] = [];
  // first: the steps that are queued again go by it
  const noted: OrDamaged = (what, step) => orDamaged(damaged, what, step);
  await rebuildDecisions(stores, noted);
  let scans = 0;
  let revisions = 0;
  let cases = 0;
  let holds = 0;
  const ended: EndedRevision[] = [];
  for await (const [scanId, found] of scanFolders(stores.objects)) {
    const rebuilt = await orDamaged(damaged, scanId, () => rebuildScan(stores, scanId, found, damaged));
    if (rebuilt === undefined) continue;
    revisions += rebuilt.length;
    ended.push(...rebuilt.filter(({ state }) => scanStates[state].due !== 'convert').map(endedOf));
    cases +=
      (await orDamaged(damaged, `cases of ${scanId}`, () => rebuildCases(stores, scanId, damaged))) ?? 0;
    holds += (await orDamaged(damaged, `holds of ${scanId}`, () => rebuildHolds(stores, scanId, noted))) ?? 0;
    scans += 1;
    progress(scans);
  }
  const declarations = await rebuildStatements(stores, noted);
  await rebuildScanners(stores, ended, noted);
  return {
    scans,
    revisions,
    cases,
    holds,
    declarations,
    damaged,
  };
}

/** One damaged object must not keep everything else from coming back, nor one whose key is lost. */
async function orDamaged<T>(
  damaged: string[],
  what: string,
  rebuild: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await rebuild();
  } catch (error) {
    if (!isNiiError(error) || (error.status === 503 && error.code !== 'NII_ENCRYPTED')) throw error;
    damaged.push(`${what}: ${error.message}`);
    return undefined;
  }
}

const receivedKey = /^scans\/([0-9a-z]+)\/r([0-9]+)\/received\.json$/;

/** Scans in order of id with the numbers of their revisions; a folder without a manifest was never acknowledged. */
async function* scanFolders(objects: ObjectReads): AsyncGenerator<[string, readonly number[]]> {
  let current: string | undefined;
  let found: number[] = [];
  for await (const { key } of objects.list('scans/')) {
    const [, scanId, revision] = receivedKey.exec(key) ?? [];
    if (scanId === undefined) continue;
    if (scanId !== current) {
      if (current !== undefined) yield [current, found.sort((a, b) => a - b)];
      current = scanId;
      found = [];
    }
    found.push(Number(revision));
  }
  if (current !== undefined) yield [current, found.sort((a, b) => a - b)];
}

interface Rebuilt {
  /** As it is stored. */
  readonly manifest: Uint8Array;
  readonly scan: ReceivedManifest['scan'];
  readonly row: RevisionRow;
  readonly objects: readonly ObjectRow[];
  readonly analysed: AnalysedManifest | undefined;
}

export type RebuildScanTx = InsertRevisionTx &
  Tx<
    | 'insertScan'
    | 'lockScan'
    | 'revision'
    | 'putInstances'
    | 'instancesOfScan'
    | 'listInstances'
    | 'documentInForce'
  >;

async function rebuildScan(
  stores: Stores<RebuildScanTx>,
  scanId: string,
  numbers: readonly number[],
  damaged: string[],
): Promise<readonly RevisionRow[]> {
  const revisions: Rebuilt[] = [];
  for (const revision of numbers)
    revisions.push(await rebuildRevision(stores.objects, scanId, revision, damaged));
  const newest = revisions.at(-1);
  const first = revisions[0];
  if (newest === undefined || first === undefined) return [];
  const path = [newest.scan.administration, scanId] as const;
  const [decided, site] = await stores.records.transaction(async (tx) => [
    await tx.documentInForce(scanMarksDocument, path),
    await siteInForce(tx, newest.scan),
  ]);
  const scan = scanRow(revisions, [first, newest], decided, site?.terms);
  const stored = revisions.flatMap((one) => objectsOf(scan, one));
  const instances = await instancesOfObjects(stores, scan, stored);
  await stores.records.transaction(async (tx) => {
    await tx.insertScan(scan);
    for (const rebuilt of revisions) await insertRevision(tx, scan, rebuilt);
    await tx.enqueue(jobs.joinRadiation(scan, 'reindex', newest.row.originals));
    await indexInstances(tx, scan.id, instances);
  });
  return revisions.map(({ row }) => row);
}

function objectsOf(scan: ScanRow, { manifest, row, objects }: Rebuilt): readonly ObjectRow[] {
  return [...receivedObjects(scan, row, manifest), ...objects];
}

/** Little of each is kept: there may be millions. */
function endedOf({ scanId, revision, receivedAt }: RevisionRow): EndedRevision {
  return { scanId, revision, receivedAt };
}

/** Whoever sent the originals that came with each revision; before senders were kept, its uploader. */
function sendersOf(revisions: readonly RevisionRow[]): readonly string[] {
  const sent = revisions.flatMap(({ scanId, revision, originals, uploader }) =>
    originals
      .filter(({ key }) => key.startsWith(revisionPrefix(scanId, revision)))
      .map(({ sentBy = uploader }) => sentBy),
  );
  return [...new Set(sent)];
}

/** The row as the steps would have left it: each revision that was converted set what is searched for. */
function scanRow(
  revisions: readonly Rebuilt[],
  [first, newest]: readonly [first: Rebuilt, newest: Rebuilt],
  decided: StoredScanMarks | undefined,
  site: SiteTerms = unsetSite,
): ScanRow {
  const records = revisions.flatMap(({ row }) => row.scan ?? []);
  const visits = revisions.flatMap(({ row }) => row.meta.visit ?? []);
  const base: ScanRow = {
    ...newest.scan,
    state: newest.row.state,
    revision: newest.row.revision,
    purpose: (first.row.meta.purpose as ScanRow['purpose'] | undefined) ?? 'operational',
    receivedAt: first.row.receivedAt,
    containers: [],
    terms: [],
    senders: sendersOf(revisions.map(({ row }) => row)),
    ...defined({ visit: visitOf(site, visits) }),
  };
  return indexed(base, records, decided, site);
}

export type InsertRevisionTx = Tx<
  'insertRevision' | 'putObjects' | 'putAnalysis' | 'enqueue' | 'appendChange'
>;

async function insertRevision(tx: InsertRevisionTx, scan: ScanRow, rebuilt: Rebuilt): Promise<void> {
  const { administration, site } = scan;
  const { row, analysed } = rebuilt;
  await tx.insertRevision(row);
  await tx.putObjects(objectsOf(scan, rebuilt));
  for (const analysis of analysed === undefined ? [] : analysesOf(analysed))
    await tx.putAnalysis({ scanId: row.scanId, revision: row.revision, analysis });
  const due = dueJob(row);
  if (due !== undefined) await tx.enqueue(due);
  await tx.appendChange({
    administration,
    site,
    kind: 'scan.received',
    subject: row.scanId,
    revision: row.revision,
  });
}

/** The job that goes on where the revision stands. */
function dueJob(row: RevisionRow): Job | undefined {
  const { scanId, revision, state } = row;
  const { due } = scanStates[state];
  switch (due) {
    case 'convert':
      return jobs.convert(row);
    case 'analyse':
      return jobs.analyse(scanId, revision);
    case 'triage':
      return jobs.triage({ id: scanId, revision }, 'reindex');
    case 'nothing':
      return undefined;
    default:
      return unreachable(due);
  }
}

async function rebuildRevision(
  objects: ObjectReads,
  scanId: string,
  revision: number,
  damaged: string[],
): Promise<Rebuilt> {
  const received = await readPart(objects, keys.received(scanId, revision), readReceived);
  if (received === undefined)
    throw new NiiError('NII_CORRUPT', `No manifest of ${revisionPrefix(scanId, revision)}`);
  const base: RevisionRow = { ...received.value.revision, state: 'received' };
  const steps = await orDamaged(damaged, revisionPrefix(scanId, revision), () => rebuildSteps(objects, base));
  // What a step made can be made again from the originals: a damaged step is simply due again.
  const { row, derived, analysed } = steps ?? { row: base, derived: [], analysed: undefined };
  const reports = await reportRows(objects, row, new Set(derived.map((object) => object.key)));
  const { bytes: manifest, value } = received;
  return { manifest, scan: value.scan, row, objects: [...derived, ...reports], analysed };
}

interface Steps {
  readonly row: RevisionRow;
  readonly derived: readonly ObjectRow[];
  readonly analysed: AnalysedManifest | undefined;
}

async function rebuildSteps(objects: ObjectReads, base: RevisionRow): Promise<Steps> {
  const { scanId, revision } = base;
  const converted = await readPart(objects, keys.converted(scanId, revision), readConverted);
  const analysed = await readPart(objects, keys.analysed(scanId, revision), readAnalysed);
  if (converted === undefined) return { row: base, derived: [], analysed: undefined };
  const row = await withConversion(objects, base, converted.value, analysed !== undefined);
  const manifests = [
    manifestRow(row, 'converted', converted.bytes),
    ...(analysed === undefined ? [] : [manifestRow(row, 'analysed', analysed.bytes)]),
  ];
  const derived = [...converted.value.objects, ...(analysed?.value.objects ?? []), ...manifests];
  return { row, derived, analysed: analysed?.value };
}

async function withConversion(
  objects: ObjectReads,
  base: RevisionRow,
  part: ConvertedManifest,
  analysed: boolean,
): Promise<RevisionRow> {
  const { converter, problem } = part;
  if (problem !== undefined) return { ...base, converter, state: 'failed', problem };
  const scan: NiiScan = parseScanJson(await objects.get(keys.scanJson(base.scanId, base.revision)));
  return { ...base, converter, scan, state: analysed ? 'analysed' : 'converted' };
}

function manifestRow(row: RevisionRow, step: 'converted' | 'analysed', body: Uint8Array): ObjectRow {
  const key = keys[step](row.scanId, row.revision);
  const producer = { converted: 'convert', analysed: 'analyse' }[step];
  return objectRow(row, { key, kind: 'manifest', step, body, contentType: 'application/json', producer });
}

/** Reports of verdicts and outcomes are named by no manifest: they came after it. */
async function reportRows(
  objects: ObjectReads,
  row: RevisionRow,
  known: ReadonlySet<string>,
): Promise<readonly ObjectRow[]> {
  const rows: ObjectRow[] = [];
  for await (const { key } of objects.list(`${revisionPrefix(row.scanId, row.revision)}tdr/`)) {
    const event = eventOfReport(key);
    if (event === undefined || known.has(key)) continue;
    const body = await objects.get(key);
    rows.push(
      objectRow(row, {
        kind: 'tdr',
        origin: { kind: 'case', ...event },
        key,
        body,
        contentType: 'application/dicom',
        producer: 'triage',
      }),
    );
  }
  return rows;
}

interface Part<M> {
  readonly value: M;
  readonly bytes: Uint8Array;
}

async function readPart<M>(
  objects: ObjectReads,
  key: string,
  read: (bytes: Uint8Array, key: string) => M,
): Promise<Part<M> | undefined> {
  try {
    const bytes = await objects.get(key);
    return { value: read(bytes, key), bytes };
  } catch (error) {
    if (isNiiError(error, 'NII_NOT_FOUND')) return undefined;
    throw error;
  }
}

async function rebuildCases(
  { objects, records }: Stores<Tx<'putObjects' | 'saveCase' | 'saveRebuilt' | 'enqueue'>>,
  scanId: string,
  damaged: string[],
): Promise<number> {
  const newest = new Map<string, Case>();
  const rows: ObjectRow[] = [];
  for await (const { key } of objects.list(`cases/${scanId}/`)) {
    await orDamaged(damaged, key, async () => {
      const body = await objects.get(key);
      const value = readCase(body, key);
      rows.push(asStored(objectRow(value, snapshotOf(value)), key, body));
      newest.set(value.id, value);
    });
  }
  await records.transaction(async (tx) => {
    await tx.putObjects(rows);
    for (const value of newest.values()) {
      await tx.saveCase(value);
      await tx.saveRebuilt(measuredOf(value));
      // It is unknown whether the lane acknowledged the last answer: it is sent again.
      if (value.verdicts.length > 0) await tx.enqueue(jobs.notifyLane(value));
      if (laneRows[rowOfCase(value)].instruction !== 'proceed')
        await tx.enqueue(jobs.watchPassagesOfCase(value));
    }
  });
  return newest.size;
}
