import type { TensorInfo } from '../../../core/ports/inference.ts';
import type { ModelManifest } from '../../manifest.ts';
import type { Fingerprint, Signature } from '../adapter.ts';
import { floatMismatch, imageMismatch, isFloat, onlyImage, tensorOf } from '../tensors.ts';
import { namesOf, taskOf } from './exporter-metadata.ts';

/** Masks of segmentation have this many factors behind the classes; they are not read. */
const MASK_FACTORS = 32;

/** A file of Ultralytics whose first output holds boxes, with the names of its classes. */
interface BoxFile {
  readonly boxes: TensorInfo;
  readonly names: readonly string[];
  /** Values a box after those of the classes. */
  readonly besides: number;
}

/** Undefined for a file of others; a text where its task is not read. */
export function boxFile(file: Fingerprint): BoxFile | string | undefined {
  const [boxes] = file.outputs;
  const names = namesOf(file);
  if (onlyImage(file)?.name !== 'images' || names === undefined || !isFloat(boxes, 3)) return undefined;
  const task = taskOf(file);
  if (task === 'classify') return undefined;
  if (task !== undefined && task !== 'detect' && task !== 'segment')
    return `the Ultralytics task '${task}' is not supported; use detect, segment or classify`;
  const masks = file.outputs[1];
  const hasMasks = isFloat(masks, 4) && masks.shape[1] === MASK_FACTORS;
  return { boxes, names, besides: hasMasks ? MASK_FACTORS : 0 };
}

/** Whether an axis has this many values a box, with those of masks or without. */
export function holds(axis: number | string | undefined, values: number, besides: number): boolean {
  return axis === values + besides;
}

/** How many classes stand after the first values of an axis. @param labels - of the package; all the rest without them */
export function classesAfter(first: number, axis: number, labels: readonly string[] | undefined): number {
  return Math.max(0, labels?.length ?? axis - first);
}

/**
 * Why these tensors are no detector of one output, or undefined.
 * @param axis - the one that holds the values of a box; `first` of them come before its classes
 */
export function boxMismatch(
  signature: Signature,
  { boxes, labels }: { readonly boxes: string; readonly labels?: readonly string[] },
  manifest: ModelManifest,
  { axis, first }: { readonly axis: 1 | 2; readonly first: number },
): string | undefined {
  const values = tensorOf(signature.outputs, boxes)?.shape[axis];
  const isShort = typeof values === 'number' && values > 0 && values < first + (labels?.length ?? 1);
  return (
    imageMismatch(signature, manifest) ??
    floatMismatch(signature.outputs, boxes, 3) ??
    (isShort ? `the output '${boxes}' has ${values} values per box, too few for the classes` : undefined)
  );
}
