import type { Analysis } from '../../core/case/finding.ts';
import { defined } from '../../core/defined.ts';
import { keys } from '../../core/keys.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { Transactions } from '../../core/ports/transactions.ts';
import { channelKinds } from '../../core/scan/channel-kinds.ts';
import { channelsOf, type NiiScan, planeKey } from '../../core/scan/scan.ts';
import type { RevisionRow } from '../../core/scan/stored-scan.ts';
import { encodeTdr } from '../../format/dicos/tdr.ts';
import { greyPng } from '../../format/preview.ts';
import type { Derived } from '../../stored/object-row.ts';
import { dicosReferences } from '../../stored/reports.ts';
import { idsOf } from '../convert.ts';
import type { AnalysisOutcome } from './model-result-cache.ts';

/** The report of a model, and its map where it made one. */
export async function derive(
  deps: {
    readonly records: Transactions<Tx<'scanById' | 'objectsOf' | 'instancesOfScan'>>;
  },
  row: RevisionRow,
  scan: NiiScan,
  { analysis, map }: AnalysisOutcome,
): Promise<readonly Derived[]> {
  const { scanId, revision } = row;
  const { id, version } = analysis.model;
  const common = { parentSha256: row.contentHash, producer: `analyse:${id}@${version}` };
  const report = await machineReport(deps, row, scan, analysis);
  return [
    {
      ...common,
      key: keys.machineTdr(scanId, revision, id, version),
      kind: 'tdr',
      origin: { kind: 'machine', model: `${id}@${version}` },
      body: report,
      contentType: 'application/dicom',
    },
    ...(map === undefined
      ? []
      : [
          {
            ...common,
            key: keys.map(scanId, revision, id, version),
            kind: 'map' as const,
            model: `${id}@${version}`,
            body: await greyPng(map),
            contentType: 'image/png',
          },
        ]),
  ];
}

/** ALARM or UNKNOWN. Never CLEAR: no model here has earned that its silence lets anything go. */
async function machineReport(
  deps: {
    readonly records: Transactions<Tx<'scanById' | 'objectsOf' | 'instancesOfScan'>>;
  },
  row: RevisionRow,
  scan: NiiScan,
  analysis: Analysis,
): Promise<Uint8Array> {
  const looked = analysis.status === 'analysed';
  const alarm = looked && analysis.alarm === true;
  const all = await deps.records.transaction(async (tx) =>
    dicosReferences(scan, await tx.objectsOf(row.scanId, row.revision), await tx.instancesOfScan(row.scanId)),
  );
  const seen = planesSeen(scan, analysis);
  return encodeTdr({
    scan,
    type: 'MACHINE',
    decision: alarm ? 'ALARM' : 'UNKNOWN',
    ...defined({ abort: looked ? undefined : ('UNKNOWN_DATATYPE' as const) }),
    findings: alarm ? analysis.findings : [],
    algorithm: { manufacturer: 'nii-hub', name: analysis.model.id, version: analysis.model.version },
    decidedAt: analysis.decidedAt ?? row.receivedAt,
    processingMs: analysis.milliseconds,
    references: looked ? all.filter(({ view, channel }) => seen.has(planeKey(view, channel))) : all,
    ids: await idsOf(deps, row),
    instance: `${analysis.model.id}-${analysis.model.version}`,
  }).bytes;
}

/** Channels that the model has looked at: of its view those of a kind that models see. */
function planesSeen(scan: NiiScan, { view: seen }: Analysis): ReadonlySet<string> {
  const planes = channelsOf(scan).filter(
    ({ view, channel }) => view.id === seen && channelKinds[channel.kind].isSeenByModels,
  );
  return new Set(planes.map(({ key }) => key));
}
