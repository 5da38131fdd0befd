import type { Case, OutcomeKind, SearchOutcome, Verdict, VerdictKind } from '../core/case/case.ts';
import { keys } from '../core/keys.ts';
import type { ObjectReads, ObjectWrites } from '../core/ports/objects.ts';
import type { InstanceIndex } from '../core/ports/records/instances.ts';
import type { ObjectRow, ObjectRows, ObjectRowWrites } from '../core/ports/records/object-rows.ts';
import type { Revisions } from '../core/ports/records/revisions.ts';
import type { ScanWrites } from '../core/ports/records/scans.ts';

import type { AlarmDecision, NiiScan } from '../core/scan/scan.ts';

import { dicosIds, type TdrReference } from '../format/dicos/ids.ts';
import { encodeTdr } from '../format/dicos/tdr.ts';
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

export type WriteReportTx = ScanWrites & Revisions & ObjectRows & ObjectRowWrites & InstanceIndex;

/** Writes the OPERATOR report of the verdict just given, on the revision it was given on, in its transaction. */
export async function reportVerdict(
  deps: { readonly objects: ObjectReads & ObjectWrites },
  tx: WriteReportTx,
  value: Case,
): Promise<void> {
  const event = value.history.findLast(({ kind }) => kind === 'decided' || kind === 'settled');
  if (event === undefined) return;
  // The detail of this event is what triage.decide or triage.settle wrote into it.
  const { kind, reason, revision } = event.detail as Pick<Verdict, 'kind' | 'reason' | 'revision'>;
  await writeReport(deps, tx, value, {
    type: 'OPERATOR',
    decision: decisionOf[kind],
    decidedAt: event.at,
    description: `${kind}: ${reason}`,
    operator: event.actor,
    revision,
  });
}

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
    operator: event.actor,
    revision: value.revision,
  });
}

interface HumanReport {
  readonly type: 'OPERATOR' | 'GROUND TRUTH';
  readonly decision: AlarmDecision;
  readonly decidedAt: string;
  readonly description: string;
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
  const references = dicosReferences(row.scan, await tx.objectsOf(scanId, revision));
  const ids = {
    scanId,
    revision,
    administration: value.administration,
    site: value.site,
    receivedAt: row.receivedAt,
  };
  const { bytes } = encodeTdr({
    scan: row.scan,
    type: report.type,
    decision: report.decision,
    findings: [{ label: report.decision === 'ALARM' ? 'suspect' : 'none', description: report.description }],
    operator: { id: report.operator },
    decidedAt: report.decidedAt,
    processingMs: 0,
    references,
    ids,
    instance: `${value.id}-${value.history.length}`,
    unitId: value.unitId,
  });
  const stored = await storeDerived(
    deps,
    tx,
    { scanId, revision },
    {
      key: keys.caseTdr(scanId, revision, value.id, value.history.length),
      kind: 'tdr',
      origin: { kind: 'case', caseId: value.id, seq: value.history.length },
      body: bytes,
      contentType: 'application/dicom',
      producer: 'triage',
    },
  );
  await indexInstances(tx, scanId, await instancesOfObjects(deps, value, [stored]));
}

/** The DX instances that a report speaks of. */
export function dicosReferences(scan: NiiScan, objects: readonly ObjectRow[]): readonly TdrReference[] {
  return objects.flatMap((object) =>
    object.kind === 'dicos' ? dicosIds.referenceOf(scan, object, object.instance) : [],
  );
}
