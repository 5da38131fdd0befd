import type { ConverterChildren } from '../convert/convert-in-child.ts';
import { type ErrorCode, isNiiError, NiiError, type Problem, problemOf, stackOf } from '../core/errors.ts';
import { keys } from '../core/keys.ts';
import type { Limits } from '../core/limits.ts';
import type { JobEnds } from '../core/ports/jobs.ts';
import { type StepMetrics, secondsSince } from '../core/ports/metrics.ts';
import type { ObjectReads, ObjectWrites } from '../core/ports/objects.ts';
import type { Log } from '../core/ports/process.ts';
import type { ObjectRow } from '../core/ports/records/object-rows.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Stores } from '../core/ports/stores.ts';
import type { Transactions } from '../core/ports/transactions.ts';
import type { ClaimedJob } from '../core/rows/job.ts';
import { unsetSite } from '../core/rules/site.ts';
import type { ScanWithSources } from '../core/scan/plane-source.ts';
import { channelsOf, type NiiScan } from '../core/scan/scan.ts';
import { scanStates } from '../core/scan/scan-states.ts';
import { instanceName } from '../core/scan/sections.ts';
import { hasRecord, type RevisionRow, type ScanRow } from '../core/scan/stored-scan.ts';
import type { CodeLists } from '../core/trade/codes.ts';
import { encodeDxParts } from '../format/dicos/parts.ts';
import { renderPreviewOf } from '../format/preview.ts';
import { scanJsonBytes } from '../format/scan-json.ts';
import type { ConverterPackage } from '../recognise/registry.ts';
import { scanMarksDocument } from '../stored/document-kinds.ts';
import { instancesOfObjects } from '../stored/instance-heads.ts';
import { indexInstances } from '../stored/instances.ts';
import { jobs } from '../stored/job-ids.ts';
import { convertedManifest } from '../stored/manifest.ts';
import { type Derived, type Made, objectRow } from '../stored/object-row.ts';
import { siteInForce } from '../stored/rules.ts';
import { indexed, recordsOf } from '../stored/scan-index.ts';
import { converterOf, convertOriginals, sendersOf } from './convert-originals.ts';
import { importedReports } from './imported-reports.ts';
import { observe } from './observe-scanner.ts';
import { heldPlanes, type PlaneCache } from './stored-planes.ts';

/** A failure of the file itself: trying again with the same converter ends the same way. */
const finalCodes: ReadonlySet<ErrorCode> = new Set([
  'NII_MALFORMED',
  'NII_TRUNCATED',
  'NII_UNSUPPORTED_VARIANT',
  'NII_UNKNOWN_FORMAT',
  'NII_LIMIT_BYTES',
  'NII_LIMIT_FILES',
  'NII_LIMIT_PIXELS',
  'NII_LIMIT_DEPTH',
  'NII_LIMIT_RECORD',
  'NII_LIMIT_EXPANSION',
  'NII_LIMIT_TIME',
  'NII_LIMIT_MEMORY',
  'NII_CONVERTER_CRASHED',
  'NII_CONVERTER_INCONSISTENT',
]);

export interface ConvertRevisionDeps {
  readonly records: Transactions<Tx<'scanById' | 'revision' | 'documentInForce' | 'scanner'>>;
  readonly codeLists: CodeLists;
  readonly jobs: JobEnds<CommitConvertedTx>;
  readonly objects: ObjectReads & ObjectWrites;
  readonly limits: Limits;
  readonly converters: readonly ConverterPackage[];
  readonly converterChildren: ConverterChildren;
  readonly stagingDir: string;
  readonly metrics: StepMetrics;
  readonly log: Log;
}

/**
 * Converts one revision; whatever happens to the file, its originals and the reason are kept.
 * @param atHand - keeps the samples for the model
 */
