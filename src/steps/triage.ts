import type { Scope } from '../core/access.ts';
import type { Case } from '../core/case/case.ts';
import type { Declaration } from '../core/case/declaration.ts';
import type { Analysis } from '../core/case/finding.ts';
import { defined } from '../core/defined.ts';
import { newTag, systemMove } from '../core/person/move.ts';
import type { JobEnds } from '../core/ports/jobs.ts';
import type { ObjectWrites } from '../core/ports/objects.ts';
import type { Clock } from '../core/ports/process.ts';
import type { Tx } from '../core/ports/records.ts';
import { isRadiationOnly } from '../core/radiation/radiation.ts';
import type { ClaimedJob } from '../core/rows/job.ts';
import { whyNotAnalysed } from '../core/scan/not-analysed.ts';
import type { InspectionUnit, NiiScan } from '../core/scan/scan.ts';
import { scanStates } from '../core/scan/scan-states.ts';
import type { RevisionRow, ScanRow } from '../core/scan/stored-scan.ts';
import { type StoreCaseTx, storeCase } from '../stored/case-store.ts';
import { type CasePolicyTx, casePolicyOf, conditionsOf } from '../stored/controls.ts';
import { caseIdOf } from '../stored/identity.ts';
import { jobs } from '../stored/job-ids.ts';
import { policyOf } from '../stored/rules.ts';
import {
  awaitsScanAgain,
  type Evidence,
  followControls,
  linkScanAgain,
  openCase,
  withEvidence,
} from '../triage/case.ts';
import { inWords, isOfTime } from '../triage/declared.ts';
import type { LaneTarget } from '../triage/lane.ts';
import type { TriagePolicy } from '../triage/policy.ts';

/** Decided cases of one container that are looked through for one that waits for a new scan. */
const EARLIER_CASES = 50;

export interface TriageScanDeps {
  readonly jobs: JobEnds<
    TriageUnitTx &
      Tx<
        | 'scanById'
        | 'revision'
        | 'revisions'
        | 'putNotAnalysed'
        | 'removeNotAnalysed'
        | 'documentInForce'
        | 'casesOfScan'
      >
  >;
  readonly objects: ObjectWrites;
  readonly clock: Clock;
  readonly policy: TriagePolicy;
  readonly lane: LaneTarget | undefined;
}

/**
 * Opens a case for each inspection unit of an operational scan by which somebody could decide, or brings the new evidence to the case that is
 * there. Runs after every analysis and after every change of a declaration that names one of its containers.
 */
export async function triageScan(
  deps: TriageScanDeps,
  job: ClaimedJob,
  scanId: string,
  revision: number,
): Promise<void> {
  await deps.jobs.complete(job, async (tx) => {
    const row = await tx.revision(scanId, revision);
    if (row?.scan === undefined) return;
    const scan = await tx.scanById(scanId);
    if (scan === undefined || (await newestAnalysed(tx, scanId)) !== revision) return;
    if (!(await isForAnalysts(tx, scan, row.scan))) return;
    const policy = await policyOf(tx, scan.administration, deps.policy);
    if (!policy.queuedPurposes.includes(row.scan.purpose)) return;
    const decided = { ...deps, policy };
    for (const unit of row.scan.units) await triageUnit(decided, tx, scan, row, row.scan, unit);
  });
}

/** Whether its units are cases; a scan by which nobody could decide is listed for a supervisor instead. */
async function isForAnalysts(
  tx: Tx<'casesOfScan' | 'putNotAnalysed' | 'removeNotAnalysed'>,
  scan: ScanRow,
  record: NiiScan,
): Promise<boolean> {
  const reason = whyNotAnalysed(record);
  // Versions before this list opened cases for such scans: those stay
  if (reason !== undefined && (await tx.casesOfScan(scan.id)).length === 0) {
    await tx.putNotAnalysed(scan, reason);
    return false;
  }
  await tx.removeNotAnalysed(scan.id);
  return !isRadiationOnly(record);
}

