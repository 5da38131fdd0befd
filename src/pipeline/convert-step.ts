import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ConverterPackage, findConverter } from '../convert/registry.ts';
import { runConverter } from '../convert/run.ts';
import { type ErrorCode, isNiiError, NiiError, type Problem, problemOf } from '../core/errors.ts';
import { keys } from '../core/keys.ts';
import type { ClaimedJob, ObjectRow, RecordsTx, RevisionRow, ScanRow } from '../core/ports.ts';
import { channelsOf, type NiiScan, type ScanWithPlanes } from '../core/scan.ts';
import { encodeDx } from '../format/dicos/index.ts';
import { renderPreview } from '../format/preview.ts';
import { scanJsonBytes } from '../format/scan-json.ts';
import type { Deps } from './deps.ts';
import { jobs } from './job-ids.ts';
import { convertedManifest } from './manifest.ts';
import { type Derived, objectRow } from './object-row.ts';
import { makeSpoolFolder } from './spool.ts';

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
  'NII_LIMIT_EXPANSION',
  'NII_LIMIT_TIME',
  'NII_LIMIT_MEMORY',
  'NII_CONVERTER_CRASHED',
  'NII_CONVERTER_INCONSISTENT',
]);

/** Converts one revision; whatever happens to the file, its originals and the reason are kept. */
export async function convertRevision(
  deps: Deps,
  job: ClaimedJob,
  scanId: string,
  revision: number,
): Promise<void> {
  const row = await deps.records.transaction((tx) => tx.revision(scanId, revision));
  if (row === undefined || row.state !== 'received') return deps.jobs.complete(job, async () => {});
  const started = performance.now();
  try {
    const converter = converterOf(deps, row);
    const result = await convertedOrAgain(deps, row, converter);
    await commitConverted(
      deps,
      job,
      { ...row, converter: { id: converter.manifest.id, version: converter.manifest.version } },
      result,
    );
    deps.log.info({ scanId, revision, ms: Math.round(performance.now() - started) }, 'scan converted');
  } catch (error) {
    if (!isNiiError(error) || !finalCodes.has(error.code)) throw error;
    deps.log.warn({ scanId, revision, code: error.code }, 'scan failed');
    await commitFailed(deps, job, row, error.toProblem());
  }
}

function converterOf({ converters }: Deps, { converter }: RevisionRow): ConverterPackage {
  const found = findConverter(converters, converter.id);
  if (found === undefined)
    throw new NiiError('NII_UNKNOWN_FORMAT', `The converter ${converter.id} is not installed here`);
  return found;
}

/** A converter that ended without an answer may have been killed by somebody else: it gets one more try. */
async function convertedOrAgain(
  deps: Deps,
  row: RevisionRow,
  converter: ConverterPackage,
): Promise<Conversion> {
  try {
    return await converted(deps, row, converter);
  } catch (error) {
    if (!isNiiError(error, 'NII_CONVERTER_CRASHED')) throw error;
    deps.log.warn(
      { scanId: row.scanId, revision: row.revision },
      'converter ended without an answer; trying once more',
    );
    return converted(deps, row, converter);
  }
}

interface Conversion {
  readonly scan: NiiScan;
  readonly derived: readonly Derived[];
}

