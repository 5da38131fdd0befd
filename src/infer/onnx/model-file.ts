import { type GraphFacts, readFunctions, readGraph, textOf } from './graph.ts';
import { fieldsOf } from './protobuf.ts';

/** What an ONNX file says of itself, without the numbers inside. The runtime does not show most of it. */
export interface OnnxFile extends GraphFacts {
  readonly producer: string;
  readonly producerVersion: string;
  /** Version of each domain of operators; '' is ONNX's own. */
  readonly opsets: Readonly<Record<string, number>>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Written by the exporters of the world; a longer list is no description. */
const MOST_METADATA = 1024;
const MOST_DOMAINS = 256;

/**
 * Reads the head of a model and walks its graph without the weights.
 * ModelProto of onnx.proto3 (ONNX 1.17): producer_name 2, producer_version 3, graph 7, opset_import 8,
 * metadata_props 14, functions 25.
 * @throws NII_TRUNCATED, NII_MALFORMED
 */
export function readOnnx(bytes: Uint8Array, name: string): OnnxFile {
  const head = { producer: '', producerVersion: '' };
  const opsets = new Map<string, number>();
  const metadata = new Map<string, string>();
  const functions: Uint8Array[] = [];
  let graph: Uint8Array = new Uint8Array();
  for (const field of fieldsOf(bytes, name)) {
    if (field.kind !== 'bytes') continue;
    if (field.number === 2) head.producer = textOf(field.bytes);
    else if (field.number === 3) head.producerVersion = textOf(field.bytes);
    else if (field.number === 7) graph = field.bytes;
    else if (field.number === 8 && opsets.size < MOST_DOMAINS) addOpset(opsets, field.bytes, name);
    else if (field.number === 14 && metadata.size < MOST_METADATA) addPair(metadata, field.bytes, name);
    else if (field.number === 25) functions.push(field.bytes);
  }
  const local = readFunctions(functions, name);
  return {
    ...head,
    opsets: Object.fromEntries(opsets),
    metadata: Object.fromEntries(metadata),
    ...readGraph(graph, local, name),
  };
}

/** OperatorSetIdProto: domain 1, version 2. */
function addOpset(opsets: Map<string, number>, bytes: Uint8Array, name: string): void {
  let domain = '';
  let version = 0;
  for (const field of fieldsOf(bytes, name)) {
    if (field.number === 1 && field.kind === 'bytes') domain = textOf(field.bytes);
    if (field.number === 2 && field.kind === 'varint') version = field.value;
  }
  opsets.set(domain === 'ai.onnx' ? '' : domain, version);
}

/** StringStringEntryProto: key 1, value 2. */
function addPair(pairs: Map<string, string>, bytes: Uint8Array, name: string): void {
  let key = '';
  let value = '';
  for (const field of fieldsOf(bytes, name)) {
    if (field.kind !== 'bytes') continue;
    if (field.number === 1) key = textOf(field.bytes);
    if (field.number === 2) value = textOf(field.bytes);
  }
  pairs.set(key, value);
}
