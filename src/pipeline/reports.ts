import type { Case } from '../core/case.ts';
import { keys } from '../core/keys.ts';
import type { ObjectRow, RecordsTx } from '../core/ports.ts';
import type { NiiScan } from '../core/scan.ts';
import { dicosIds, encodeTdr, type TdrReference } from '../format/dicos/index.ts';
import { finalVerdict } from '../triage/case.ts';
import { storeDerived } from './case-store.ts';
import type { Deps } from './deps.ts';

/** Alarm decision of an analyst's verdict; what is not decided is UNKNOWN, never CLEAR. */
const decisionOf = {
  normal: 'CLEAR',
  suspect: 'ALARM',
  inconclusive: 'UNKNOWN',
  'scan-again': 'UNKNOWN',
} as const;

/** Writes the OPERATOR report of the case's last verdict, in the transaction of the verdict. */
export async function reportVerdict(deps: Deps, tx: RecordsTx, value: Case): Promise<void> {
  const verdict = finalVerdict(value);
  if (verdict === undefined) return;
  await writeReport(deps, tx, value, {
    type: 'OPERATOR',
    decision: decisionOf[verdict.kind],
    decidedAt: verdict.at,
    description: `${verdict.kind}: ${verdict.reason}`,
    operator: verdict.analyst,
  });
}

/** Writes the GROUND TRUTH report of a search; goods left unsearched prove nothing and stay UNKNOWN. */
export async function reportOutcome(deps: Deps, tx: RecordsTx, value: Case): Promise<void> {
  const { outcome } = value;
  const event = value.history.at(-1);
  if (outcome === undefined || event === undefined) return;
  const decision = { found: 'ALARM', 'nothing-found': 'CLEAR', unsearched: 'UNKNOWN' } as const;
  await writeReport(deps, tx, value, {
    type: 'GROUND TRUTH',
    decision: decision[outcome.kind],
    decidedAt: event.at,
    description: [outcome.kind, outcome.what, outcome.where].filter((part) => part !== undefined).join(': '),
    operator: event.actor,
  });
}

interface HumanReport {
  readonly type: 'OPERATOR' | 'GROUND TRUTH';
  readonly decision: 'ALARM' | 'CLEAR' | 'UNKNOWN';
  readonly decidedAt: string;
  readonly description: string;
  readonly operator: string;
}

async function writeReport(deps: Deps, tx: RecordsTx, value: Case, report: HumanReport): Promise<void> {
  const revision = await tx.revision(value.scanId, value.revision);
  if (revision?.scan === undefined) return;
  const references = dicosReferences(revision.scan, await tx.objectsOf(value.scanId, value.revision));
  const ids = {
    scanId: value.scanId,
    revision: value.revision,
    administration: value.administration,
    site: value.site,
    receivedAt: revision.receivedAt,
  };
  const { bytes } = encodeTdr({
    scan: revision.scan,
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
  await storeDerived(deps, tx, value, {
    key: keys.caseTdr(value.scanId, value.revision, value.id, value.history.length),
    kind: 'tdr',
    body: bytes,
    contentType: 'application/dicom',
    producer: 'triage',
  });
}

/** The DX instances that a report speaks of. */
export function dicosReferences(scan: NiiScan, objects: readonly ObjectRow[]): readonly TdrReference[] {
  return objects
    .filter((object) => object.kind === 'dicos')
    .flatMap((object) => dicosIds.referenceOf(scan, object.key));
}
