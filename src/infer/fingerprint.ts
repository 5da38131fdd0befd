import { NiiError } from '../core/errors.ts';
import type { LoadedModel, TensorInfo } from '../core/ports/inference.ts';
import type { Fingerprint, OutputAdapter, Said, Signature, Size } from './adapters/adapter.ts';
import { anomalib1 } from './adapters/anomalib-1.ts';
import { anomalyMap } from './adapters/anomaly-map.ts';
import { classifier } from './adapters/classifier.ts';
import { detrBoxes, detrLogits } from './adapters/detr.ts';
import type { ModelOutput } from './adapters/output-forms.ts';
import { score } from './adapters/score.ts';
import { torchvision } from './adapters/torchvision.ts';
import { yoloEndToEnd } from './adapters/ultralytics/end-to-end.ts';
import { rtDetr } from './adapters/ultralytics/rt-detr.ts';
import { yolo5 } from './adapters/ultralytics/yolo-5.ts';
import { yolo8 } from './adapters/ultralytics/yolo-8.ts';
import { bucketFloor, invalidModel, type ModelJson, type ModelManifest } from './manifest.ts';

/**
 * Every family of exports that is read; a new one is one entry here and one file in adapters/. A file goes to the first
 * that knows it: those with names of their own come before those that any file might have.
 */
export const outputAdapters: readonly OutputAdapter[] = [
  yoloEndToEnd,
  yolo8,
  yolo5,
  rtDetr,
  detrBoxes,
  detrLogits,
  torchvision,
  anomalib1,
  anomalyMap,
  score,
  classifier,
];

/**
 * Recognises a loaded model and runs it once on zeros, so that a model which cannot run is rejected when it is
 * installed and not at the first scan.
 * @throws NII_MODEL_UNKNOWN with the list of tensors; NII_MODEL_INVALID when the package names another task;
 *   NII_MODEL_OUTPUT when the dry run gives no usable result, and what the runner throws
 */
export async function checkModel(
  loaded: LoadedModel,
  { manifest }: { readonly manifest: ModelManifest },
  timeoutMs: number,
): Promise<Said> {
  const adapter = recognise(loaded, manifest);
  const size = smallestInput(manifest.shape);
  const channels = manifest.input.channels.length;
  const shape = [1, channels, size.rows, size.columns];
  const zeros = { shape, data: new Float32Array(channels * size.rows * size.columns) };
  const outputs = await loaded.run(adapter.feed(zeros, manifest), timeoutMs);
  return adapter.read(outputs, manifest, size);
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

/** How a file is read, by its own signature alone. */
export interface Identified {
  readonly adapter: OutputAdapter;
  readonly output: ModelOutput;
}

/**
 * The first family that knows the file. @param where - names the file in the message
 * @throws NII_MODEL_UNKNOWN with the list of tensors, and what is missing where a family is near
 */
export function identify(file: Fingerprint, where: string): Identified {
  const missing: string[] = [];
  for (const adapter of outputAdapters) {
    const output = adapter.identify(file);
    if (typeof output === 'object') return { adapter, output };
    if (output !== undefined && !missing.includes(output)) missing.push(output);
  }
  const why = missing.length === 0 ? 'no adapter knows these tensors' : missing.join('; ');
  throw unknownModel(where, why, file);
}

/** The package with its output: that of model.json, or else of the file. @throws NII_MODEL_UNKNOWN */
export function withOutput(json: ModelJson, file: Fingerprint): ModelManifest {
  const { output, ...rest } = json;
  return { ...rest, output: output ?? identify(file, `${json.id}/${json.version}`).output };
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
export function smallestInput(shape: ModelManifest['shape']): Size {
  if (shape.kind !== 'buckets') return { rows: shape.height, columns: shape.width };
  const side = bucketFloor(shape);
  return { rows: side, columns: side };
}
