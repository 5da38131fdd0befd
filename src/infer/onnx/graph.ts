import { NiiError } from '../../core/errors.ts';
import type { TensorInfo } from '../../core/ports/inference.ts';
import { type Field, fieldsOf } from './protobuf.ts';

export interface GraphFacts {
  /** Without those that have a value in the file. */
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  /** Tensors whose numbers are in another file; the first of them. */
  readonly externalTensors: readonly string[];
  /** Operators of domains that the runtime does not have, as `domain.Operator`; the first of them. */
  readonly foreignOperators: readonly string[];
  /** What makes each output: the last operator that changes values, not only their places. */
  readonly lastOperators: Readonly<Record<string, string>>;
}

/** Domains that the runtime holds itself: ONNX, its classical models, and the runtime's own additions. */
const runtimeDomains: ReadonlySet<string> = new Set(['', 'ai.onnx', 'ai.onnx.ml', 'com.microsoft']);
/** Loops and branches hold graphs of their own. */
const DEPTH_CEILING = 32;
/** So many of each are named in a message. */
const MOST_NAMED = 8;

/** Names of tensor types as the runtime writes them; the numbers are those of TensorProto.DataType. */
const typeNames: Readonly<Record<number, string>> = {
  1: 'float32',
  2: 'uint8',
  3: 'int8',
  4: 'uint16',
  5: 'int16',
  6: 'int32',
  7: 'int64',
  8: 'string',
  9: 'bool',
  10: 'float16',
  11: 'float64',
  12: 'uint32',
  13: 'uint64',
  16: 'bfloat16',
};

/** Operators that keep values as they are. */
const placesOnly: ReadonlySet<string> = new Set([
  'Identity',
  'Flatten',
  'Reshape',
  'Squeeze',
  'Unsqueeze',
  'Transpose',
  'Cast',
]);

interface Walk {
  readonly name: string;
  /** Functions that the file defines itself, as `domain.Operator`. */
  readonly local: ReadonlySet<string>;
  readonly external: string[];
  readonly foreign: Set<string>;
}

interface Functions {
  readonly names: ReadonlySet<string>;
  readonly bodies: readonly Uint8Array[];
}

/** FunctionProto: name 1, domain 10. */
export function readFunctions(bodies: readonly Uint8Array[], name: string): Functions {
  const names = bodies.map((body) => {
    const texts = textsOf(body, [1, 10], name);
    return `${texts.get(10) ?? ''}.${texts.get(1) ?? ''}`;
  });
  return { names: new Set(names), bodies };
}

/**
 * Walks a graph, those inside it and the file's own functions. Weights are skipped.
 * GraphProto: node 1, initializer 5, input 11, output 12, sparse_initializer 15. FunctionProto: node 7.
 * @throws NII_TRUNCATED, NII_MALFORMED; NII_LIMIT_DEPTH for graphs inside graphs inside graphs
 */
export function readGraph(graph: Uint8Array, functions: Functions, name: string): GraphFacts {
  const walk: Walk = { name, local: functions.names, external: [], foreign: new Set() };
  for (const body of functions.bodies)
    for (const field of fieldsOf(body, name)) if (field.number === 7) walkNode(walk, bytesOf(field), 1);
  walkGraph(walk, graph, 0);
  const known = new Set<string>();
  const makers = new Map<string, Maker>();
  const inputs: TensorInfo[] = [];
  const outputs: TensorInfo[] = [];
  for (const field of fieldsOf(graph, name)) {
    const bytes = bytesOf(field);
    if (field.number === 1) noteMaker(makers, bytes, name);
    if (field.number === 5) known.add(textsOf(bytes, [8], name).get(8) ?? '');
    if (field.number === 11) inputs.push(readValueInfo(bytes, name));
    if (field.number === 12) outputs.push(readValueInfo(bytes, name));
  }
  return {
    inputs: inputs.filter((input) => !known.has(input.name)),
    outputs,
    externalTensors: walk.external.slice(0, MOST_NAMED),
    foreignOperators: [...walk.foreign].slice(0, MOST_NAMED),
    lastOperators: Object.fromEntries(
      outputs.map((output) => [output.name, lastOperator(makers, output.name)]),
    ),
  };
}

function walkGraph(walk: Walk, graph: Uint8Array, depth: number): void {
  if (depth > DEPTH_CEILING)
    throw new NiiError(
      'NII_LIMIT_DEPTH',
      `${walk.name}: more than ${DEPTH_CEILING} graphs inside one another`,
    );
  for (const field of fieldsOf(graph, walk.name)) {
    if (field.number === 1) walkNode(walk, bytesOf(field), depth + 1);
    if (field.number === 5) noteExternal(walk, bytesOf(field));
    if (field.number === 15) walkSparse(walk, bytesOf(field));
  }
}

