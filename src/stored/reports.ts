import type { Case, OutcomeKind, SearchOutcome, Verdict, VerdictKind } from '../core/case/case.ts';
import type { Region } from '../core/case/region.ts';
import { defined } from '../core/defined.ts';
import { keys } from '../core/keys.ts';
import type { ObjectReads, ObjectWrites } from '../core/ports/objects.ts';
import type { InstanceRow } from '../core/ports/records/instances.ts';
import type { ObjectRow } from '../core/ports/records/object-rows.ts';
import type { Tx } from '../core/ports/records.ts';
import type { AlarmDecision, InspectionUnit, NiiScan } from '../core/scan/scan.ts';
import { dicosIds, type TdrReference } from '../format/dicos/ids.ts';
import { encodeTdr } from '../format/dicos/tdr.ts';
import type { TdrFinding } from '../format/dicos/threats.ts';
import { boxOf, checkRegions } from '../triage/regions.ts';
import { storeDerived } from './case-store.ts';
import { instancesOfObjects } from './instance-heads.ts';
import { indexInstances } from './instances.ts';

/** Alarm decision of an analyst's verdict; what is not decided is UNKNOWN, never CLEAR. */
const decisionOf: Readonly<Record<VerdictKind, AlarmDecision>> = {
  normal: 'CLEAR',
  suspect: 'ALARM',
  inconclusive: 'UNKNOWN',
  'scan-again': 'UNKNOWN',
};

/** The same of a search; what was not searched to its full extent proves nothing and stays UNKNOWN. */
const decisionOfOutcome: Readonly<Record<OutcomeKind, (outcome: SearchOutcome) => AlarmDecision>> = {
  found: () => 'ALARM',
  'nothing-found': ({ extent }) => (extent === 'full' ? 'CLEAR' : 'UNKNOWN'),
  unsearched: () => 'UNKNOWN',
};

export type WriteReportTx = Tx<
  'lockScan' | 'revision' | 'objectsOf' | 'putObjects' | 'putInstances' | 'instancesOfScan' | 'listInstances'
>;

/**
 * Writes the OPERATOR report of the verdict just given, on the revision it was given on, in its transaction.
 *
 * @throws NII_BAD_REQUEST for regions that are not in the image of that revision
 */
export async function reportVerdict(
  deps: { readonly objects: ObjectReads & ObjectWrites },
  tx: WriteReportTx,
  value: Case,
): Promise<void> {
  const event = value.history.findLast(({ kind }) => kind === 'decided' || kind === 'settled');
  if (event === undefined) return;
  // The detail of this event is what triage.decide or triage.settle wrote into it.
  const { kind, reason, reasonLabel, regions, revision } = event.detail as Given;
  await writeReport(deps, tx, value, {
    type: 'OPERATOR',
    decision: decisionOf[kind],
    decidedAt: event.at,
    description: reasonLabel === undefined ? `${kind}: ${reason}` : `${kind}: ${reason} (${reasonLabel})`,
    regions: regions ?? [],
    operator: event.actor,
    revision,
  });
}

/** The same, where the verdict just given may still be taken back: the report is written once it stands. */
export async function checkVerdict(_: unknown, tx: Tx<'revision'>, value: Case): Promise<void> {
  const verdict = value.verdicts.at(-1);
  if (verdict?.regions === undefined) return;
  const row = await tx.revision(value.scanId, verdict.revision);
  if (row?.scan !== undefined) checkRegions(row.scan, value.unitId, verdict.regions);
}

type Given = Pick<Verdict, 'kind' | 'reason' | 'reasonLabel' | 'regions' | 'revision'>;

/** Writes the GROUND TRUTH report of a search. */
export async function reportOutcome(
  deps: { readonly objects: ObjectReads & ObjectWrites },
  tx: WriteReportTx,
  value: Case,
): Promise<void> {
  const { outcome } = value;
  const event = value.history.at(-1);
  if (outcome === undefined || event === undefined) return;
  await writeReport(deps, tx, value, {
    type: 'GROUND TRUTH',
    decision: decisionOfOutcome[outcome.kind](outcome),
    decidedAt: event.at,
    description: [outcome.kind, outcome.what, outcome.where].filter((part) => part !== undefined).join(': '),
    regions: [],
    operator: event.actor,
    revision: value.revision,
  });
}

