import type { CabBand } from '../core/cab/cab.ts';
import type { Analysis } from '../core/case/finding.ts';
import { defined } from '../core/defined.ts';
import { type ErrorCode, isNiiError, isTransient, NiiError, problemOf } from '../core/errors.ts';
import { keys } from '../core/keys.ts';
import type { Limits } from '../core/limits.ts';
import type { JobEnds, JobQueue } from '../core/ports/jobs.ts';
import { type StepMetrics, secondsSince } from '../core/ports/metrics.ts';
import type { ObjectReads, ObjectWrites } from '../core/ports/objects.ts';
import type { Clock, Log } from '../core/ports/process.ts';
import type { AnalysisWrites, ScannerScores } from '../core/ports/records/analyses.ts';
import type { ChangeWrites } from '../core/ports/records/changes.ts';
import type { InstanceIndex } from '../core/ports/records/instances.ts';
import type { ObjectRows, ObjectRowWrites } from '../core/ports/records/object-rows.ts';
import type { Revisions, RevisionWrites } from '../core/ports/records/revisions.ts';
import type { AllModelChoices } from '../core/ports/records/rules/model-choices.ts';
import type { AllScans, ScanWrites } from '../core/ports/records/scans.ts';
import type { Transactions } from '../core/ports/transactions.ts';
import { isRadiationOnly } from '../core/radiation/radiation.ts';
import type { ClaimedJob } from '../core/rows/job.ts';
import { channelKinds } from '../core/scan/channel-kinds.ts';
import type { PlaneSources } from '../core/scan/plane-source.ts';
import { channelsOf, type NiiScan, planeKey } from '../core/scan/scan.ts';
import { scanStates } from '../core/scan/scan-states.ts';
import type { RevisionRow } from '../core/scan/stored-scan.ts';
import { encodeTdr } from '../format/dicos/tdr.ts';
import { greyPng } from '../format/preview.ts';
import { analyseScan } from '../infer/analyse.ts';
import { notAnalysed } from '../infer/analysis.ts';
import { chooseModels, MOST_MODELS } from '../infer/choose.ts';
import { activeModels, type ChosenModel, isInUse, shadowModels } from '../infer/installed/chosen.ts';
import type { InstalledModel, ModelShelf } from '../infer/installed/shelf.ts';
import type { ModelManifest } from '../infer/manifest.ts';
import { MOST_OWN } from '../infer/reference.ts';
import type { TensorOptions } from '../infer/tensor.ts';
import { type ConverterPackage, findConverter } from '../recognise/registry.ts';
import { instancesOfObjects } from '../stored/instance-heads.ts';
import { indexInstances } from '../stored/instances.ts';
import { jobs } from '../stored/job-ids.ts';
import type { Derived } from '../stored/object-row.ts';
import { dicosReferences } from '../stored/reports.ts';
import { type CabTx, cabOf } from '../stored/rules.ts';
import { idsOf } from './convert.ts';
import { checkEmptiness } from './emptiness.ts';
import type { PlanesAtHand } from './planes-at-hand.ts';
import { readStoredAnalysis, type StoredAnalysis, storeAnalysed } from './stored-analysis.ts';
import { type WantedPlanes, type WithPlanesDeps, withPlanes } from './stored-planes.ts';

/** After so many failures the scan goes to the analysts without a score, and says so. */
const MODEL_ATTEMPTS = 3;
/** Why a model gave no analysis, where more can be said than that it failed. */
const failureReasons: { readonly [Code in ErrorCode]?: string } = {
  NII_CORRUPT: 'stored samples are damaged',
  NII_MODEL_GOLDEN: 'the model does not repeat its recorded outputs',
  NII_MODEL_OUTPUT: 'the model gave no usable output on this scan',
  NII_MODEL_TIMEOUT: 'the model did not end in time on this scan',
  NII_MODEL_MEMORY: 'the model needed too much memory on this scan',
};
/** Started so often without an end, it is the run itself that takes the worker down. */
const STARTED_ATTEMPTS = 25;

