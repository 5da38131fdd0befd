import type { KnownModel } from '../rules/model-choice.ts';

export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** A tensor as a model file declares it: element type, and per axis a length or the name of a free one. */
export interface TensorInfo {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly (number | string)[];
}

/** One loaded model; runs never block the caller's thread. */
export interface ModelRunner {
  run(input: Readonly<Record<string, Tensor>>, timeoutMs: number): Promise<Readonly<Record<string, Tensor>>>;
  close(): Promise<void>;
}

/** A runner with what its model file declares. */
export interface LoadedModel extends ModelRunner {
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
}

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
