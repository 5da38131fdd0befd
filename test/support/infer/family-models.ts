import type { ModelJson } from '../../../src/infer/manifest.ts';
import { type Axis, FLOAT, INT64, type Node, onnxModel, type ValueInfo } from './onnx-writer.ts';

/** What is found at one place of the input, in its pixels. */
export interface Place {
  readonly label: string;
  readonly score: number;
  readonly rows: readonly [number, number];
  readonly columns: readonly [number, number];
}

/** A model with the signature of one family of exports, and what it says of an input of 64 x 64. */
export interface FamilyModel {
  readonly family: string;
  readonly adapter: string;
  readonly task: ModelJson['task'];
  readonly file: Uint8Array;
  readonly inputName: string;
  readonly channels: number;
  /** Files that the exporter writes beside it. */
  readonly beside?: Readonly<Record<string, unknown>>;
  /** Of detectors. */
  readonly places?: readonly Place[];
  /** Of classifiers: the highest class. */
  readonly image?: { readonly label: string; readonly score: number };
}

export const SIDE = 64;
const LABELS = ['weapon', "driver's cab"] as const;
const NAMES = `{0: 'weapon', 1: "driver's cab"}`;

/** All numbers are exact in binary, so that nothing is rounded on the way. */
const places: readonly Place[] = [
  { label: LABELS[0], score: 0.875, rows: [16, 48], columns: [8, 40] },
  { label: LABELS[1], score: 0.625, rows: [4, 20], columns: [44, 60] },
];
/** The first object once more, a pixel beside, and weaker: what a detector without suppression says too. */
const twin: Place = { label: LABELS[0], score: 0.75, rows: [16, 48], columns: [9, 41] };
const noise: Place = { label: LABELS[1], score: 2 ** -12, rows: [0, 8], columns: [0, 8] };
const dense = [noise, ...places, twin];
const once = [...places, noise];

interface Output {
  readonly name: string;
  readonly type?: number;
  readonly shape: readonly Axis[];
  readonly dims: readonly number[];
  readonly values: readonly number[];
}

/** A model whose outputs are always the same. */
function constantModel(
  inputs: readonly ValueInfo[],
  outputs: readonly Output[],
  metadata: Readonly<Record<string, string>> = {},
  last = 'Identity',
): Uint8Array {
  return onnxModel(
    {
      nodes: outputs.map(({ name }) => ({
        op: last,
        inputs: [`${name} values`],
        outputs: [name],
        ...(last === 'Softmax' ? { attributes: { axis: 1 } } : {}),
      })),
      inputs,
      outputs: outputs.map(({ name, type = FLOAT, shape }) => ({ name, type, shape })),
      constants: outputs.map(({ name, type = FLOAT, dims, values }) => ({
        name: `${name} values`,
        type,
        dims,
        values,
      })),
    },
    { metadata, producer: 'pytorch' },
  );
}

const image = (name: string, channels = 3): ValueInfo => ({
  name,
  type: FLOAT,
  shape: [1, channels, SIDE, SIDE],
});
const ultralytics = (more: Readonly<Record<string, string>> = {}) => ({
  description: 'Ultralytics model',
  license: 'AGPL-3.0 License (https://ultralytics.com/license)',
  task: 'detect',
  stride: '32',
  batch: '1',
  imgsz: `[${SIDE}, ${SIDE}]`,
  names: NAMES,
  ...more,
});

const centred = ({ rows, columns }: Place) => [
  (columns[0] + columns[1]) / 2,
  (rows[0] + rows[1]) / 2,
  columns[1] - columns[0],
  rows[1] - rows[0],
];
const cornered = ({ rows, columns }: Place) => [columns[0], rows[0], columns[1], rows[1]];
const classOf = ({ label }: Place) => (label === LABELS[0] ? 0 : 1);
const perClass = (place: Place) => [0, 1].map((index) => (index === classOf(place) ? place.score : 0));
const parts = (values: readonly number[]) => values.map((value) => value / SIDE);

/** One tensor with the values of each box behind one another, or of each value. */
function boxesOutput(
  rows: readonly (readonly number[])[],
  order: 'rows' | 'values',
  name = 'output0',
): Output {
  const width = rows[0]?.length ?? 0;
  const byValue = Array.from({ length: width }, (_, i) => rows.map((row) => row[i] ?? 0)).flat();
  const dims = order === 'rows' ? [1, rows.length, width] : [1, width, rows.length];
  return { name, shape: dims, dims, values: order === 'rows' ? rows.flat() : byValue };
}

