import type { Analysis } from '../../core/case/finding.ts';
import { defined } from '../../core/defined.ts';
import { type ErrorCode, isNiiError, isTransient, NiiError, problemOf } from '../../core/errors.ts';
import type { Limits } from '../../core/limits.ts';
import { type StepMetrics, secondsSince } from '../../core/ports/metrics.ts';
import type { Clock, Log } from '../../core/ports/process.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { Transactions } from '../../core/ports/transactions.ts';
import type { ClaimedJob } from '../../core/rows/job.ts';
import type { CabBand } from '../../core/scan/cab.ts';
import { channelKinds } from '../../core/scan/channel-kinds.ts';
import type { PlaneSources } from '../../core/scan/plane-source.ts';
import type { NiiScan } from '../../core/scan/scan.ts';
import type { RevisionRow } from '../../core/scan/stored-scan.ts';
import { analyseScan } from '../../infer/analyse.ts';
import { notAnalysed } from '../../infer/analysis.ts';
import { chooseModels, MOST_MODELS } from '../../infer/choose.ts';
import { activeModels, type ChosenModel, isInUse } from '../../infer/installed/chosen.ts';
import type { InstalledModel, ModelShelf } from '../../infer/installed/shelf.ts';
import type { ModelManifest } from '../../infer/manifest.ts';
import { MOST_OWN } from '../../infer/reference.ts';
import type { TensorOptions } from '../../infer/tensor.ts';
import { type ConverterPackage, findConverter } from '../../recognise/registry.ts';
import { modelChoiceDocument } from '../../stored/document-kinds.ts';
import { type CabTx, cabOf } from '../../stored/rules.ts';
import { type PlaneCache, type WantedPlanes, type WithPlanesDeps, withPlanes } from '../stored-planes.ts';
import type { AnalysisOutcome, ModelResultCache } from './model-result-cache.ts';

/** After this many failures the scan goes to the analysts without a score, and says so. */
const MODEL_ATTEMPTS = 3;
/** Why a model gave no analysis, where more can be said than that it failed. */
const failureReasons: { readonly [Code in ErrorCode]?: string } = {
  NII_CORRUPT: 'stored samples are damaged',
  NII_MODEL_GOLDEN: 'the model does not reproduce its recorded outputs',
  NII_MODEL_OUTPUT: 'the model returned no usable output for this scan',
  NII_MODEL_TIMEOUT: 'the model did not finish this scan in time',
  NII_MODEL_MEMORY: 'the model needed too much memory for this scan',
};
/** Started so often without an end, it is the run itself that takes the worker down. */
export const STARTED_ATTEMPTS = 25;

/** The models of this process, as far as a step uses them. */
export type Models = Pick<ModelShelf, 'known' | 'model' | 'want'>;

export interface ChooseAndRunDeps extends WithPlanesDeps {
  readonly clock: Clock;
  readonly atHand: PlaneCache;
  readonly records: Transactions<Tx<'scanById' | 'objectsOf' | 'documentsInForce' | 'scoresOfScanner'>>;
  readonly models: Models;
  readonly metrics: StepMetrics;
  readonly log: Log;
}

/** What every model said that fits, the leading one first, and after them which ones should have looked and did not. */
export async function chooseAndRun(
  deps: ChooseAndRunDeps,
  job: ClaimedJob,
  {
    row,
    scan,
    options,
    said,
  }: Pick<ModelRun, 'row' | 'scan' | 'options'> & { readonly said: ModelResultCache },
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
    analysis: notAnalysed(
      manifest,
      `${MOST_MODELS} other models already analyse this scan, which is the limit`,
    ),
  }));
  const outcomes = await withPlanes(deps, row, scan, seenByModels(deps.atHand), async (planes) => {
    const outcomes: AnalysisOutcome[] = [];
    for (const { model } of choice.models) {
      const run = { row, scan, options, model, planes };
      outcomes.push(await said.once(run, model.pkg.manifest, () => runNow(deps, job, run)));
    }
    return outcomes;
  });
  return [...outcomes, ...missing, ...tooMany];
}

async function runNow(
  deps: RunOrSayWhyNotDeps & { readonly clock: Clock },
  job: ClaimedJob,
  run: Omit<ModelRun, 'ownScores'>,
): Promise<AnalysisOutcome> {
  const { analysis, ...more } = await runOrSayWhyNot(deps, job, run);
  return { ...more, analysis: { ...analysis, decidedAt: deps.clock.now().toISOString() } };
}

export interface RunOrSayWhyNotDeps extends RunOnPlanesDeps {
  readonly records: Transactions<Tx<'scoresOfScanner'>>;
  readonly metrics: StepMetrics;
  readonly log: Log;
}

/**
 * What the model said, or after its last attempt why it said nothing: the scan goes on with the other models.
 * @throws what makes the job run again, with the models that have not said anything yet
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
  readonly records: Transactions<Tx<'scanById' | 'documentsInForce'>>;
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
    choices: await tx.documentsInForce(modelChoiceDocument),
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
  readonly atHand: PlaneCache;
  readonly records: Transactions<Tx<'scanById' | 'objectsOf'> & CabTx>;
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

function seenByModels(atHand: PlaneCache): WantedPlanes {
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
export async function optionsOf(
  deps: {
    readonly records: Transactions<Tx<'scanById'> & CabTx>;
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
  { records }: { readonly records: Transactions<Tx<'scanById'> & CabTx> },
  row: RevisionRow,
): Promise<readonly CabBand[]> {
  return records.transaction(async (tx) => {
    const scan = await tx.scanById(row.scanId);
    if (scan === undefined) throw new NiiError('NII_INTERNAL', `revision without scan ${row.scanId}`);
    const { policy, bands } = await cabOf(tx, scan, row);
    return policy === 'masked-and-left-out' ? bands : [];
  });
}
