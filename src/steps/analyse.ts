import { defined } from '../core/defined.ts';
import { NiiError } from '../core/errors.ts';
import type { Limits } from '../core/limits.ts';
import type { JobEnds } from '../core/ports/jobs.ts';
import type { StepMetrics } from '../core/ports/metrics.ts';
import type { ObjectReads, ObjectWrites } from '../core/ports/objects.ts';
import type { Clock, Log } from '../core/ports/process.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Transactions } from '../core/ports/transactions.ts';
import { isRadiationOnly } from '../core/radiation/radiation.ts';
import type { ClaimedJob } from '../core/rows/job.ts';
import type { NiiScan } from '../core/scan/scan.ts';
import { scanStates } from '../core/scan/scan-states.ts';
import type { RevisionRow } from '../core/scan/stored-scan.ts';
import { shadowModels } from '../infer/installed/chosen.ts';
import type { ConverterPackage } from '../recognise/registry.ts';
import { modelChoiceDocument } from '../stored/document-kinds.ts';
import { instancesOfObjects } from '../stored/instance-heads.ts';
import { indexInstances } from '../stored/instances.ts';
import { jobs } from '../stored/job-ids.ts';
import type { Derived } from '../stored/object-row.ts';
import type { CabTx } from '../stored/rules.ts';
import { derive } from './analysis/machine-report.ts';
import type { AnalysisOutcome, ModelResultCache } from './analysis/model-result-cache.ts';
import {
  type ChooseAndRunDeps,
  chooseAndRun,
  type Models,
  optionsOf,
  STARTED_ATTEMPTS,
} from './analysis/run-models.ts';
import { idsOf } from './convert.ts';
import { checkEmptiness } from './emptiness.ts';
import { readStoredAnalysis, type StoredAnalysis, storeAnalysed } from './stored-analysis.ts';
import type { PlaneCache } from './stored-planes.ts';

export interface AnalyseRevisionDeps {
  readonly clock: Clock;
  readonly records: Transactions<
    Tx<
      | 'scanById'
      | 'revision'
      | 'objectsOf'
      | 'object'
      | 'putObjects'
      | 'instancesOfScan'
      | 'documentsInForce'
      | 'scoresOfScanner'
    > &
      CabTx
  >;
  readonly jobs: JobEnds<CommitAnalysedTx>;
  readonly objects: ObjectReads & ObjectWrites;
  readonly limits: Limits;
  readonly converters: readonly ConverterPackage[];
  readonly models: Models;
  readonly stagingDir: string;
  readonly metrics: StepMetrics;
  readonly log: Log;
}

/** Runs every model that fits on a converted revision. If no model fits, the scan goes on with the reason. */
export async function analyseRevision(
  deps: AnalyseRevisionDeps,
  job: ClaimedJob,
  scanId: string,
  revision: number,
  { atHand, said }: { readonly atHand: PlaneCache; readonly said: ModelResultCache },
): Promise<void> {
  const row = await deps.records.transaction((tx) => tx.revision(scanId, revision));
  if (row?.scan === undefined || scanStates[row.state].due !== 'analyse')
    return deps.jobs.complete(job, async () => {});
  // A record of a portal has no image, so no model analyses it and no report claims that one did
  if (isRadiationOnly(row.scan))
    return commitAnalysed(deps, job, row, await storeAnalysed(deps, row, [], []));
  const kept = await readStoredAnalysis(deps, row);
  const stored = kept ?? (await analyseAnew({ ...deps, atHand }, job, { row, scan: row.scan, said }));
  said.forget(row);
  await commitAnalysed(deps, job, row, stored);
}

export interface AnalyseAnewDeps extends ChooseAndRunDeps {
  readonly converters: readonly ConverterPackage[];
  readonly records: Transactions<
    Tx<'scanById' | 'objectsOf' | 'putObjects' | 'instancesOfScan' | 'documentsInForce' | 'scoresOfScanner'> &
      CabTx
  >;
  readonly objects: ObjectReads & ObjectWrites;
}

/** Decided now, for good: a step that is repeated says the same once this is stored. */
async function analyseAnew(
  deps: AnalyseAnewDeps,
  job: ClaimedJob,
  { row, scan, said }: { readonly row: RevisionRow; readonly scan: NiiScan; readonly said: ModelResultCache },
): Promise<StoredAnalysis> {
  // a check that took the worker down again and again is left out, as such a model is
  const isTried = job.attempts <= STARTED_ATTEMPTS;
  const options = await optionsOf(deps, row, scan);
  const emptiness = isTried ? await checkEmptiness(deps, row, scan, options) : undefined;
  const outcomes: AnalysisOutcome[] = [];
  const found = await chooseAndRun(deps, job, { row, scan, options, said });
  for (const [place, { analysis, ...more }] of found.entries()) {
    const { decidedAt = deps.clock.now().toISOString(), ...words } = analysis;
    // it is of the scan and of no model, and stands once: with the leading one
    const ofScan = defined({ emptiness: place === 0 ? emptiness : undefined });
    outcomes.push({ ...more, analysis: { ...words, ...ofScan, decidedAt } });
  }
  const derived: Derived[] = [];
  for (const outcome of outcomes) derived.push(...(await derive(deps, row, scan, outcome)));
  const { scanId, revision } = row;
  const analyses = outcomes.map(({ analysis }) => analysis);
  for (const { model, status, milliseconds } of analyses) {
    const by = `${model.id}@${model.version}`;
    deps.log.info({ scanId, revision, model: by, status, ms: Math.round(milliseconds) }, 'scan analysed');
  }
  return storeAnalysed(deps, row, analyses, derived);
}

export type CommitAnalysedTx = Tx<
  | 'lockScan'
  | 'updateScan'
  | 'revision'
  | 'updateRevision'
  | 'putObjects'
  | 'putInstances'
  | 'instancesOfScan'
  | 'listInstances'
  | 'putAnalysis'
  | 'documentsInForce'
  | 'enqueue'
  | 'appendChange'
>;

export interface CommitAnalysedDeps {
  readonly records: Transactions<Tx<'scanById'>>;
  readonly jobs: JobEnds<CommitAnalysedTx>;
  readonly objects: ObjectReads;
}

async function commitAnalysed(
  deps: CommitAnalysedDeps,
  job: ClaimedJob,
  row: RevisionRow,
  { analyses, rows, manifest }: StoredAnalysis,
): Promise<void> {
  const instances = await instancesOfObjects(deps, await idsOf(deps, row), rows);
  await deps.jobs.complete(job, async (tx) => {
    const scan = await tx.lockScan(row.scanId);
    if (scan === undefined) throw new NiiError('NII_INTERNAL', `revision without scan ${row.scanId}`);
    await tx.updateRevision({ ...row, state: 'analysed' });
    if (scan.revision === row.revision) await tx.updateScan({ ...scan, state: 'analysed' });
    for (const analysis of analyses)
      await tx.putAnalysis({ scanId: row.scanId, revision: row.revision, analysis });
    await tx.putObjects([...rows, manifest]);
    await indexInstances(tx, row.scanId, instances);
    await tx.enqueue(jobs.triage({ id: row.scanId, revision: row.revision }, 'analysis'));
    const { administration, site } = scan;
    if (
      analyses.some(({ status }) => status === 'analysed') &&
      shadowModels(await tx.documentsInForce(modelChoiceDocument), administration).length > 0
    )
      await tx.enqueue(jobs.shadow(row.scanId, row.revision));
    await tx.appendChange({
      administration,
      site,
      kind: 'scan.analysed',
      subject: row.scanId,
      revision: row.revision,
    });
  });
}
