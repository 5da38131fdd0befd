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
