import { type AnomalyMap, adapterFor, besideOf, type Fingerprint } from './adapter.ts';
import { isMap, readMap } from './anomaly-map.ts';
import { axisMismatch, floatMismatch, imageMismatch, onlyImage } from './tensors.ts';

interface Range {
  readonly threshold: number;
  readonly minimum: number;
  readonly maximum: number;
}

/**
 * anomalib 0.x and 1.x: one input `input`, one map `output`, and `metadata.json` beside it with the threshold and the
 * range of the map. In 0.x it also names the transform: mean and std go into `input` of model.json.
 */
export const anomalib1 = adapterFor({
  name: 'anomalib-1',
  task: 'anomaly',

  identify(file: Fingerprint) {
    const [only, ...others] = file.outputs;
    if (onlyImage(file)?.name !== 'input' || others.length > 0 || only?.name !== 'output') return undefined;
    if (!isMap(only)) return undefined;
    const normalise = rangeOf(besideOf(file, 'metadata.json'));
    return normalise === undefined ? { map: only.name } : { map: only.name, normalise };
  },

  mismatch(signature, { map }, manifest) {
    return (
      imageMismatch(signature, manifest) ??
      floatMismatch(signature.outputs, map, 4) ??
      axisMismatch(signature.outputs, map, 1, 1)
    );
  },

  read(outputs, { map, normalise }, size): AnomalyMap {
    const read = readMap(outputs, map, size);
    return normalise === undefined
      ? read
      : { ...read, map: read.map.map((value) => scaled(value, normalise)) };
  },
});

/** The same as anomalib's `normalize_min_max`: the threshold becomes 0.5. */
function scaled(value: number, { threshold, minimum, maximum }: Range): number {
  return Math.min(1, Math.max(0, (value - threshold) / (maximum - minimum) + 0.5));
}

/** 0.x and 1.0 write `min` and `max`, later 1.x `anomaly_maps.min` and `anomaly_maps.max`. */
function rangeOf(metadata: Readonly<Record<string, unknown>>): Range | undefined {
  const threshold = metadata.pixel_threshold;
  const minimum = metadata['anomaly_maps.min'] ?? metadata.min;
  const maximum = metadata['anomaly_maps.max'] ?? metadata.max;
  if (typeof threshold !== 'number' || typeof minimum !== 'number' || typeof maximum !== 'number')
    return undefined;
  return maximum > minimum ? { threshold, minimum, maximum } : undefined;
}
