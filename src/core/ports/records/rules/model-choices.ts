import type { KnownModel } from '../../../rules/model-choice.ts';

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
