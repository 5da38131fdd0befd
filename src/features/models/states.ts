import type { Actor } from '../../core/access.ts';
import { NiiError } from '../../core/errors.ts';
import type { TestedModels } from '../../core/ports/inference.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { Transactions } from '../../core/ports/transactions.ts';
import {
  type KnownModel,
  type ModelHistory,
  type ModelState,
  stateOfModel,
} from '../../core/rules/model-choice.ts';
import { type Viewing, viewed } from '../../queries/read.ts';
import { modelChoiceDocument } from '../../stored/document-kinds.ts';

/** What each version that is installed is to the caller's administration. Says nothing of any scan: not audited. */
export async function modelStates(
  {
    records,
    models,
  }: {
    readonly records: Transactions<Tx<'documentHistory'>>;
    readonly models: Pick<TestedModels, 'known'>;
  },
  { administration }: Actor,
): Promise<(model: KnownModel) => ModelState> {
  const history = await records.transaction((tx) =>
    tx.documentHistory(modelChoiceDocument, [administration]),
  );
  const { known } = models;
  return (one) =>
    stateOfModel(
      one,
      known,
      history.filter(({ model }) => model === one.id),
    );
}

export interface ModelView {
  readonly id: string;
  readonly versions: readonly (KnownModel & { readonly state: ModelState })[];
  readonly history: ModelHistory;
}

/** One model: what is installed of it, what is chosen, and what waits for a second person. @throws NII_NOT_FOUND */
export async function getModel(
  deps: Viewing<Tx<'documentHistory'>> & {
    readonly models: Pick<TestedModels, 'known' | 'refresh'>;
  },
  actor: Actor,
  id: string,
): Promise<ModelView> {
  await deps.models.refresh();
  return viewed(deps, actor, 'model', id, {}, async (tx) => {
    const history = await tx.documentHistory(modelChoiceDocument, [actor.administration, id]);
    return viewOf(deps.models, id, history);
  });
}

/** @throws NII_NOT_FOUND for a model that is neither installed nor was ever chosen */
export function viewOf({ known }: Pick<TestedModels, 'known'>, id: string, history: ModelHistory): ModelView {
  const versions = known.filter((one) => one.id === id);
  if (versions.length === 0 && history.length === 0)
    throw new NiiError('NII_NOT_FOUND', `Unknown model "${id}"`);
  return {
    id,
    versions: versions.map((one) => ({ ...one, state: stateOfModel(one, known, history) })),
    history,
  };
}