/** NodeProto: op_type 4, attribute 5, domain 7. */
function walkNode(walk: Walk, node: Uint8Array, depth: number): void {
  const texts = textsOf(node, [4, 7], walk.name);
  const domain = texts.get(7) ?? '';
  const operator = `${domain}.${texts.get(4) ?? ''}`;
  if (!runtimeDomains.has(domain) && !walk.local.has(operator)) walk.foreign.add(operator);
  for (const field of fieldsOf(node, walk.name))
    if (field.number === 5) walkAttribute(walk, bytesOf(field), depth);
}

/** AttributeProto: t 5, g 6, tensors 10, graphs 11, sparse_tensor 22, sparse_tensors 23. */
function walkAttribute(walk: Walk, attribute: Uint8Array, depth: number): void {
  for (const field of fieldsOf(attribute, walk.name)) {
    if (field.kind !== 'bytes') continue;
    if (field.number === 5 || field.number === 10) noteExternal(walk, field.bytes);
    if (field.number === 6 || field.number === 11) walkGraph(walk, field.bytes, depth);
    if (field.number === 22 || field.number === 23) walkSparse(walk, field.bytes);
  }
}

/** SparseTensorProto: values 1, indices 2. */
function walkSparse(walk: Walk, sparse: Uint8Array): void {
  for (const field of fieldsOf(sparse, walk.name))
    if (field.number === 1 || field.number === 2) noteExternal(walk, bytesOf(field));
}

/** TensorProto: name 8, external_data 13, data_location 14 with EXTERNAL = 1. */
function noteExternal(walk: Walk, tensor: Uint8Array): void {
  let name = '';
  let isExternal = false;
  for (const field of fieldsOf(tensor, walk.name)) {
    if (field.number === 8) name = textOf(bytesOf(field));
    if (field.number === 13 || (field.number === 14 && field.kind === 'varint' && field.value !== 0))
      isExternal = true;
  }
  if (isExternal) walk.external.push(name);
}

interface Maker {
  readonly operator: string;
  readonly input: string;
}

/** NodeProto: input 1, output 2, op_type 4. */
function noteMaker(makers: Map<string, Maker>, node: Uint8Array, name: string): void {
  let operator = '';
  let input: string | undefined;
  const outputs: string[] = [];
  for (const field of fieldsOf(node, name)) {
    if (field.number === 1) input ??= textOf(bytesOf(field));
    if (field.number === 2) outputs.push(textOf(bytesOf(field)));
    if (field.number === 4) operator = textOf(bytesOf(field));
  }
  for (const output of outputs) makers.set(output, { operator, input: input ?? '' });
}

/** Goes back over operators that keep values; each step takes one of them away, so it ends. */
function lastOperator(makers: Map<string, Maker>, output: string): string {
  let maker = makers.get(output);
  for (let steps = makers.size; maker !== undefined && placesOnly.has(maker.operator) && steps > 0; steps--) {
    const before = makers.get(maker.input);
    if (before === undefined) break;
    maker = before;
  }
  return maker?.operator ?? '';
}

/** ValueInfoProto: name 1, type 2. TypeProto: tensor_type 1. TypeProto.Tensor: elem_type 1, shape 2. */
function readValueInfo(bytes: Uint8Array, name: string): TensorInfo {
  const tensor = messageAt(messageAt(bytes, 2, name), 1, name);
  let type = 'not a tensor';
  let shape: readonly (number | string)[] = [];
  for (const field of fieldsOf(tensor, name)) {
    if (field.number === 1 && field.kind === 'varint') type = typeNames[field.value] ?? `type ${field.value}`;
    if (field.number === 2) shape = readShape(bytesOf(field), name);
  }
  return { name: textsOf(bytes, [1], name).get(1) ?? '', type, shape };
}

/** TensorShapeProto: dim 1, of it dim_value 1, dim_param 2. An axis without either is free. */
function readShape(bytes: Uint8Array, name: string): readonly (number | string)[] {
  const axes: (number | string)[] = [];
  for (const field of fieldsOf(bytes, name)) {
    if (field.number !== 1) continue;
    let axis: number | string = '?';
    for (const part of fieldsOf(bytesOf(field), name)) {
      if (part.number === 1 && part.kind === 'varint') axis = part.value;
      if (part.number === 2 && part.kind === 'bytes') axis = textOf(part.bytes);
    }
    axes.push(axis);
  }
  return axes;
}

/** The last field of a number, as protobuf has it; nothing where it is absent. */
function messageAt(bytes: Uint8Array, number: number, name: string): Uint8Array {
  let found: Uint8Array = new Uint8Array();
  for (const field of fieldsOf(bytes, name)) if (field.number === number) found = bytesOf(field);
  return found;
}

function textsOf(bytes: Uint8Array, numbers: readonly number[], name: string): ReadonlyMap<number, string> {
  const texts = new Map<number, string>();
  for (const field of fieldsOf(bytes, name)) {
    if (field.kind === 'bytes' && numbers.includes(field.number))
      texts.set(field.number, textOf(field.bytes));
  }
  return texts;
}

function bytesOf(field: Field): Uint8Array {
  return field.kind === 'bytes' ? field.bytes : new Uint8Array();
}

/** UTF-8; bytes that are not become the replacement character. */
export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}