export async function convertRevision(
  deps: ConvertRevisionDeps,
  job: ClaimedJob,
  scanId: string,
  revision: number,
  atHand: PlaneCache,
): Promise<void> {
  const row = await deps.records.transaction((tx) => tx.revision(scanId, revision));
  if (row === undefined || scanStates[row.state].due !== 'convert')
    return deps.jobs.complete(job, async () => {});
  const started = performance.now();
  try {
    const converter = converterOf(deps, row);
    const result = await convertedOrAgain({ ...deps, atHand }, row, converter);
    await commitConverted(
      deps,
      job,
      { ...row, converter: { id: converter.manifest.id, version: converter.manifest.version } },
      result,
    );
    deps.metrics.converted(converter.manifest.id, 'done', secondsSince(started));
    deps.log.info({ scanId, revision, ms: Math.round(performance.now() - started) }, 'scan converted');
  } catch (error) {
    const isFinal = isNiiError(error) && finalCodes.has(error.code);
    deps.metrics.converted(row.converter.id, isFinal ? 'failed' : 'retried', secondsSince(started));
    if (!isFinal) throw error;
    deps.metrics.failed('convert', error.code);
    deps.log.warn({ scanId, revision, code: error.code, ...crashOf(row, error) }, 'scan failed');
    await commitFailed(deps, job, row, error.toProblem());
  }
}

/** For the author of a reader that failed: what it threw, on which files. The sender is told the code alone. */
function crashOf({ converter, originals }: RevisionRow, error: NiiError) {
  if (error.code !== 'NII_CONVERTER_CRASHED' || error.cause === undefined) return {};
  return { converter, files: originals.map(({ name }) => name), exception: stackOf(error.cause) };
}

export interface ConvertedOrAgainDeps {
  readonly records: Transactions<Tx<'scanById' | 'documentInForce' | 'scanner'>>;
  readonly codeLists: CodeLists;
  readonly converterChildren: ConverterChildren;
  readonly atHand: PlaneCache;
  readonly objects: ObjectReads & ObjectWrites;
  readonly limits: Limits;
  readonly stagingDir: string;
  readonly log: Log;
}

/**
 * A converter that ended without an answer may have been killed by somebody else, and one that ran out of memory may have
 * kept some of scans before: it gets one more try, in a process of its own.
 */
async function convertedOrAgain(
  deps: ConvertedOrAgainDeps,
  row: RevisionRow,
  converter: ConverterPackage,
): Promise<Conversion> {
  try {
    return await converted(deps, row, converter, sendersOf(row));
  } catch (error) {
    if (!isNiiError(error, 'NII_CONVERTER_CRASHED') && !isNiiError(error, 'NII_LIMIT_MEMORY')) throw error;
    deps.log.warn(
      { scanId: row.scanId, revision: row.revision, ...crashOf(row, error) },
      'converter ended without an answer; trying once more',
    );
    return converted(deps, row, converter);
  }
}

interface Conversion {
  readonly scan: NiiScan;
  /** What was made of it and is stored. */
  readonly objects: readonly ObjectRow[];
}

async function converted(
  deps: ConvertedOrAgainDeps,
  row: RevisionRow,
  converter: ConverterPackage,
  sender?: string,
): Promise<Conversion> {
  const use = async ({ scan, planes }: ScanWithSources) => {
    const result = { scan, planes: heldPlanes(planes) };
    const objects = await storeDerived(deps, row, result);
    deps.atHand.keep(result);
    return { scan, objects };
  };
  return convertOriginals(deps, row, converter, use, sender);
}

/**
 * Each object is stored as soon as it is made, while the next is being made, so that those of a train are never in
 * memory together.
 */
async function storeDerived(
  deps: Stores<Tx<'scanById'>, ObjectReads & ObjectWrites>,
  row: RevisionRow,
  result: ScanWithSources,
): Promise<readonly ObjectRow[]> {
  const rows: ObjectRow[] = [];
  let storing: Promise<unknown> = Promise.resolve();
  for await (const made of derive(deps, row, result)) {
    const { id, version } = result.scan.converter;
    const derived: Derived = { ...made, producer: `convert:${id}@${version}`, parentSha256: row.contentHash };
    await storing;
    storing = deps.objects.put(derived.key, derived.body, derived.contentType);
    storing.catch(() => undefined); // it is awaited before the next, and at the end
    rows.push(objectRow(row, derived));
  }
  await storing;
  return rows;
}