const detector = (
  family: string,
  adapter: string,
  file: Uint8Array,
  more: Partial<FamilyModel> = {},
): FamilyModel => ({
  family,
  adapter,
  task: 'detection',
  file,
  inputName: 'images',
  channels: 3,
  places,
  ...more,
});

const yolo5Rows = dense.map((place) => [...centred(place), 1, ...perClass(place)]);
const yolo8Rows = dense.map((place) => [...centred(place), ...perClass(place)]);
const endRows = once.map((place) => [...cornered(place), place.score, classOf(place)]);
const detrRows = once.map((place) => [...parts(centred(place)), ...perClass(place)]);
const three = (batch: readonly number[], names: readonly [string, string, string]): readonly Output[] => {
  const [boxes, classes, scores] = names;
  const dims = [...batch, once.length];
  return [
    { name: boxes, shape: [...dims, 4], dims: [...dims, 4], values: once.flatMap(cornered) },
    { name: classes, type: INT64, shape: dims, dims, values: once.map(classOf) },
    { name: scores, shape: dims, dims, values: once.map(({ score }) => score) },
  ];
};
/** RT-DETR of three classes: with two its tensors are those of an end-to-end head. */
const threeNames = `{0: 'weapon', 1: "driver's cab", 2: 'other'}`;
const logit = (score: number) => (score === 0 ? -20 : Math.log(score / (1 - score)));
const raw = [
  { name: 'logits', shape: [1, 3, 2], dims: [1, 3, 2], values: once.flatMap(perClass).map(logit) },
  {
    name: 'pred_boxes',
    shape: [1, 3, 4],
    dims: [1, 3, 4],
    values: once.flatMap((one) => parts(centred(one))),
  },
];
const id2label = Object.fromEntries(LABELS.map((label, i) => [String(i), label]));
/** Softmax over two classes and no object gives the score back. */
const rawWithNone = once.flatMap((place) =>
  [...perClass(place), 1 - place.score].map((p) => Math.log(Math.max(p, 1e-9))),
);

const detectors: readonly FamilyModel[] = [
  detector(
    'YOLOv5',
    'yolo-5',
    constantModel([image('images')], [boxesOutput(yolo5Rows, 'rows')], { stride: '32', names: NAMES }),
  ),
  detector(
    'YOLOv8, 11',
    'yolo-8',
    constantModel([image('images')], [boxesOutput(yolo8Rows, 'values')], ultralytics()),
  ),
  detector(
    'YOLOv10, 26',
    'yolo-end-to-end',
    constantModel([image('images')], [boxesOutput(endRows, 'rows')], ultralytics({ end2end: 'True' })),
  ),
  detector(
    'YOLO with suppression inside',
    'yolo-end-to-end',
    constantModel(
      [image('images')],
      [boxesOutput(endRows, 'rows')],
      ultralytics({ args: "{'batch': 1, 'nms': True}" }),
    ),
  ),
  detector(
    'RT-DETR of Ultralytics',
    'rt-detr',
    constantModel(
      [image('images')],
      [
        boxesOutput(
          detrRows.map((row) => [...row, 0]),
          'rows',
        ),
      ],
      ultralytics({ names: threeNames }),
    ),
  ),
  detector(
    'RT-DETR and D-FINE',
    'detr-boxes',
    constantModel(
      [image('images'), { name: 'orig_target_sizes', type: INT64, shape: [1, 2] }],
      three([1], ['boxes', 'labels', 'scores']),
    ),
    { places: places.map((place) => ({ ...place, label: `class ${classOf(place)}` })) },
  ),
  detector('optimum, sigmoid', 'detr-logits', constantModel([image('pixel_values')], raw), {
    inputName: 'pixel_values',
    beside: { 'config.json': { model_type: 'd_fine', id2label } },
  }),
  detector(
    'optimum, softmax',
    'detr-logits',
    constantModel(
      [image('pixel_values')],
      [{ name: 'logits', shape: [1, 3, 3], dims: [1, 3, 3], values: rawWithNone }, ...raw.slice(1)],
    ),
    { inputName: 'pixel_values', beside: { 'config.json': { model_type: 'detr', id2label } } },
  ),
  detector(
    'torchvision',
    'torchvision',
    constantModel(
      [{ name: 'image', type: FLOAT, shape: [3, SIDE, SIDE] }],
      three([], ['4471', '4468', '4469']),
    ),
    { inputName: 'image', places: places.map((place) => ({ ...place, label: `class ${classOf(place)}` })) },
  ),
];

