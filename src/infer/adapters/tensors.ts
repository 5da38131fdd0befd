import { NiiError } from '../../core/errors.ts';
import type { Tensor, TensorInfo } from '../../core/ports/inference.ts';
import type { ModelManifest } from '../manifest.ts';
import type { Signature } from './adapter.ts';

/** Whether a tensor is declared as float32 of this rank. */
export function isFloat(tensor: TensorInfo | undefined, rank: number): tensor is TensorInfo {
  return tensor?.type === 'float32' && tensor.shape.length === rank;
}

/** A free axis (a name, or 0 and less as some runtimes write it) takes any length. */
export function admits(axis: number | string | undefined, length: number): boolean {
  return typeof axis !== 'number' || axis <= 0 || axis === length;
}

export function tensorOf(tensors: readonly TensorInfo[], name: string): TensorInfo | undefined {
  return tensors.find((tensor) => tensor.name === name);
}

/** The one input, if it is an image of this rank: N x channels x height x width, or without N. */
export function onlyImage({ inputs }: Signature, rank: 3 | 4 = 4): TensorInfo | undefined {
  const [image, ...others] = inputs;
  return others.length === 0 && isFloat(image, rank) ? image : undefined;
}

/** Why the input is not what the package says, or undefined. @param besides - inputs that the family adds */
export function imageMismatch(
  { inputs }: Signature,
  { input, shape }: ModelManifest,
  { rank = 4, besides = 0 }: { readonly rank?: 3 | 4; readonly besides?: 0 | 1 } = {},
): string | undefined {
  if (inputs.length !== 1 + besides)
    return besides === 0 ? 'one input is expected' : 'two inputs are expected';
  const image = besides === 0 ? inputs[0] : tensorOf(inputs, input.name);
  if (image === undefined) return `there is no input '${input.name}'`;
  if (image.type !== 'float32' || image.shape.length !== rank)
    return `the input '${image.name}' is not float32 of rank ${rank}`;
  if (image.name !== input.name) return `the input is '${image.name}', but the package says '${input.name}'`;
  const [channels, height, width] = image.shape.slice(-3);
  if (!admits(channels, input.channels.length)) return 'the input has a different number of channels';
  return sizeMismatch([height, width], shape);
}

function sizeMismatch(
  [height, width]: readonly (number | string | undefined)[],
  shape: ModelManifest['shape'],
): string | undefined {
  if (shape.kind === 'buckets') {
    const fixed = [height, width].some((axis) => typeof axis === 'number' && axis > 0);
    return fixed ? 'the input has a fixed size; the shape must be tiles' : undefined;
  }
  const fits = admits(height, shape.height) && admits(width, shape.width);
  return fits
    ? undefined
    : `the input differs in size from the ${shape.kind === 'tiles' ? 'tiles' : 'shape'}`;
}

/** Why there is no float32 output of this name and rank, or undefined. */
export function floatMismatch(
  outputs: readonly TensorInfo[],
  name: string,
  rank: number,
): string | undefined {
  const found = tensorOf(outputs, name);
  if (found === undefined) return `there is no output '${name}'`;
  return isFloat(found, rank) ? undefined : `the output '${name}' is not float32 of rank ${rank}`;
}

/** Why an axis of an output has another length, or undefined. @param axis - from the front, or negative from the end */
export function axisMismatch(
  outputs: readonly TensorInfo[],
  name: string,
  axis: number,
  length: number,
): string | undefined {
  const found = tensorOf(outputs, name)?.shape.at(axis);
  return admits(found, length) ? undefined : `the output '${name}' has ${found}, but ${length} is expected`;
}

/**
 * An output whose every value is a number.
 * @throws NII_MODEL_OUTPUT when it is missing, of another rank, shorter than its shape, or not all numbers
 */
export function numbersOf(outputs: Readonly<Record<string, Tensor>>, name: string, rank: number): Tensor {
  const tensor = outputs[name];
  if (tensor === undefined) throw unusable(`the output '${name}' is missing`);
  const { shape, data } = tensor;
  const length = shape.reduce((product, axis) => product * axis, 1);
  if (shape.length !== rank || data.length !== length)
    throw unusable(`the output '${name}' is [${shape.join(', ')}] with ${data.length} values`);
  if (!data.every(Number.isFinite))
    throw unusable(`the output '${name}' contains values that are not numbers`);
  return tensor;
}

/** The output of a model cannot be used. */
export function unusable(detail: string): NiiError {
  return new NiiError('NII_MODEL_OUTPUT', detail);
}

export function sigmoid(value: number): number {
  return 1 / (1 + Math.exp(-value));
}

/** Sums to one; the largest value is taken off first, so that nothing overflows. */
export function softmax(values: readonly number[]): readonly number[] {
  const most = Math.max(...values);
  const powers = values.map((value) => Math.exp(value - most));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}