async function* derive(
  deps: Stores<Tx<'scanById'>>,
  row: RevisionRow,
  result: ScanWithSources,
): AsyncGenerator<Made> {
  const { scanId, revision } = row;
  const { scan } = result;
  yield {
    key: keys.scanJson(scanId, revision),
    kind: 'scan-json',
    body: scanJsonBytes(scan),
    contentType: 'application/json',
  };
  // libvips packs the pictures beside the encoding of the channels
  const pictures = renderPreviewOf(result);
  pictures.catch(() => undefined); // it is awaited below
  const ids = await idsOf(deps, row);
  for (const { view, channel, key } of channelsOf(scan)) {
    const plane = result.planes.get(key);
    if (plane === undefined) throw new NiiError('NII_CONVERTER_INCONSISTENT', `No samples for ${key}`);
    const input = { scan, viewId: view.id, channelId: channel.id, plane, ids };
    for await (const { bytes, section } of encodeDxParts(input)) {
      yield {
        key: keys.dicos(scanId, revision, view.id, channel.id, section),
        kind: 'dicos',
        instance: instanceName(key, section),
        body: bytes,
        contentType: 'application/dicom',
      };
    }
  }
  yield* importedReports(deps.objects, row, scan, ids);
  const made = await pictures;
  if (made === undefined) return;
  const { preview, thumbnail } = made;
  const contentType = 'image/png';
  yield { key: keys.preview(scanId, revision), kind: 'preview', body: preview, contentType };
  yield { key: keys.thumbnail(scanId, revision), kind: 'thumbnail', body: thumbnail, contentType };
}

/** Names and times that the standard asks for, all from the record. */
export async function idsOf(
  { records }: { readonly records: Transactions<Tx<'scanById'>> },
  row: RevisionRow,
) {
  const scan = await records.transaction((tx) => ownerOf(tx, row.scanId));
  const { scanId, revision, receivedAt } = row;
  return { scanId, revision, receivedAt, administration: scan.administration, site: scan.site };
}

async function ownerOf(tx: Tx<'scanById'>, scanId: string): Promise<ScanRow> {
  const scan = await tx.scanById(scanId);
  if (scan === undefined) throw new NiiError('NII_INTERNAL', `revision without scan ${scanId}`);
  return scan;
}

/** Locked: an upload may be about to give the scan its next revision. */
async function lockedOwner(tx: Tx<'lockScan'>, scanId: string): Promise<ScanRow> {
  const scan = await tx.lockScan(scanId);
  if (scan === undefined) throw new NiiError('NII_INTERNAL', `revision without scan ${scanId}`);
  return scan;
}

export type CommitConvertedTx = AnnounceTx &
  Tx<'updateRevision' | 'putObjects' | 'putInstances' | 'instancesOfScan' | 'listInstances'>;

export interface CommitConvertedDeps {
  readonly records: Transactions<Tx<'scanById'>>;
  readonly jobs: JobEnds<CommitConvertedTx>;
  readonly objects: ObjectReads & ObjectWrites;
}

async function commitConverted(
  deps: CommitConvertedDeps,
  job: ClaimedJob,
  row: RevisionRow,
  result: Conversion,
): Promise<void> {
  const rows = result.objects;
  const manifest = await putManifest(deps, row, { converter: row.converter, objects: rows });
  const instances = await instancesOfObjects(deps, await idsOf(deps, row), rows);
  await deps.jobs.complete(job, async (tx) => {
    await tx.updateRevision({ ...row, state: 'converted', scan: result.scan });
    await tx.putObjects([...rows, manifest]);
    await tx.enqueue(jobs.analyse(row.scanId, row.revision));
    await indexInstances(tx, row.scanId, instances);
    await announce(tx, row, 'converted', { scan: result.scan });
  });
}