const mean = (input: string): Node => ({
  op: 'ReduceMean',
  inputs: [input],
  outputs: ['mean'],
  attributes: { axes: [1], keepdims: 1 },
});
const inverted = (output: string): Node => ({ op: 'Sub', inputs: ['one', 'mean'], outputs: [output] });
const one = { name: 'one', type: FLOAT, dims: [1], values: [1] };
const highest = (from: string, to: string): Node => ({
  op: 'ReduceMax',
  inputs: [from],
  outputs: [to],
  attributes: { axes: [1, 2, 3], keepdims: 0 },
});

/** How little passes, as a map or as its highest value. */
function opacity(input: ValueInfo, outputs: { readonly map?: string; readonly score?: string }): Uint8Array {
  const { map = 'hidden map', score } = outputs;
  return onnxModel({
    nodes: [mean(input.name), inverted(map), ...(score === undefined ? [] : [highest(map, score)])],
    inputs: [input],
    outputs: [
      ...(outputs.map === undefined ? [] : [{ name: map, type: FLOAT, shape: ['n', 1, 'h', 'w'] }]),
      ...(score === undefined ? [] : [{ name: score, type: FLOAT, shape: ['n'] }]),
    ],
    constants: [one],
  });
}

const maps: readonly FamilyModel[] = [
  {
    family: 'anomalib 2.x',
    adapter: 'anomaly-map',
    task: 'anomaly',
    file: opacity(image('input'), { map: 'anomaly_map', score: 'pred_score' }),
    inputName: 'input',
    channels: 3,
  },
  {
    family: 'anomalib 1.x',
    adapter: 'anomalib-1',
    task: 'anomaly',
    file: opacity(image('input'), { map: 'output' }),
    inputName: 'input',
    channels: 3,
    beside: {
      'metadata.json': {
        task: 'segmentation',
        pixel_threshold: 0.5,
        'anomaly_maps.min': 0,
        'anomaly_maps.max': 1,
      },
    },
  },
  {
    family: 'anomalib 0.x',
    adapter: 'anomalib-1',
    task: 'anomaly',
    file: opacity(image('input'), { map: 'output' }),
    inputName: 'input',
    channels: 3,
    beside: {
      'metadata.json': { transform: {}, image_threshold: 0.4, pixel_threshold: 0.5, min: 0, max: 1 },
    },
  },
  {
    family: 'heat map',
    adapter: 'anomaly-map',
    task: 'anomaly',
    file: opacity(image('x', 1), { map: 'sigmoid_0.tmp_0' }),
    inputName: 'x',
    channels: 1,
  },
];

const scored: readonly FamilyModel[] = [
  {
    family: 'score',
    adapter: 'score',
    task: 'anomaly',
    file: opacity(image('input', 2), { score: 'pred_score' }),
    inputName: 'input',
    channels: 2,
    image: { label: 'anomaly', score: 0.75 },
  },
  {
    family: 'classifier',
    adapter: 'classifier',
    task: 'classification',
    file: constantModel(
      [image('input_1', 1)],
      [{ name: 'dense', shape: ['n', 4], dims: [1, 4], values: [0, Math.log(5), 0, 0] }],
      {},
      'Softmax',
    ),
    inputName: 'input_1',
    channels: 1,
    image: { label: 'class 1', score: 0.625 },
  },
  {
    family: 'classifier of Ultralytics',
    adapter: 'classifier',
    task: 'classification',
    file: constantModel(
      [image('images')],
      [{ name: 'output0', shape: [1, 2], dims: [1, 2], values: [Math.log(7), 0] }],
      ultralytics({ task: 'classify' }),
      'Softmax',
    ),
    inputName: 'images',
    channels: 3,
    image: { label: LABELS[0], score: 0.875 },
  },
];

/** One model a family of exports, or two where the family has two forms. */
export const familyModels: readonly FamilyModel[] = [...detectors, ...maps, ...scored];
