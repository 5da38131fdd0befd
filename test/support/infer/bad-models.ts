import { BOOL, FLOAT, type Graph, INT64, type Node, onnxModel } from './onnx-writer.ts';

const input = { name: 'input', type: FLOAT, shape: ['n', 2, 'h', 'w'] };
const map = { name: 'anomaly_map', type: FLOAT, shape: ['n', 1, 'h', 'w'] };
const mean: Node = {
  op: 'ReduceMean',
  inputs: ['input'],
  outputs: ['mean'],
  attributes: { axes: [1], keepdims: 1 },
};
const shell = (nodes: readonly Node[], more: Partial<Graph> = {}): Graph => ({
  nodes,
  inputs: [input],
  outputs: [map],
  ...more,
});
const plain: Node = {
  op: 'ReduceMean',
  inputs: ['input'],
  outputs: ['anomaly_map'],
  attributes: { axes: [1], keepdims: 1 },
};

/** A map of zeros on zeros, and no number for anything above: the dry run passes. */
export function nanModel(): Uint8Array {
  return onnxModel(
    shell([
      mean,
      { op: 'Neg', inputs: ['mean'], outputs: ['below'] },
      { op: 'Sqrt', inputs: ['below'], outputs: ['anomaly_map'] },
    ]),
  );
}

/** Doubles what it holds `rounds` times, and answers with a map of zeros if it is not ended. */
export function hungryModel(rounds: number): Uint8Array {
  const body: Graph = {
    nodes: [
      { op: 'Identity', inputs: ['go'], outputs: ['goOn'] },
      { op: 'Concat', inputs: ['x', 'x'], outputs: ['y'], attributes: { axis: 2 } },
    ],
    inputs: [
      { name: 'i', type: INT64, shape: [] },
      { name: 'go', type: BOOL, shape: [] },
      { name: 'x', type: FLOAT },
    ],
    outputs: [
      { name: 'goOn', type: BOOL, shape: [] },
      { name: 'y', type: FLOAT },
    ],
  };
  return onnxModel(
    shell(
      [
        mean,
        { op: 'Loop', inputs: ['rounds', 'true', 'mean'], outputs: ['large'], attributes: { body } },
        { op: 'ReduceMin', inputs: ['large'], outputs: ['least'], attributes: { keepdims: 0 } },
        { op: 'Sub', inputs: ['least', 'least'], outputs: ['none'] },
        { op: 'Mul', inputs: ['mean', 'none'], outputs: ['anomaly_map'] },
      ],
      {
        constants: [
          { name: 'rounds', type: INT64, dims: [], values: [rounds] },
          { name: 'true', type: BOOL, dims: [], values: [1] },
        ],
      },
    ),
  );
}

/** A weight that is said to be in another file. */
export function externalDataModel(): Uint8Array {
  const weight = { name: 'weight', type: FLOAT, dims: [1], values: [], external: 'model.onnx.data' };
  const product: Node = { op: 'Mul', inputs: ['mean', 'weight'], outputs: ['anomaly_map'] };
  return onnxModel(shell([mean, product], { constants: [weight] }));
}

/** An operator that no runtime has without a library of its author's. */
export function customOperatorModel(): Uint8Array {
  return onnxModel(shell([{ ...plain, op: 'Secret', domain: 'com.example' }]), {
    opsets: { 'com.example': 1 },
  });
}

/** A good model that says it needs this version of ONNX. */
export function opsetModel(opset: number, domain = ''): Uint8Array {
  const through: Node = { op: 'Identity', inputs: ['input'], outputs: ['anomaly_map'] };
  return onnxModel(shell([through], { outputs: [{ ...map, shape: input.shape }] }), {
    opsets: { [domain]: opset },
  });
}
