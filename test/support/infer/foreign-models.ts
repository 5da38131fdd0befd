import { type Axis, FLOAT, INT64, type Node, onnxModel } from './onnx-writer.ts';

/** A tensor by name and shape; a name in place of a size is a size that the model leaves open. */
type Tensors = Readonly<Record<string, readonly Axis[]>>;

/** What a model of others takes and gives: the kinds of published models that somebody might install here. */
export interface Signature {
  readonly kind: string;
  readonly inputs: Tensors;
  readonly outputs: Tensors;
}

export const foreignSignatures: readonly Signature[] = [
  {
    kind: 'a backbone of three feature maps, of open size',
    inputs: { image: ['n', 3, 'h', 'w'] },
    outputs: {
      block_2_add: ['n', 24, 'a', 'b'],
      block_5_add: ['n', 32, 'c', 'd'],
      block_12_add: ['n', 96, 'e', 'f'],
    },
  },
  {
    kind: 'a backbone of one size, colours last',
    inputs: { 'input_image_with_alpha:0': [1, 320, 320, 4] },
    outputs: { feat_s4: [1, 24, 80, 80], feat_s8: [1, 32, 40, 40], feat_s16: [1, 64, 20, 20] },
  },
  {
    kind: 'a detector of lines, its map with colours last',
    inputs: { 'input_image_with_alpha:0': [1, 320, 320, 4] },
    outputs: { offsets: [1, 160, 160, 4], scores: [1, 160, 160, 1] },
  },
  {
    kind: 'a detector of boxes with anchors',
    inputs: { input_1: ['n', 3, 256, 256] },
    outputs: {
      classes_softmax: ['n', 6825, 2],
      bboxes_concat: ['n', 6825, 4],
      anchors_concat: ['n', 6825, 4],
    },
  },
  { kind: 'a classifier of five', inputs: { input_1: ['n', 3, 128, 128] }, outputs: { dense: ['n', 5] } },
  {
    kind: 'a heat map of open size',
    inputs: { x: ['n', 3, 'h', 'w'] },
    outputs: { 'sigmoid_0.tmp_0': ['n', 1, 'h', 'w'] },
  },
  {
    kind: 'a reader of text',
    inputs: { x: ['n', 3, 48, 'w'] },
    outputs: { 'softmax_11.tmp_0': ['n', 't', 6625] },
  },
  {
    kind: 'a classifier of a thousand',
    inputs: { 'gpu_0/data_0': [1, 3, 224, 224] },
    outputs: { 'gpu_0/softmax_1': [1, 1000] },
  },
  {
    kind: 'a classifier whose classes have two more axes',
    inputs: { data_0: [1, 3, 224, 224] },
    outputs: { softmaxout_1: [1, 1000, 1, 1] },
  },
];

/** A model with this signature: each output holds the mean of the first input, everywhere. */
export function modelWith({ inputs, outputs }: Signature): Uint8Array {
  const [[first, axes] = ['', []]] = Object.entries(inputs);
  const mean: Node = {
    op: 'ReduceMean',
    inputs: [first],
    outputs: ['mean'],
    attributes: { axes: axes.map((_, axis) => axis), keepdims: 0 },
  };
  const none: Node = { op: 'Mul', inputs: ['mean', 'zero'], outputs: ['none'] };
  const given = Object.entries(outputs);
  return onnxModel({
    nodes: [mean, none, ...given.flatMap(([name]) => spread(name))],
    inputs: infosOf(inputs),
    outputs: infosOf(outputs),
    constants: [
      { name: 'zero', type: FLOAT, dims: [], values: [0] },
      ...given.map(([name, shape]) => ({
        name: `${name} sizes`,
        type: FLOAT,
        dims: [shape.length],
        values: shape.map((axis) => (typeof axis === 'number' ? axis : 1)),
      })),
    ],
  });
}

/** Sizes that depend on the input, by nothing: those of a constant would close what the signature leaves open. */
function spread(name: string): readonly Node[] {
  return [
    { op: 'Add', inputs: [`${name} sizes`, 'none'], outputs: [`${name} sums`] },
    { op: 'Cast', inputs: [`${name} sums`], outputs: [`${name} shape`], attributes: { to: INT64 } },
    { op: 'Expand', inputs: ['mean', `${name} shape`], outputs: [name] },
  ];
}

function infosOf(tensors: Tensors) {
  return Object.entries(tensors).map(([name, shape]) => ({ name, type: FLOAT, shape }));
}
