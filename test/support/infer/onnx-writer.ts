/**
 * Writes small ONNX models (onnx.proto3 of ONNX 1.17; field numbers beside each message), so that tests need no
 * other language to make one.
 */
type Bytes = readonly number[];

export type Axis = number | string;
export interface ValueInfo {
  readonly name: string;
  readonly type: number;
  readonly shape?: readonly Axis[];
}
export interface Node {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, number | readonly number[] | Graph>>;
  readonly domain?: string;
}
interface Constant {
  readonly name: string;
  readonly type: number;
  readonly dims: readonly number[];
  readonly values: readonly number[];
  /** Another file that its numbers are said to be in. */
  readonly external?: string;
}
export interface Graph {
  readonly nodes: readonly Node[];
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly constants?: readonly Constant[];
}

export const FLOAT = 1;
export const INT64 = 7;
export const BOOL = 9;

/** What stands beside the graph. */
export interface Head {
  readonly metadata?: Readonly<Record<string, string>>;
  readonly producer?: string;
  /** Version of each domain of operators; ONNX's own is 13 unless given. */
  readonly opsets?: Readonly<Record<string, number>>;
}

/** ModelProto: ir_version 1, producer_name 2, graph 7, opset_import 8, metadata_props 14. */
export function onnxModel(graph: Graph, { metadata = {}, producer, opsets = {} }: Head = {}): Uint8Array {
  return Uint8Array.from([
    ...varintField(1, 8),
    ...(producer === undefined ? [] : text(2, producer)),
    ...Object.entries({ '': 13, ...opsets }).flatMap(([domain, version]) =>
      message(8, [...(domain === '' ? [] : text(1, domain)), ...varintField(2, version)]),
    ),
    ...message(7, graphProto(graph)),
    ...Object.entries(metadata).flatMap(([key, value]) => message(14, [...text(1, key), ...text(2, value)])),
  ]);
}

/** GraphProto: node 1, name 2, initializer 5, input 11, output 12. */
function graphProto({ nodes, inputs, outputs, constants = [] }: Graph): Bytes {
  return [
    ...nodes.flatMap((node) => message(1, nodeProto(node))),
    ...text(2, 'graph'),
    ...constants.flatMap((constant) => message(5, tensorProto(constant))),
    ...inputs.flatMap((value) => message(11, valueInfo(value))),
    ...outputs.flatMap((value) => message(12, valueInfo(value))),
  ];
}

/** NodeProto: input 1, output 2, op_type 4, attribute 5, domain 7. */
function nodeProto({ op, inputs, outputs, attributes = {}, domain }: Node): Bytes {
  return [
    ...inputs.flatMap((name) => text(1, name)),
    ...outputs.flatMap((name) => text(2, name)),
    ...text(4, op),
    ...(domain === undefined ? [] : text(7, domain)),
    ...Object.entries(attributes).flatMap(([name, value]) => message(5, attribute(name, value))),
  ];
}

/** AttributeProto: name 1, i 3, g 6, ints 8, type 20 (INT 2, GRAPH 5, INTS 7). */
function attribute(name: string, value: number | readonly number[] | Graph): Bytes {
  if (typeof value === 'number') return [...text(1, name), ...varintField(3, value), ...varintField(20, 2)];
  if ('nodes' in value) return [...text(1, name), ...message(6, graphProto(value)), ...varintField(20, 5)];
  return [...text(1, name), ...value.flatMap((entry) => varintField(8, entry)), ...varintField(20, 7)];
}

/** TensorProto: dims 1, data_type 2, name 8, raw_data 9 (little-endian), external_data 13, data_location 14. */
function tensorProto({ name, type, dims, values, external }: Constant): Bytes {
  const raw =
    type === FLOAT
      ? new Float32Array(values)
      : type === INT64
        ? new BigInt64Array(values.map(BigInt))
        : new Uint8Array(values);
  return [
    ...dims.flatMap((dim) => varintField(1, dim)),
    ...varintField(2, type),
    ...text(8, name),
    ...(external === undefined
      ? message(9, [...new Uint8Array(raw.buffer)])
      : [...message(13, [...text(1, 'location'), ...text(2, external)]), ...varintField(14, 1)]),
  ];
}

/** ValueInfoProto: name 1, type 2 { tensor_type 1 { elem_type 1, shape 2 { dim 1 { dim_value 1, dim_param 2 } } } }. */
function valueInfo({ name, type, shape }: ValueInfo): Bytes {
  const dims = (shape ?? []).flatMap((axis) =>
    message(1, typeof axis === 'number' ? varintField(1, axis) : text(2, axis)),
  );
  const tensor = [...varintField(1, type), ...(shape === undefined ? [] : message(2, dims))];
  return [...text(1, name), ...message(2, message(1, tensor))];
}

function text(field: number, value: string): Bytes {
  return message(field, [...new TextEncoder().encode(value)]);
}

function message(field: number, body: Bytes): Bytes {
  return [...varint((field << 3) | 2), ...varint(body.length), ...body];
}

function varintField(field: number, value: number): Bytes {
  return [...varint(field << 3), ...varint(value)];
}

function varint(value: number): Bytes {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  return [...bytes, rest];
}
