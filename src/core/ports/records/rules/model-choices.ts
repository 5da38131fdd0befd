import type { KnownModel, ModelHistory, StoredModelChoice } from '../../../rules/model-choice.ts';

/** For the service itself, never for a request. */
export interface AllModelChoices {
  /** What counts now, of every administration. */
  modelChoicesInForce(): Promise<readonly StoredModelChoice[]>;
}

export interface ModelChoices {
  /** All versions of what an administration chose, by model and in rising order; of one model, or of all. */
  modelChoices(administration: string, model?: string): Promise<ModelHistory>;
}

export interface ModelChoiceWrites {
  /** @throws NII_CONFLICT where the version is there */
  putModelChoice(value: StoredModelChoice): Promise<void>;
}

/** A version that some process of the service has found in its folders. */
export interface RegisteredModel extends KnownModel {
  /** When it was first found. */
  readonly at: string;
}

export interface ModelRegister {
  registeredModels(): Promise<readonly RegisteredModel[]>;
  /**
   * Notes versions that are new.
   * @returns those that were known with other bytes: from now on they are known with these
   */
  registerModels(found: readonly RegisteredModel[]): Promise<readonly KnownModel[]>;
}
