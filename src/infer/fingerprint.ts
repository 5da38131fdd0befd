import { NiiError } from '../core/errors.ts';
import type { LoadedModel, TensorInfo } from '../core/ports/inference.ts';
import type { OutputAdapter, Signature } from './adapters/adapter.ts';
import { anomalyMap } from './adapters/anomaly-map.ts';
import { bucketFloor, invalidModel, type ModelManifest } from './manifest.ts';
import type { ModelPackage } from './packages.ts';

/** Every family of exports that is read; a new one is one entry here and one file in adapters/. */
const outputAdapters: readonly OutputAdapter[] = [anomalyMap];

/**
 * Recognises a loaded model and runs it once on zeros, so that a model which cannot run is rejected when it is
 * installed and not at the first scan.
 * @throws NII_MODEL_UNKNOWN with the list of tensors; NII_MODEL_INVALID when the package names another task;
 *   NII_MODEL_FAILED when the dry run gives no usable result
 */
export async function checkModel(
  loaded: LoadedModel,
  { manifest }: Pick<ModelPackage, 'manifest'>,
  timeoutMs: number,
): Promise<void> {
  const adapter = recognise(loaded, manifest);
  const { rows, columns } = smallestInput(manifest.shape);
  const channels = manifest.input.channels.length;
  const zeros = { shape: [1, channels, rows, columns], data: new Float32Array(channels * rows * columns) };
  const outputs = await loaded.run({ [manifest.input.name]: zeros }, timeoutMs);
  adapter.read(outputs, manifest, { rows, columns });
}

/** The adapter that a package names. */
export function adapterOf({
  id,
  version,
  output,
}: Pick<ModelManifest, 'id' | 'version' | 'output'>): OutputAdapter {
  const adapter = outputAdapters.find(({ name }) => name === output.adapter);
  if (adapter === undefined)
    throw invalidModel(`${id}/${version}`, `there is no adapter '${output.adapter}'`);
  return adapter;
}

/** The adapter that the package names, if the tensors are of its family. Never a guess. */
export function recognise(signature: Signature, manifest: ModelManifest): OutputAdapter {
  const where = `${manifest.id}/${manifest.version}`;
  const adapter = adapterOf(manifest);
  if (adapter.task !== manifest.task) {
    throw invalidModel(
      where,
      `task is '${manifest.task}', adapter '${adapter.name}' reads '${adapter.task}'`,
    );
  }
  const mismatch = adapter.mismatch(signature, manifest);
  if (mismatch !== undefined) throw unknownModel(where, mismatch, signature);
  return adapter;
}

/** Inputs and outputs in one line: `input float32[n,2,h,w] -> anomaly_map float32[n,1,h,w]`. */
export function describeTensors({ inputs, outputs }: Signature): string {
  return `${inputs.map(describe).join('; ')} -> ${outputs.map(describe).join('; ')}`;
}

function describe({ name, type, shape }: TensorInfo): string {
  return `${name} ${type}[${shape.join(',')}]`;
}

function unknownModel(where: string, why: string, signature: Signature): NiiError {
  return new NiiError('NII_MODEL_UNKNOWN', `${where}: ${why}; the model has ${describeTensors(signature)}`);
}

/** The smallest image that goes in, in pixels of the model. */
export function smallestInput(shape: ModelManifest['shape']): {
  readonly rows: number;
  readonly columns: number;
} {
  if (shape.kind === 'tiles') return { rows: shape.height, columns: shape.width };
  const side = bucketFloor(shape);
  return { rows: side, columns: side };
}
