import { defined } from '../core/defined.ts';
import { keys } from '../core/keys.ts';
import type { ObjectReads } from '../core/ports/objects.ts';
import type { ImportedReport, NiiScan } from '../core/scan/scan.ts';
import type { RevisionRow } from '../core/scan/stored-scan.ts';
import { type DicosIds, dicosIds } from '../format/dicos/ids.ts';
import { abortReasons, encodeTdr, type TdrInput } from '../format/dicos/tdr.ts';
import type { Made } from '../stored/object-row.ts';

/**
 * Reports that came with a scan, each as a file among the reports of its revision: a DICOM report as it came, any other
 * as a DICOS Threat Detection Report that says the same. They are what others said: no case takes them for a verdict.
 */
export async function* importedReports(
  objects: ObjectReads,
  row: RevisionRow,
  scan: NiiScan,
  ids: DicosIds,
): AsyncGenerator<Made> {
  for (const [i, report] of (scan.reports ?? []).entries()) {
    const body = (await originalOf(objects, row, scan, report)) ?? encoded(scan, report, ids, i + 1);
    const key = keys.importedTdr(row.scanId, row.revision, i + 1);
    yield {
      key,
      kind: 'tdr',
      origin: { kind: 'imported', number: i + 1 },
      body,
      contentType: 'application/dicom',
    };
  }
}

async function originalOf(
  objects: ObjectReads,
  row: RevisionRow,
  { attachments }: NiiScan,
  { source }: ImportedReport,
): Promise<Uint8Array | undefined> {
  const isDicom = attachments.some(
    ({ name, mediaType }) => name === source && mediaType === 'application/dicom',
  );
  const original = row.originals.find(({ name }) => name === source);
  return isDicom && original !== undefined ? objects.get(original.key) : undefined;
}

function encoded(scan: NiiScan, report: ImportedReport, ids: DicosIds, number: number): Uint8Array {
  const type = report.type === 'MACHINE' || report.type === 'GROUND TRUTH' ? report.type : 'OPERATOR';
  const { decision, by = 'not named' } = report;
  return encodeTdr({
    scan,
    type,
    decision,
    ...abortOf(report),
    findings: findingsOf(scan, report),
    ...(type === 'MACHINE'
      ? { algorithm: { manufacturer: scan.source.manufacturer ?? 'unknown', name: by, version: 'unknown' } }
      : { operator: { id: by } }),
    decidedAt: report.at?.utc ?? ids.receivedAt,
    processingMs: 0,
    references: dicosIds.dxReferences(scan, ids),
    ids,
    instance: `imported-${number}`,
  }).bytes;
}

function abortOf({ decision, abortReason }: ImportedReport): Pick<TdrInput, 'abort'> {
  const abort = abortReasons.find((reason) => reason === abortReason);
  return decision === 'UNKNOWN' && abort !== undefined ? { abort } : {};
}

/** Each object with its place, where the scan has one view and the report says where; else the verdict in words. */
function findingsOf(scan: NiiScan, { objects, verdict, text }: ImportedReport): TdrInput['findings'] {
  const said = [verdict, text].filter((part) => part !== undefined).join('; ');
  const found = objects.map(({ category, description, regions }) => ({
    label: category ?? 'object',
    ...defined({ description }),
    ...boxOf(scan, regions[0]),
  }));
  if (found.length > 0 || said === '') return found;
  return [{ label: verdict ?? 'verdict', description: said }];
}

type Region = ImportedReport['objects'][number]['regions'][number];

function boxOf({ views }: NiiScan, region: Region | undefined): Pick<TdrInput['findings'][number], 'box'> {
  const [view] = views;
  const [column, row] = region?.base ?? [];
  const [width, height] = region?.extents ?? [];
  if (view === undefined || views.length > 1) return {};
  if (column === undefined || row === undefined || width === undefined || height === undefined) return {};
  const box = {
    view: view.id,
    columnFrom: Math.floor(column),
    columnTo: Math.ceil(column + width),
    rowFrom: Math.floor(row),
    rowTo: Math.ceil(row + height),
  };
  return { box };
}
