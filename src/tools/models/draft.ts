import { NiiError } from '../../core/errors.ts';
import type { TensorInfo } from '../../core/ports/inference.ts';
import type { Fingerprint } from '../../infer/adapters/adapter.ts';
import { inputSizeOf } from '../../infer/adapters/ultralytics/exporter-metadata.ts';
import { describeTensors, type Identified } from '../../infer/fingerprint.ts';
import type { ModelManifest } from '../../infer/manifest.ts';

type Channels = ModelManifest['input']['channels'];

const MOST_CHANNELS = 16;
const MOST_SIDE = 16_384;
/** Of a model of free size. */
const buckets = { kind: 'buckets', multipleOf: 32, minimum: 256, maximumPixels: 4_000_000 } as const;

/**
 * A manifest to begin with for a model that has none: what its tensors say, and for the rest what is usual. Its author
 * decides on pitch, units, thresholds and reference.
 * @throws NII_MODEL_UNKNOWN for an input that no scan can fill
 */
export function draftManifest(
  name: string,
  sha256: string,
  file: Fingerprint,
  { adapter, output }: Identified,
): ModelManifest {
  const image = file.inputs.find(({ type }) => type === 'float32');
  if (image === undefined) throw unusable(name, file, 'there is no float32 input');
  const [channels] = image.shape.slice(-3);
  const count = typeof channels === 'number' && channels > 0 ? channels : 1;
  if (count > MOST_CHANNELS)
    throw unusable(name, file, `${count} channels are too many: the form is N x channels x height x width`);
  return {
    schemaVersion: '1.1',
    id: 'draft',
    version: '0',
    title: name,
    task: adapter.task,
    file: name,
    sha256,
    licence: file.metadata.license ?? 'not stated',
    input: {
      name: image.name,
      channels: channelsOf(count),
      units: 'transmission',
      pitchMm: 10,
      pad: 1,
      invalid: 'neighbour-mean',
    },
    shape: shapeOf(name, image, file, adapter.task),
    output,
    thresholds: { map: 0.5, score: 0.5 },
    reference: { population: 'none yet', count: 1, scores: [0] },
  };
}

/** One: of any energy; two: both energies; more: the same image in each. */
function channelsOf(count: number): Channels {
  const of = (energy: Channels[number]['energy']) => ({ kind: 'transmission' as const, energy });
  return count === 2 ? [of('high'), of('low')] : Array.from({ length: count }, () => of('any'));
}

function shapeOf(
  name: string,
  image: TensorInfo,
  file: Fingerprint,
  task: ModelManifest['task'],
): ModelManifest['shape'] {
  const exported = inputSizeOf(file);
  const [rows, columns] = image.shape.slice(-2);
  const height = sideOf(rows) ?? exported?.rows;
  const width = sideOf(columns) ?? exported?.columns;
  const size = { height: height ?? width ?? 0, width: width ?? height ?? 0 };
  if (size.height === 0) return buckets;
  if (Math.max(size.height, size.width) > MOST_SIDE) throw unusable(name, file, 'the input is too large');
  if (task === 'classification') return { kind: 'whole', ...size, fit: 'letterbox' };
  return { kind: 'tiles', ...size, overlap: Math.floor(Math.min(size.height, size.width) / 8) };
}

function sideOf(axis: number | string | undefined): number | undefined {
  return typeof axis === 'number' && axis > 0 ? axis : undefined;
}

function unusable(name: string, file: Fingerprint, why: string): NiiError {
  return new NiiError('NII_MODEL_UNKNOWN', `${name}: ${why}; the model has ${describeTensors(file)}`);
}
