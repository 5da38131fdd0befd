import type { Analysis } from '../core/case/finding.ts';
import { isNiiError, isTransient, problemOf } from '../core/errors.ts';
import type { JobEnds } from '../core/ports/jobs.ts';
import type { Clock } from '../core/ports/process.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Transactions } from '../core/ports/transactions.ts';
import type { ClaimedJob } from '../core/rows/job.ts';
import type { NiiScan } from '../core/scan/scan.ts';
import type { RevisionRow } from '../core/scan/stored-scan.ts';
import { notAnalysed } from '../infer/analysis.ts';
import { shadowModels } from '../infer/installed/chosen.ts';
import type { InstalledModel } from '../infer/installed/shelf.ts';
import { modelChoiceDocument } from '../stored/document-kinds.ts';
import type { CabTx } from '../stored/rules.ts';
import { type Models, type RunModelDeps, runModel } from './analysis/run-models.ts';

export interface ShadowDeps extends RunModelDeps {
  readonly records: Transactions<Tx<'scanById' | 'objectsOf' | 'revision' | 'documentsInForce'> & CabTx>;
  readonly jobs: JobEnds<Tx<'putShadow'>>;
  readonly clock: Clock;
  readonly models: Pick<Models, 'model'>;
}

/**
 * What versions in shadow say of a revision that was analysed. It is kept apart: no case, report, queue or answer of a
 * scan reads it. A version that fails says that it failed, and changes nothing else.
 */
export async function shadowRevision(
  deps: ShadowDeps,
  job: ClaimedJob,
  scanId: string,
  revision: number,
): Promise<void> {
  const { row, administration, choices } = await deps.records.transaction(async (tx) => ({
    row: await tx.revision(scanId, revision),
    administration: (await tx.scanById(scanId))?.administration ?? '',
    choices: await tx.documentsInForce(modelChoiceDocument),
  }));
  const said: Analysis[] = [];
  for (const chosen of shadowModels(choices, administration)) {
    const model = await deps.models.model(chosen);
    if (model === undefined || row?.scan === undefined) continue;
    said.push(await sayOrFail(deps, row, row.scan, model));
  }
  const at = deps.clock.now().toISOString();
  await deps.jobs.complete(job, async (tx) => {
    for (const analysis of said) await tx.putShadow({ scanId, revision, administration, at, analysis });
  });
}

async function sayOrFail(
  deps: RunModelDeps,
  row: RevisionRow,
  scan: NiiScan,
  model: InstalledModel,
): Promise<Analysis> {
  try {
    return (await runModel(deps, row, scan, model)).analysis;
  } catch (error) {
    if (isTransient(error) || !isNiiError(error)) throw error;
    return notAnalysed(model.pkg.manifest, problemOf(error).code);
  }
}