/** What the cases of a scan speak of: a newer revision that is under way or failed does not hide the last good one. */
async function newestAnalysed(tx: Tx<'revisions'>, scanId: string): Promise<number | undefined> {
  return (await tx.revisions(scanId)).filter(({ state }) => scanStates[state].due === 'triage').at(-1)
    ?.revision;
}

export type TriageUnitTx = StoreCaseTx &
  CasePolicyTx &
  Tx<'lockCase' | 'analyses' | 'queue' | 'declarationsByContainer'>;

export interface TriageUnitDeps {
  readonly objects: ObjectWrites;
  readonly clock: Clock;
  readonly policy: TriagePolicy;
  readonly lane: LaneTarget | undefined;
}

async function triageUnit(
  deps: TriageUnitDeps,
  tx: TriageUnitTx,
  scan: ScanRow,
  revision: RevisionRow,
  record: NiiScan,
  unit: InspectionUnit,
): Promise<void> {
  const id = caseIdOf(scan.id, unit.id);
  const current = await tx.lockCase({ administration: scan.administration, site: scan.site }, id);
  const before = { unitId: unit.id, ...defined({ controls: current?.controls }) };
  const controls = await conditionsOf(tx, { scan, record }, before, deps.policy);
  const seen = await evidenceFor(tx, scan, revision, record, unit);
  const evidence = { ...seen, ...defined({ controls }) };
  const next =
    current === undefined ? opened(deps, scan, unit, evidence) : await updated(deps, tx, current, evidence);
  if (next !== current) await storeCase(deps, tx, current, next);
  if (current === undefined) await linkEarlier(deps, tx, next);
}

export interface LinkEarlierDeps {
  readonly objects: ObjectWrites;
  readonly clock: Clock;
  readonly lane: LaneTarget | undefined;
}

/** Earlier cases of the same container at this site that wait for a new scan: this is it. */
async function linkEarlier(
  deps: LinkEarlierDeps,
  tx: StoreCaseTx & Tx<'lockCase' | 'queue'>,
  opened: Case,
): Promise<void> {
  const { administration, site, container, scanId } = opened;
  if (container === undefined) return;
  const scope = { administration, site };
  const { rows } = await tx.queue(scope, { states: ['decided'], container }, EARLIER_CASES);
  for (const { id } of rows.filter(awaitsScanAgain)) {
    const earlier = await tx.lockCase(scope, id);
    if (earlier === undefined || !awaitsScanAgain(earlier) || earlier.scanId === scanId) continue;
    const move = systemMove(deps.clock.now());
    await storeCase(deps, tx, earlier, linkScanAgain(earlier, scanId, move));
  }
}

function opened(
  deps: { readonly policy: TriagePolicy },
  scan: ScanRow,
  unit: InspectionUnit,
  evidence: Evidence,
): Case {
  const { administration, site, id: scanId, receivedAt: openedAt } = scan;
  const id = caseIdOf(scanId, unit.id);
  return openCase(
    {
      id,
      administration,
      site,
      scanId,
      unitId: unit.id,
      revision: evidence.revision,
      openedAt,
      tag: newTag(),
    },
    evidence,
    deps.policy,
  );
}

async function updated(
  deps: { readonly clock: Clock; readonly policy: TriagePolicy },
  tx: CasePolicyTx,
  current: Case,
  evidence: Evidence,
): Promise<Case> {
  const move = systemMove(deps.clock.now());
  const next = withEvidence(current, evidence, deps.policy, move);
  return followControls(next, await casePolicyOf(tx, next, deps.policy), move);
}

async function evidenceFor(
  tx: Tx<'analyses' | 'declarationsByContainer'>,
  scan: ScanRow,
  revision: RevisionRow,
  record: NiiScan,
  unit: InspectionUnit,
): Promise<Evidence> {
  const analyses = (await tx.analyses(scan.id, revision.revision)).map((row) => row.analysis);
  const containers = unit.containers.map((container) => container.value);
  const declared = await tx.declarationsByContainer(placeOf(scan), containers);
  const joined = declared.filter((declaration) => isOfTime(declaration, scan));
  const container = containers[0];
  return {
    revision: revision.revision,
    completeness: record.completeness,
    ...scoreOf(analyses, unit.id),
    ...defined({ isOfWholePicture: record.units.length > 1 && unit.extent === undefined ? true : undefined }),
    ...declaredRisk(joined),
    ...declaredGoods(joined),
    ...defined({ container }),
  };
}

