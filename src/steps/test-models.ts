import { isNiiError, problemOf } from '../core/errors.ts';
import type { Log } from '../core/ports/process.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Transactions } from '../core/ports/transactions.ts';
import { isInUse } from '../infer/installed/chosen.ts';
import { knownOf, type ModelShelf } from '../infer/installed/shelf.ts';
import { modelChoiceDocument } from '../stored/document-kinds.ts';

export interface TestModelsDeps {
  readonly records: Transactions<Tx<'documentsInForce'>>;
  readonly models: Pick<ModelShelf, 'known' | 'installed'>;
  readonly log: Log;
}

/**
 * Repeats the recorded runs of each model that an administration may need, so that a fault is told at the start and not by
 * the first scan. A model that cannot be opened here is tried again by the scan that needs it. Ends with the signal.
 */
export async function testModels(
  { records, models, log }: TestModelsDeps,
  signal: AbortSignal,
): Promise<void> {
  try {
    const choices = await records.transaction((tx) => tx.documentsInForce(modelChoiceDocument));
    const isWanted = isInUse(models, choices);
    for (const { pkg, test } of models.installed) {
      if (signal.aborted) return;
      if (!pkg.isRecorded || !isWanted(knownOf(pkg))) continue;
      const { id, version } = pkg.manifest;
      await test().catch((err: unknown) => {
        // the shelf has told of it
        if (isNiiError(err, 'NII_MODEL_GOLDEN') || signal.aborted) return;
        log.warn({ model: `${id}@${version}`, code: problemOf(err).code, err }, 'model not tested');
      });
    }
  } catch (err) {
    if (!signal.aborted) log.warn({ code: problemOf(err).code, err }, 'models not tested');
  }
}