interface AnalysisOutcome {
  readonly analysis: Analysis;
  readonly map?: { readonly rows: number; readonly columns: number; readonly bytes: Uint8Array };
}

/** The models of this process, as far as a step uses them. */
export type Models = Pick<ModelShelf, 'known' | 'model' | 'want'>;

export interface AnalyseRevisionDeps {
  readonly clock: Clock;
  readonly records: Transactions<
    AllScans &
      Revisions &
      ObjectRows &
      ObjectRowWrites &
      InstanceIndex &
      CabTx &
      AllModelChoices &
      ScannerScores
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
  atHand: PlanesAtHand,
): Promise<void> {
  const row = await deps.records.transaction((tx) => tx.revision(scanId, revision));
  if (row?.scan === undefined || scanStates[row.state].due !== 'analyse')
    return deps.jobs.complete(job, async () => {});
  // A record of a portal has no image, so no model analyses it and no report claims that one did
  if (isRadiationOnly(row.scan))
    return commitAnalysed(deps, job, row, await storeAnalysed(deps, row, [], []));
  const kept = await readStoredAnalysis(deps, row);
  const stored = kept ?? (await analyseAnew({ ...deps, atHand }, job, row, row.scan));
  await commitAnalysed(deps, job, row, stored);
}

export interface AnalyseAnewDeps extends ChooseAndRunDeps {
  readonly converters: readonly ConverterPackage[];
  readonly records: Transactions<
    AllScans & ObjectRows & ObjectRowWrites & InstanceIndex & CabTx & AllModelChoices & ScannerScores
  >;
  readonly objects: ObjectReads & ObjectWrites;
}