async function commitFailed(
  deps: {
    readonly jobs: JobEnds<AnnounceTx & Tx<'updateRevision' | 'putObjects'>>;
    readonly objects: ObjectWrites;
  },
  job: ClaimedJob,
  row: RevisionRow,
  problem: Problem,
): Promise<void> {
  const manifest = await putManifest(deps, row, { converter: row.converter, problem, objects: [] });
  const outcome = problem.code === 'NII_LIMIT_TIME' ? 'timeout' : 'done';
  await deps.jobs.complete(job, (tx) => failRevision(tx, row, problem, manifest), outcome);
}

export interface GiveUpConversionDeps {
  readonly records: Transactions<Tx<'revision'>>;
  readonly jobs: JobEnds<AnnounceTx & Tx<'updateRevision' | 'putObjects'>>;
  readonly objects: ObjectWrites;
}

/** Gives up a conversion that no reason was found for; it stays visible among the dead jobs. */
export async function giveUpConversion(
  deps: GiveUpConversionDeps,
  job: ClaimedJob<'convert' | 'read-radiation'>,
  why: string,
): Promise<void> {
  const { scanId, revision } = job.payload;
  const row = await deps.records.transaction((tx) => tx.revision(scanId, revision));
  if (row === undefined) return deps.jobs.bury(job, why, async () => {});
  const problem = problemOf(undefined);
  const manifest = await putManifest(deps, row, { converter: row.converter, problem, objects: [] });
  await deps.jobs.bury(job, why, (tx) => failRevision(tx, row, problem, manifest));
}

/** The scan stays, failed, with the reason, and the lane hears of it; convertible again. */
async function failRevision(
  tx: AnnounceTx & Tx<'updateRevision' | 'putObjects'>,
  row: RevisionRow,
  problem: Problem,
  manifest: ObjectRow,
): Promise<void> {
  await tx.updateRevision({ ...row, state: 'failed', problem });
  await tx.putObjects([manifest]);
  await announce(tx, row, 'failed', { problem });
  await tx.enqueue(jobs.notifyLaneOfFailure(row.scanId, row.revision));
}

async function putManifest(
  { objects }: { readonly objects: ObjectWrites },
  row: RevisionRow,
  part: Parameters<typeof convertedManifest>[1],
): Promise<ObjectRow> {
  const { key, body } = convertedManifest(row, part);
  await objects.put(key, body, 'application/json');
  return objectRow(row, {
    key,
    kind: 'manifest',
    step: 'converted',
    body,
    contentType: 'application/json',
    producer: 'convert',
  });
}

export type AnnounceTx = Tx<
  | 'lockScan'
  | 'updateScan'
  | 'revision'
  | 'revisions'
  | 'newestConverted'
  | 'putObservation'
  | 'lockScanner'
  | 'putScanner'
  | 'enqueue'
  | 'appendChange'
  | 'documentInForce'
>;

/** Moves the scan with its newest revision. An older one that ends later adds what its files state. */
async function announce(
  tx: AnnounceTx,
  row: RevisionRow,
  state: 'converted' | 'failed',
  ended: { readonly scan: NiiScan } | { readonly problem: Problem },
): Promise<void> {
  const scan = await lockedOwner(tx, row.scanId);
  const isNewest = scan.revision === row.revision;
  if (isNewest || scanStates[scan.state].due !== 'convert') {
    // What is searched for is of the records that there are, as a rebuilt database has it
    const records = await recordsOf(tx, row.scanId);
    const decided = await tx.documentInForce(scanMarksDocument, [scan.administration, scan.id]);
    const rules = (await siteInForce(tx, scan))?.terms ?? unsetSite;
    await tx.updateScan(indexed(isNewest ? { ...scan, state } : scan, records, decided, rules));
  }
  await observe(tx, { owner: scan, row, ...ended });
  if (state === 'converted' || hasRecord(row.originals))
    await tx.enqueue(jobs.joinRadiation(scan, `${row.revision}:${state}`, row.originals));
  const { administration, site } = scan;
  await tx.appendChange({
    administration,
    site,
    kind: `scan.${state}`,
    subject: row.scanId,
    revision: row.revision,
  });
}
