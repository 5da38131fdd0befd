import type { Tensor, TensorInfo } from '../../core/ports/inference.ts';
import type { ModelManifest } from '../manifest.ts';

/** What a model file declares, and what the package says of it: what an adapter is recognised by. */
export interface Signature {
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
}

/** One image's outputs in the model's pixels; further kinds (boxes, classes) join as their adapters come. */
export interface AnomalyMap {
  readonly kind: 'anomaly-map';
  readonly rows: number;
  readonly columns: number;
  readonly map: Float32Array;
}

/** Reads one family of exports. Pure: the same tensors give the same answer. */
export interface OutputAdapter {
  readonly name: ModelManifest['output']['adapter'];
  readonly task: ModelManifest['task'];
  /** Why these tensors are not of this family, or undefined when they are. */
  mismatch(signature: Signature, manifest: ModelManifest): string | undefined;
  /** @throws NII_MODEL_FAILED when the outputs are not what the file declared */
  read(
    outputs: Readonly<Record<string, Tensor>>,
    manifest: ModelManifest,
    size: { readonly rows: number; readonly columns: number },
  ): AnomalyMap;
}
