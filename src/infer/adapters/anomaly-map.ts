import { NiiError } from '../../core/errors.ts';
import type { Tensor, TensorInfo } from '../../core/ports/inference.ts';
import type { ModelManifest } from '../manifest.ts';
import type { AnomalyMap, OutputAdapter, Signature } from './adapter.ts';

/**
 * Anomaly models: a map as large as the input, N x 1 x H x W, and perhaps one score an image, N.
 * anomalib from 2.0 on names them anomaly_map and pred_score and may add pred_label and pred_mask, which are not
 * read: they are the same map behind a threshold, and ours is in the package (anomalib 2.5 `export_mixin`).
 */
export const anomalyMap: OutputAdapter = {
  name: 'anomaly-map',
  task: 'anomaly',

  mismatch({ inputs, outputs }: Signature, { input, output, shape }: ModelManifest): string | undefined {
    const image = inputs[0];
    if (image === undefined || inputs.length !== 1) return 'one input is expected';
    if (!isFloat(image, 4)) return `the input '${image.name}' is not float32 of rank 4`;
    if (image.name !== input.name) return `the input is '${image.name}', the package says '${input.name}'`;
    if (!admits(image.shape[1], input.channels.length)) return 'the input has another number of channels';
    return sizeMismatch(image, shape) ?? mapMismatch(outputs, output) ?? scoreMismatch(outputs, output);
  },

  read(outputs, { output }, size): AnomalyMap {
    const map = outputs[output.map];
    if (map === undefined) throw failed(`the output '${output.map}' is missing`);
    if (!isMapOf(map, size))
      throw failed(`the map is [${map.shape.join(', ')}] for ${size.rows} x ${size.columns}`);
    if (!map.data.every(Number.isFinite)) throw failed('the map holds values that are not numbers');
    return { kind: 'anomaly-map', ...size, map: map.data };
  },
};

function sizeMismatch({ shape: declared }: TensorInfo, shape: ModelManifest['shape']): string | undefined {
  const fixed = declared.slice(2).some((axis) => typeof axis === 'number' && axis > 0);
  if (shape.kind === 'buckets')
    return fixed ? 'the input has a fixed size; the shape must be tiles' : undefined;
  const fits = admits(declared[2], shape.height) && admits(declared[3], shape.width);
  return fits ? undefined : 'the input has another size than the tiles';
}

function mapMismatch(outputs: readonly TensorInfo[], { map }: ModelManifest['output']): string | undefined {
  const found = outputs.find(({ name }) => name === map);
  if (found === undefined) return `there is no output '${map}'`;
  if (!isFloat(found, 4)) return `the output '${map}' is not float32 of rank 4`;
  return admits(found.shape[1], 1) ? undefined : `the output '${map}' has more than one channel`;
}

function scoreMismatch(
  outputs: readonly TensorInfo[],
  { score }: ModelManifest['output'],
): string | undefined {
  if (score === undefined) return undefined;
  const found = outputs.find(({ name }) => name === score);
  if (found === undefined) return `there is no output '${score}'`;
  const isScore = found.type === 'float32' && found.shape.length <= 2;
  return isScore ? undefined : `the output '${score}' is not one float32 an image`;
}

function isFloat({ type, shape }: TensorInfo, rank: number): boolean {
  return type === 'float32' && shape.length === rank;
}

/** A free axis (a name, or 0 and less as some runtimes write it) takes any length. */
function admits(axis: number | string | undefined, length: number): boolean {
  return typeof axis !== 'number' || axis <= 0 || axis === length;
}

function isMapOf({ shape, data }: Tensor, { rows, columns }: { rows: number; columns: number }): boolean {
  const [n, channels, height, width] = shape;
  const dimensions = shape.length === 4 && n === 1 && channels === 1 && height === rows && width === columns;
  return dimensions && data.length === rows * columns;
}

function failed(detail: string): NiiError {
  return new NiiError('NII_MODEL_FAILED', detail);
}
