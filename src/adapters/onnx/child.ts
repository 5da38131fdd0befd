import { InferenceSession, Tensor } from 'onnxruntime-node';

/**
 * The process in which one model lives. It loads the file it is told to, says which tensors it has, then answers
 * one run after the other. It ends with its parent's channel.
 */

/** What the parent sends first. */
export interface StartMessage {
  readonly file: string;
  readonly threads: number;
}

export interface TensorMessage {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export interface RunMessage {
  readonly run: number;
  readonly input: Readonly<Record<string, TensorMessage>>;
}

export interface TensorDeclaration {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly (number | string)[];
}

export type ChildMessage =
  | { readonly kind: 'ready'; readonly inputs: TensorDeclaration[]; readonly outputs: TensorDeclaration[] }
  | { readonly kind: 'refused'; readonly detail: string }
  | { readonly kind: 'result'; readonly run: number; readonly output: Record<string, TensorMessage> }
  | { readonly kind: 'failed'; readonly run: number; readonly detail: string };

process.once('message', (message: StartMessage) => void start(message));
// A signal to the whole group is for the service: it lets the run end, or ends it by disconnecting
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});
process.once('disconnect', () => process.exit(0));

async function start({ file, threads }: StartMessage): Promise<void> {
  try {
    const session = await InferenceSession.create(file, {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      // A plan of memory is kept for every shape that is met, and never given back (decisions/0004).
      enableMemPattern: false,
      // The runtime's warnings would end up in the service's log as bare lines.
      logSeverityLevel: 3,
    });
    process.on('message', (message: RunMessage) => void answer(session, message));
    const inputs = session.inputMetadata.map(declare);
    send({ kind: 'ready', inputs, outputs: session.outputMetadata.map(declare) });
  } catch (error) {
    send({ kind: 'refused', detail: describe(error) });
    process.disconnect();
  }
}

async function answer(session: InferenceSession, { run, input }: RunMessage): Promise<void> {
  try {
    const feeds = Object.entries(input).map(([name, { data, shape }]) => [
      name,
      new Tensor('float32', data, shape),
    ]);
    const results = await session.run(Object.fromEntries(feeds));
    const output = Object.entries(results).map(([name, value]) => [name, toMessage(name, value)]);
    send({ kind: 'result', run, output: Object.fromEntries(output) });
  } catch (error) {
    send({ kind: 'failed', run, detail: describe(error) });
  }
}

function declare(value: InferenceSession.ValueMetadata): TensorDeclaration {
  if (!value.isTensor) return { name: value.name, type: 'not a tensor', shape: [] };
  return { name: value.name, type: value.type, shape: [...value.shape] };
}

function toMessage(name: string, { type, dims, data }: Tensor): TensorMessage {
  return { shape: [...dims], data: toFloats(name, type, data) };
}

/** Labels and flags become floats where that loses nothing; anything else is refused, never rounded. */
function toFloats(name: string, type: string, data: Tensor['data']): Float32Array {
  if (data instanceof Float32Array) return data;
  if (type === 'float16' || type === 'string' || Array.isArray(data)) {
    throw new Error(`output '${name}' is of type ${type}, which is not read`);
  }
  const exact = Float64Array.from(data as ArrayLike<number | bigint>, Number);
  const floats = Float32Array.from(exact);
  if (!exact.every((value, i) => value === floats[i])) {
    throw new Error(`output '${name}' has ${type} values that a float32 cannot hold`);
  }
  return floats;
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function send(message: ChildMessage): void {
  process.send?.(message);
}