async function converted(deps: Deps, row: RevisionRow, converter: ConverterPackage): Promise<Conversion> {
  const workDir = await makeSpoolFolder(deps.spoolDir, 'convert');
  try {
    const files = await fetchOriginals(deps, row, await subfolder(workDir, 'originals'));
    const out = await subfolder(workDir, 'converted');
    const result = await runConverter({ converter, files, workDir: out, limits: deps.limits, log: deps.log });
    return await derive(deps, row, withSender(result, row));
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

async function subfolder(parent: string, name: string): Promise<string> {
  const path = join(parent, name);
  await mkdir(path);
  return path;
}

async function fetchOriginals({ objects }: Deps, row: RevisionRow, folder: string) {
  return Promise.all(
    row.originals.map(async ({ name, role, bytes, sha256, complete, key }, i) => {
      const path = join(folder, String(i));
      await writeFile(path, await objects.stream(key));
      return { name, role, bytes, sha256, complete, path };
    }),
  );
}

/** What was sent beside the files fills what the files leave open. */
function withSender({ scan, planes }: ScanWithPlanes, { meta }: RevisionRow): ScanWithPlanes {
  const { scanner, lane, purpose } = meta;
  const source = {
    ...(scanner === undefined ? {} : { scannerId: scanner }),
    ...(lane === undefined ? {} : { lane }),
    ...scan.source,
  };
  const stated = purpose === undefined ? scan.purpose : (purpose as NiiScan['purpose']);
  return { planes, scan: { ...scan, source, purpose: stated } };
}

async function derive(deps: Deps, row: RevisionRow, result: ScanWithPlanes): Promise<Conversion> {
  const { scan, planes } = result;
  const producer = `convert:${scan.converter.id}@${scan.converter.version}`;
  const { scanId, revision, contentHash: parentSha256 } = row;
  const common = { producer, parentSha256 };
  const ids = await idsOf(deps, row);
  const dicos: Derived[] = [];
  for (const { view, channel, key } of channelsOf(scan)) {
    const plane = planes.get(key);
    if (plane === undefined) throw new NiiError('NII_CONVERTER_INCONSISTENT', `No samples for ${key}`);
    const { bytes } = await encodeDx({ scan, viewId: view.id, channelId: channel.id, plane, ids });
    dicos.push({
      ...common,
      key: keys.dicos(scanId, revision, view.id, channel.id),
      kind: 'dicos',
      body: bytes,
      contentType: 'application/dicom',
    });
  }
  const pictures = await renderPreview(result);
  return {
    scan,
    derived: [
      {
        ...common,
        key: keys.scanJson(scanId, revision),
        kind: 'scan-json',
        body: scanJsonBytes(scan),
        contentType: 'application/json',
      },
      ...dicos,
      ...(pictures === undefined
        ? []
        : [
            {
              ...common,
              key: keys.preview(scanId, revision),
              kind: 'preview',
              body: pictures.preview,
              contentType: 'image/png',
            },
            {
              ...common,
              key: keys.thumbnail(scanId, revision),
              kind: 'thumbnail',
              body: pictures.thumbnail,
              contentType: 'image/png',
            },
          ]),
    ],
  };
}

/** Names and times that the standard asks for, all from the record. */
export async function idsOf({ records }: Pick<Deps, 'records'>, row: RevisionRow) {
  const scan = await records.transaction((tx) => ownerOf(tx, row.scanId));
  const { scanId, revision, receivedAt } = row;
  return { scanId, revision, receivedAt, administration: scan.administration, site: scan.site };
}

async function ownerOf(tx: RecordsTx, scanId: string): Promise<ScanRow> {
  const scan = await tx.scanById(scanId);
  if (scan === undefined) throw new NiiError('NII_INTERNAL', `revision without scan ${scanId}`);
  return scan;
}

/** Locked: an upload may be about to give the scan its next revision. */
async function lockedOwner(tx: RecordsTx, scanId: string): Promise<ScanRow> {
  const scan = await tx.lockScan(scanId);
  if (scan === undefined) throw new NiiError('NII_INTERNAL', `revision without scan ${scanId}`);
  return scan;
}

async function commitConverted(
  deps: Deps,
  job: ClaimedJob,
  row: RevisionRow,
  result: Conversion,
): Promise<void> {
  for (const derived of result.derived)
    await deps.objects.put(derived.key, derived.body, derived.contentType);
  const rows = result.derived.map((derived) => objectRow(row, derived));
  const manifest = await putManifest(deps, row, { converter: row.converter, objects: rows });
  await deps.jobs.complete(job, async (tx) => {
    await tx.updateRevision({ ...row, state: 'converted', scan: result.scan });
    await tx.putObjects([...rows, manifest]);
    await tx.enqueue(jobs.analyse(row.scanId, row.revision));
    await announce(tx, row, 'converted', result.scan);
  });
}

async function commitFailed(deps: Deps, job: ClaimedJob, row: RevisionRow, problem: Problem): Promise<void> {
  const manifest = await putManifest(deps, row, { converter: row.converter, problem, objects: [] });
  await deps.jobs.complete(job, (tx) => failRevision(tx, row, problem, manifest));
}

/** Gives up a conversion that no reason was found for; it stays visible among the dead jobs. */
export async function giveUpConversion(deps: Deps, job: ClaimedJob, why: string): Promise<void> {
  const { scanId, revision } = job.payload;
  const row = await deps.records.transaction((tx) => tx.revision(String(scanId), Number(revision)));
  if (row === undefined) return deps.jobs.bury(job, why, async () => {});
  const problem = problemOf(undefined);
  const manifest = await putManifest(deps, row, { converter: row.converter, problem, objects: [] });
  await deps.jobs.bury(job, why, (tx) => failRevision(tx, row, problem, manifest));
}

/** The scan stays, failed, with the reason, and the lane hears of it; convertible again. */
async function failRevision(
  tx: RecordsTx,
  row: RevisionRow,
  problem: Problem,
  manifest: ObjectRow,
): Promise<void> {
  await tx.updateRevision({ ...row, state: 'failed', problem });
  await tx.putObjects([manifest]);
  await announce(tx, row, 'failed');
  await tx.enqueue(jobs.notifyLaneOfFailure(row.scanId, row.revision));
}

async function putManifest(
  { objects }: Deps,
  row: RevisionRow,
  part: Parameters<typeof convertedManifest>[1],
): Promise<ObjectRow> {
  const { key, body } = convertedManifest(row, part);
  await objects.put(key, body, 'application/json');
  return objectRow(row, {
    key,
    kind: 'manifest',
    body,
    contentType: 'application/json',
    producer: 'convert',
  });
}

/** Moves the scan with its newest revision; an older one that ends later changes only itself. */
async function announce(
  tx: RecordsTx,
  row: RevisionRow,
  state: 'converted' | 'failed',
  record?: NiiScan,
): Promise<void> {
  const scan = await lockedOwner(tx, row.scanId);
  if (scan.revision === row.revision) await tx.updateScan({ ...scan, state, ...indexed(record) });
  const { administration, site } = scan;
  await tx.appendChange({
    administration,
    site,
    kind: `scan.${state}`,
    subject: row.scanId,
    revision: row.revision,
  });
}

/** What of the record is searched for. */
export function indexed(record: NiiScan | undefined): Partial<ScanRow> {
  if (record === undefined) return {};
  const containers = record.units.flatMap((unit) => unit.containers.map((container) => container.value));
  return {
    purpose: record.purpose,
    completeness: record.completeness,
    containers: [...new Set(containers)],
    ...(record.acquired.utc === undefined ? {} : { acquiredAt: record.acquired.utc }),
  };
}
