import { env, InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { NiiError } from '../../core/errors.ts';
import type { Tensor, TensorInfo } from '../../core/ports/inference.ts';
import { answerParent } from '../../runtime/children/answer-parent.ts';
import { structuredEncoding } from '../../runtime/children/encoding.ts';
import type { Declarations, ModelOutput, ModelTask } from './model-task.ts';

/** The process in which one model lives: it loads the file, says which tensors it has, then does one run after the other. */

// It looks for processors of graphics, which a contained process may not see, and warns of that at each start
env.logLevel = 'error';

let session: InferenceSession | undefined;
let modelFile = '';

async function load({ file, threads }: Extract<ModelTask, { kind: 'load' }>): Promise<Declarations> {
  modelFile = file;
  try {
    session = await InferenceSession.create(file, {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      // A plan of memory is kept for every shape that is met, and never given back (decisions/0004).
      enableMemPattern: false,
      // The runtime's warnings would end up in the service's log as bare lines.
      logSeverityLevel: 3,
    });
    return { inputs: session.inputMetadata.map(declare), outputs: session.outputMetadata.map(declare) };
  } catch (error) {
    throw new NiiError('NII_MODEL_INVALID', `The runtime cannot load the model: ${publicText(error)}`);
  }
}

async function run({ input }: Extract<ModelTask, { kind: 'run' }>): Promise<ModelOutput> {
  if (session === undefined) throw new NiiError('NII_MODEL_FAILED', 'The model has not been loaded');
  try {
    const types = new Map(
      session.inputMetadata.map((value) => [value.name, value.isTensor ? value.type : '']),
    );
    const feeds = Object.entries(input).map(([name, tensor]) => [name, fromTensor(tensor, types.get(name))]);
    const results = await session.run(Object.fromEntries(feeds));
    return Object.fromEntries(Object.entries(results).map(([name, value]) => [name, toTensor(name, value)]));
  } catch (error) {
    throw new NiiError('NII_MODEL_FAILED', `The run failed: ${publicText(error)}`);
  }
}

function declare(value: InferenceSession.ValueMetadata): TensorInfo {
  if (!value.isTensor) return { name: value.name, type: 'not a tensor', shape: [] };
  return { name: value.name, type: value.type, shape: [...value.shape] };
}

/** Sizes of an image go in as whole numbers where the model wants those. */
function fromTensor({ data, shape }: Tensor, type: string | undefined): OrtTensor {
  if (type === 'int64')
    return new OrtTensor(
      'int64',
      BigInt64Array.from(data, (value) => BigInt(Math.round(value))),
      shape,
    );
  return new OrtTensor('float32', data, shape);
}

function toTensor(name: string, { type, dims, data }: OrtTensor): Tensor {
  return { shape: [...dims], data: toFloats(name, type, data) };
}

/** Labels and flags become floats where that loses nothing; anything else is rejected, never rounded. */
function toFloats(name: string, type: string, data: OrtTensor['data']): Float32Array {
  if (data instanceof Float32Array) return data;
  if (type === 'float16' || type === 'string' || Array.isArray(data)) {
    throw new Error(`output '${name}' has the unsupported type ${type}`);
  }
  const exact = Float64Array.from(data as ArrayLike<number | bigint>, Number);
  const floats = Float32Array.from(exact);
  if (!exact.every((value, i) => value === floats[i])) {
    throw new Error(`output '${name}' has ${type} values that a float32 cannot hold`);
  }
  return floats;
}

/** What the runtime says, without the path of the file. */
function publicText(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replaceAll(modelFile, 'the model').slice(0, 500);
}

answerParent((task) => {
  const asked = task as ModelTask; // our own parent sends it
  return asked.kind === 'load' ? load(asked) : run(asked);
}, structuredEncoding);