/**
 * The highest percentile of any model that looked, of equal ones that of the first id; without one, why none did. A
 * model that did not look beside one that did moves nothing: its analysis says why.
 */
function scoreOf(
  analyses: readonly Analysis[],
  unitId: string,
): Pick<Evidence, 'percentile' | 'load' | 'loadPercentile' | 'model' | 'modelsLooked' | 'notAnalysed'> {
  const scores = analyses.flatMap((analysis) =>
    analysis.units
      .filter((unit) => unit.unitId === unitId)
      .map((unit) => ({
        percentile: unit.anomalyPercentile,
        ...defined({ load: unit.load, loadPercentile: unit.loadPercentile }),
        model: nameOf(analysis),
      })),
  );
  const best = scores.toSorted((a, b) => b.percentile - a.percentile)[0];
  if (best === undefined) return { notAnalysed: whyNone(analyses) };
  return { ...best, ...defined({ modelsLooked: scores.length > 1 ? scores.length : undefined }) };
}

/** Of several models each reason with its model. */
function whyNone(analyses: readonly Analysis[]): string {
  const silent = analyses.filter(({ reason }) => reason !== undefined);
  const [first] = silent;
  if (first?.reason === undefined) return 'no model is installed';
  if (silent.length === 1) return first.reason;
  return silent.map((one) => `${nameOf(one)}: ${one.reason}`).join('; ');
}

function nameOf({ model }: Pick<Analysis, 'model'>): string {
  return `${model.id}@${model.version}`;
}

/** Declarations of another site say nothing of a scan of this one. */
function placeOf({ administration, site }: ScanRow): Scope {
  return { administration, site };
}

function declaredRisk(
  declarations: readonly Declaration[],
): Pick<Evidence, 'declaredRisk' | 'declarationReasons'> {
  const rated = declarations.flatMap(({ body }) =>
    body.selectivity === undefined ? [] : [body.selectivity],
  );
  const highest = rated.sort((a, b) => b.score - a.score)[0];
  if (highest === undefined) return { declarationReasons: [] };
  return { declaredRisk: highest.score, declarationReasons: highest.reasons ?? [] };
}

/** Which declarations joined, and what they declare; a case that none joined carries neither. */
function declaredGoods(joined: readonly Declaration[]): Pick<Evidence, 'declarations' | 'declared'> {
  if (joined.length === 0) return {};
  return { declarations: joined.map(({ ref }) => ref), declared: inWords(joined.map(({ body }) => body)) };
}

/** Brings a changed declaration to every scan of its containers, old and new. */
export interface RejoinDeps {
  readonly jobs: JobEnds<Tx<'scansByContainer' | 'revisions' | 'enqueue' | 'documentInForce'>>;
  readonly policy: TriagePolicy;
  readonly lane: LaneTarget | undefined;
}

export async function rejoinDeclaration(
  deps: RejoinDeps,
  job: ClaimedJob<'rejoin-declaration'>,
): Promise<void> {
  const { administration, ref, version, containers } = job.payload;
  await deps.jobs.complete(job, async (tx) => {
    const scans = await tx.scansByContainer(
      administration,
      containers,
      '0001-01-01T00:00:00.000Z',
      '9999-12-31T00:00:00.000Z',
    );
    const { controls = [] } = await policyOf(tx, administration, deps.policy);
    const toldLane = controls.length > 0 && deps.lane !== undefined;
    for (const scan of scans) {
      if (toldLane) await tx.enqueue(jobs.notifyLaneOfMark(scan.id, `declaration ${ref}`, version));
      const analysed = await newestAnalysed(tx, scan.id);
      if (analysed === undefined) continue;
      await tx.enqueue(jobs.triage({ id: scan.id, revision: analysed }, `declaration:${ref}:${version}`));
    }
  });
}