interface HumanReport {
  readonly type: 'OPERATOR' | 'GROUND TRUTH';
  readonly decision: AlarmDecision;
  readonly decidedAt: string;
  readonly description: string;
  readonly regions: readonly Region[];
  readonly operator: string;
  /** Of the scan that the report speaks of. */
  readonly revision: number;
}

async function writeReport(
  deps: { readonly objects: ObjectReads & ObjectWrites },
  tx: WriteReportTx,
  value: Case,
  report: HumanReport,
): Promise<void> {
  const { scanId } = value;
  const { revision } = report;
  const row = await tx.revision(scanId, revision);
  if (row?.scan === undefined) return;
  checkRegions(row.scan, value.unitId, report.regions);
  const references = dicosReferences(
    row.scan,
    await tx.objectsOf(scanId, revision),
    await tx.instancesOfScan(scanId),
  );
  const body = encodeReport(value, report, { scan: row.scan, receivedAt: row.receivedAt }, references);
  const seq = value.history.length;
  const stored = await storeDerived(
    deps,
    tx,
    { scanId, revision },
    {
      key: keys.caseTdr(scanId, revision, value.id, seq),
      kind: 'tdr',
      origin: { kind: 'case', caseId: value.id, seq },
      body,
      contentType: 'application/dicom',
      producer: 'triage',
    },
  );
  await indexInstances(tx, scanId, await instancesOfObjects(deps, value, [stored]));
}

function encodeReport(
  { administration, site, scanId, unitId, id, history }: Case,
  report: HumanReport,
  { scan, receivedAt }: { readonly scan: NiiScan; readonly receivedAt: string },
  references: readonly TdrReference[],
): Uint8Array {
  const { type, decision, decidedAt, operator, revision } = report;
  const unit = scan.units.find((one) => one.id === unitId);
  const { bytes } = encodeTdr({
    scan,
    type,
    decision,
    findings: findingsOf(report),
    operator: { id: operator },
    decidedAt,
    processingMs: 0,
    references: showing(references, unit),
    ids: { scanId, revision, administration, site, receivedAt },
    instance: `${id}-${history.length}`,
    unitId,
  });
  return bytes;
}

/** Of the sections of a train those that show the unit; what is not in sections shows all of them. */
function showing(
  references: readonly TdrReference[],
  unit: InspectionUnit | undefined,
): readonly TdrReference[] {
  const extent = unit?.extent;
  if (extent === undefined) return references;
  return references.filter(({ view, section }) => {
    if (section === undefined || view !== extent.view || section.axis !== extent.axis) return true;
    return section.from < extent.to && section.to > extent.from;
  });
}

/** An object for each region; without one, what was said of the whole. */
function findingsOf({ decision, description, regions }: HumanReport): readonly TdrFinding[] {
  const said = { label: decision === 'ALARM' ? 'suspect' : 'none', description };
  if (regions.length === 0) return [said];
  return regions.map((region) => ({
    ...said,
    description: [description, region.text].filter((part) => part !== undefined).join('; '),
    box: boxOf(region),
    ...defined({
      channel: region.channel,
      polygon: 'points' in region ? region.points.map(({ x, y }) => [x, y] as const) : undefined,
    }),
  }));
}

/** The instances that a report speaks of, each with the class and the order of samples that it was stored in. */
export function dicosReferences(
  scan: NiiScan,
  objects: readonly ObjectRow[],
  instances: readonly InstanceRow[],
): readonly TdrReference[] {
  const stored = new Map(instances.map((instance) => [instance.key, instance]));
  return objects.flatMap((object) => {
    if (object.kind !== 'dicos') return [];
    const instance = stored.get(object.key);
    const isUpright = instance !== undefined && isStoredUpright(instance);
    const references = dicosIds.referenceOf(scan, object, object.instance, isUpright);
    return references.map((one) => ({ ...one, ...defined({ sopClass: instance?.sopClass }) }));
  });
}

/** Image Orientation (0020,0037) of instances that were stored before they were turned upright. */
const asMeasured = JSON.stringify([1, 0, 0, 0, 1, 0]);

function isStoredUpright({ attributes }: InstanceRow): boolean {
  return JSON.stringify(attributes['00200037']?.Value ?? [1, 0, 0, 0, 1, 0]) !== asMeasured;
}
