import type { KnownModel } from '../rules/model-choice.ts';

/** The packages in the folders of models, and their tests. */
export interface TestedModels {
  readonly known: readonly KnownModel[];
  /** Looks into the folders again if it is not known. */
  find(id: string, version: string): Promise<KnownModel | undefined>;
  /** Looks into the folders again, for what was added meanwhile. */
  refresh(): Promise<void>;
  /**
   * Loads the model, runs it once on zeros and repeats its recorded runs.
   * @throws NII_MODEL_GOLDEN, NII_MODEL_UNKNOWN, NII_MODEL_INVALID, NII_MODEL_FAILED
   */
  test(model: KnownModel): Promise<void>;
}
