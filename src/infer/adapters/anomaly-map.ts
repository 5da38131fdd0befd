import type { TensorInfo } from '../../core/ports/inference.ts';
import { type AnomalyMap, adapterFor, type Fingerprint, type Size } from './adapter.ts';
import {
  admits,
  axisMismatch,
  floatMismatch,
  imageMismatch,
  isFloat,
  numbersOf,
  onlyImage,
  unusable,
} from './tensors.ts';

/**
 * Anomaly models: a map as large as the input, N x 1 x H x W, and perhaps one score an image, N.
 * anomalib from 2.0 on names them anomaly_map and pred_score and may add pred_label and pred_mask, which are not
 * read: they are the same map behind a threshold, and ours is in the package (anomalib 2.5 `export_mixin`).
 * Any other single map is a plain heat map.
 */
export const anomalyMap = adapterFor({
  name: 'anomaly-map',
  task: 'anomaly',

  identify(file: Fingerprint) {
    if (onlyImage(file) === undefined) return undefined;
    const { outputs } = file;
    const named = outputs.find(({ name }) => name === 'anomaly_map');
    const [only, ...others] = outputs;
    const map = named ?? (others.length === 0 ? only : undefined);
    if (!isMap(map)) return undefined;
    const score = named === undefined ? undefined : outputs.find(({ name }) => name === 'pred_score');
    return score?.type === 'float32' ? { map: map.name, score: score.name } : { map: map.name };
  },

  mismatch(signature, { map, score }, manifest) {
    return (
      imageMismatch(signature, manifest) ??
      floatMismatch(signature.outputs, map, 4) ??
      (axisMismatch(signature.outputs, map, 1, 1) === undefined
        ? undefined
        : `the output '${map}' has more than one channel`) ??
      scoreMismatch(signature.outputs, score)
    );
  },

  read: (outputs, { map }, size): AnomalyMap => readMap(outputs, map, size),
});

/** A declared output that may be a map: N x 1 x H x W. */
export function isMap(tensor: TensorInfo | undefined): tensor is TensorInfo {
  return (
    isFloat(tensor, 4) && admits(tensor.shape[1], 1) && !tensor.shape.slice(2).every((axis) => axis === 1)
  );
}

/** @throws NII_MODEL_OUTPUT when the map is not as large as the input, or not all numbers */
export function readMap(outputs: Parameters<typeof numbersOf>[0], name: string, size: Size): AnomalyMap {
  const { shape, data } = numbersOf(outputs, name, 4);
  const [n, channels, height, width] = shape;
  if (n !== 1 || channels !== 1 || height !== size.rows || width !== size.columns)
    throw unusable(`the map is [${shape.join(', ')}] for ${size.rows} x ${size.columns}`);
  return { kind: 'anomaly-map', ...size, map: data };
}

function scoreMismatch(outputs: readonly TensorInfo[], score: string | undefined): string | undefined {
  if (score === undefined) return undefined;
  const found = outputs.find(({ name }) => name === score);
  if (found === undefined) return `there is no output '${score}'`;
  const isScore = found.type === 'float32' && found.shape.length <= 2;
  return isScore ? undefined : `the output '${score}' is not one float32 per image`;
}