/** Decided now, for good: a step that is repeated says the same once this is stored. */
async function analyseAnew(
  deps: AnalyseAnewDeps,
  job: ClaimedJob,
  row: RevisionRow,
  scan: NiiScan,
): Promise<StoredAnalysis> {
  // a check that took the worker down again and again is left out, as such a model is
  const isTried = job.attempts <= STARTED_ATTEMPTS;
  const options = await optionsOf(deps, row, scan);
  const emptiness = isTried ? await checkEmptiness(deps, row, scan, options) : undefined;
  const outcomes: AnalysisOutcome[] = [];
  const said = await chooseAndRun(deps, job, { row, scan, options });
  for (const [place, { analysis, ...more }] of said.entries()) {
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

export interface ChooseAndRunDeps extends WithPlanesDeps {
  readonly clock: Clock;
  readonly atHand: PlanesAtHand;
  readonly records: Transactions<AllScans & ObjectRows & AllModelChoices & ScannerScores>;
  readonly models: Models;
  readonly metrics: StepMetrics;
  readonly log: Log;
}

/** What every model said that fits, the leading one first, and after them which ones should have looked and did not. */
async function chooseAndRun(
  deps: ChooseAndRunDeps,
  job: ClaimedJob,
  { row, scan, options }: Pick<ModelRun, 'row' | 'scan' | 'options'>,
): Promise<readonly AnalysisOutcome[]> {
  const { models, absent } = await modelsInForce(deps, row);
  const choice = chooseModels(
    scan,
    models.map((model) => ({ model, manifest: model.pkg.manifest })),
  );
  const missing = absent.map((model) => ({ analysis: notAnalysedByAbsent(model) }));
  if ('reason' in choice)
    return missing.length > 0
      ? missing
      : [{ analysis: notAnalysedBy(choice.reason, choice.nearest?.manifest) }];
  const tooMany = choice.tooMany.map(({ manifest }) => ({
    analysis: notAnalysed(manifest, `${MOST_MODELS} other models look at this scan, which is the most`),
  }));
  const outcomes = await withPlanes(deps, row, scan, seenByModels(deps.atHand), async (planes) => {
    const said: AnalysisOutcome[] = [];
    for (const { model } of choice.models) {
      const { analysis, ...more } = await runOrSayWhyNot(deps, job, { row, scan, options, model, planes });
      said.push({ ...more, analysis: { ...analysis, decidedAt: deps.clock.now().toISOString() } });
    }
    return said;
  });
  return [...outcomes, ...missing, ...tooMany];
}

export interface RunOrSayWhyNotDeps extends RunOnPlanesDeps {
  readonly records: Transactions<ScannerScores>;
  readonly metrics: StepMetrics;
  readonly log: Log;
}

/**
 * What the model said, or after its last attempt why it said nothing: the scan goes on with the other models.
 * @throws what makes the job run again, with every model
 */
async function runOrSayWhyNot(
  deps: RunOrSayWhyNotDeps,
  job: ClaimedJob,
  run: Omit<ModelRun, 'ownScores'>,
): Promise<AnalysisOutcome> {
  const { scanId, revision } = run.row;
  const { manifest } = run.model.pkg;
  if (job.attempts > STARTED_ATTEMPTS) return { analysis: notAnalysed(manifest, 'the model never ended') };
  const started = performance.now();
  try {
    const ownScores = await deps.records.transaction((tx) => tx.scoresOfScanner(scanId, manifest, MOST_OWN));
    const analysed = await runOnPlanes(deps, { ...run, ownScores });
    deps.metrics.inferred(manifest, 'done', secondsSince(started));
    return analysed;
  } catch (error) {
    const isLeftOut = isNiiError(error, 'NII_MODEL_GOLDEN');
    const isRetried = isTransient(error) || (!isLeftOut && job.attempts < MODEL_ATTEMPTS);
    deps.metrics.inferred(manifest, isRetried ? 'retried' : 'failed', secondsSince(started));
    if (isRetried) throw error;
    const { code } = problemOf(error);
    deps.metrics.failed('analyse', code);
    const reason = failureReasons[code] ?? 'the model failed on this scan';
    const model = `${manifest.id}@${manifest.version}`;
    deps.log.error({ scanId, revision, model, code, err: error }, 'scan not analysed');
    return { analysis: notAnalysed(manifest, reason) };
  }
}

export interface ModelsInForceDeps {
  readonly records: Transactions<AllScans & AllModelChoices>;
  readonly models: Models;
  readonly log: Log;
}

/**
 * The models that score the scans of its administration, as it was decided when this scan began; the others are closed
 * after their last run. Those in `absent` were activated and do not lie in the folders of this process.
 */
async function modelsInForce(
  { records, models, log }: ModelsInForceDeps,
  { scanId }: Pick<RevisionRow, 'scanId'>,
): Promise<{ readonly models: readonly InstalledModel[]; readonly absent: readonly ChosenModel[] }> {
  const { choices, administration } = await records.transaction(async (tx) => ({
    choices: await tx.modelChoicesInForce(),
    administration: (await tx.scanById(scanId))?.administration ?? '',
  }));
  const found: InstalledModel[] = [];
  const absent: ChosenModel[] = [];
  for (const chosen of activeModels(models, choices, administration)) {
    const model = await models.model(chosen);
    if (model !== undefined) found.push(model);
    else {
      absent.push(chosen);
      log.error({ model: `${chosen.id}@${chosen.version}` }, 'active model not installed');
    }
  }
  models.want(isInUse(models, choices));
  return { models: found, absent };
}

function notAnalysedByAbsent(model: ChosenModel): Analysis {
  const reason = `the active model ${model.id}@${model.version} is not installed here`;
  return { model, status: 'not-analysed', reason, units: [], findings: [], milliseconds: 0 };
}

/** The reason, in the name of the model that came nearest; without any, in the name of none. */
function notAnalysedBy(reason: string, nearest: ModelManifest | undefined): Analysis {
  if (nearest !== undefined) return notAnalysed(nearest, reason);
  const model = { id: 'none', version: '0', sha256: '0'.repeat(64) };
  return { model, status: 'not-analysed', reason, units: [], findings: [], milliseconds: 0 };
}

export interface RunModelDeps extends WithPlanesDeps {
  readonly atHand: PlanesAtHand;
  readonly records: Transactions<AllScans & ObjectRows & CabTx>;
  readonly converters: readonly ConverterPackage[];
}

/** One model on one scan, as the policy and the limits have it. @throws what the model or the store throws */
export async function runModel(
  deps: RunModelDeps,
  row: RevisionRow,
  scan: NiiScan,
  model: InstalledModel,
): Promise<AnalysisOutcome> {
  const options = await optionsOf(deps, row, scan);
  return withPlanes(deps, row, scan, seenByModels(deps.atHand), (planes) =>
    runOnPlanes(deps, { row, scan, options, model, planes, ownScores: [] }),
  );
}

function seenByModels(atHand: PlanesAtHand): WantedPlanes {
  return {
    isWanted: ({ kind }) => channelKinds[kind].isSeenByModels,
    atHand: (channel) => atHand.take(channel),
  };
}

interface ModelRun {
  readonly row: RevisionRow;
  readonly scan: NiiScan;
  readonly options: TensorOptions;
  readonly model: InstalledModel;
  readonly planes: () => Promise<PlaneSources>;
  /** Of the scanner; percentiles are taken from them as well. */
  readonly ownScores: readonly number[];
}

export interface RunOnPlanesDeps {
  readonly limits: Pick<Limits, 'inferSeconds'>;
}

async function runOnPlanes(
  deps: RunOnPlanesDeps,
  { scan, options, model, planes, ownScores }: ModelRun,
): Promise<AnalysisOutcome> {
  const sources = await planes();
  return model.use((runner) =>
    analyseScan(
      runner,
      { scan, planes: sources },
      { manifest: { ...model.pkg.manifest, ownScores } },
      {
        timeoutMs: deps.limits.inferSeconds * 1000,
        ...options,
      },
    ),
  );
}

/** What its converter assumes, and what nobody is to look at. */
async function optionsOf(
  deps: {
    readonly records: Transactions<AllScans & CabTx>;
    readonly converters: readonly ConverterPackage[];
  },
  row: RevisionRow,
  scan: NiiScan,
): Promise<TensorOptions> {
  const converter = findConverter(deps.converters, scan.converter.id);
  const assumedHeightMm = converter?.manifest.defaults?.assumedHeightMm;
  return { ...defined({ assumedHeightMm }), leftOut: await leftOutOf(deps, row) };
}

/** What models are not to see, as the policy says now. */
async function leftOutOf(
  { records }: { readonly records: Transactions<AllScans & CabTx> },
  row: RevisionRow,
): Promise<readonly CabBand[]> {
  return records.transaction(async (tx) => {
    const scan = await tx.scanById(row.scanId);
    if (scan === undefined) throw new NiiError('NII_INTERNAL', `revision without scan ${row.scanId}`);
    const { policy, bands } = await cabOf(tx, scan, row);
    return policy === 'masked-and-left-out' ? bands : [];
  });
}

async function derive(
  deps: { readonly records: Transactions<AllScans & ObjectRows & InstanceIndex> },
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
  deps: { readonly records: Transactions<AllScans & ObjectRows & InstanceIndex> },
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

export type CommitAnalysedTx = ScanWrites &
  Revisions &
  RevisionWrites &
  ObjectRowWrites &
  InstanceIndex &
  AnalysisWrites &
  AllModelChoices &
  JobQueue &
  ChangeWrites;

export interface CommitAnalysedDeps {
  readonly records: Transactions<AllScans>;
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
      shadowModels(await tx.modelChoicesInForce(), administration).length > 0
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
