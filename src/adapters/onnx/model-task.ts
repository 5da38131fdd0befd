import type { Tensor, TensorInfo } from '../../core/ports/inference.ts';

/** What the process of a model is asked: first to load it, then one run after the other. */
export type ModelTask =
  | { readonly kind: 'load'; readonly file: string; readonly threads: number }
  | { readonly kind: 'run'; readonly input: Readonly<Record<string, Tensor>> };

/** The answer to `load`. */
export interface Declarations {
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
}

/** The answer to `run`. */
export type ModelOutput = Readonly<Record<string, Tensor>>;

export function readDeclarations(value: unknown): Declarations | undefined {
  if (!isRecord(value) || !Array.isArray(value.inputs) || !Array.isArray(value.outputs)) return undefined;
  const { inputs, outputs } = value;
  return inputs.every(isTensorInfo) && outputs.every(isTensorInfo) ? { inputs, outputs } : undefined;
}

export function readOutput(value: unknown): ModelOutput | undefined {
  if (!isRecord(value)) return undefined;
  const tensors = Object.entries(value).flatMap(([name, tensor]) =>
    isTensor(tensor) ? [[name, tensor]] : [],
  );
  return tensors.length === Object.keys(value).length ? Object.fromEntries(tensors) : undefined;
}

function isTensorInfo(value: unknown): value is TensorInfo {
  return (
    isRecord(value) &&
    typeof value.name === 'string' &&
    typeof value.type === 'string' &&
    Array.isArray(value.shape)
  );
}

function isTensor(value: unknown): value is Tensor {
  return isRecord(value) && value.data instanceof Float32Array && Array.isArray(value.shape);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
